// The part of YAML that front matter uses: keys with text, text over several lines, one level of keys below a key.
// More is skipped, not misread. Unlike YAML, text without quotes may hold ": ", which people write in descriptions.

export interface FrontMatter {
  readonly fields: ReadonlyMap<string, FrontMatterValue>;
}

/** Text, or the keys below a key; null for what is not read here (lists and the like). */
export type FrontMatterValue = string | ReadonlyMap<string, string> | null;

/** The front matter between the `---` lines at the start of `text`, or null when there is none. */
export function parseFrontMatter(text: string): FrontMatter | null {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines[0]?.trimEnd() !== "---") return null;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---");
  if (end < 0) return null;
  const fields = new Map<string, FrontMatterValue>();
  for (const { key, inline, below } of readEntries(lines.slice(1, end))) {
    fields.set(key, readValue(inline, below));
  }
  return { fields };
}

interface Entry {
  readonly key: string;
  /** What stands after the colon. */
  readonly inline: string;
  /** The lines further in that follow. */
  readonly below: readonly string[];
}

function readEntries(lines: readonly string[]): Entry[] {
  const entries: { key: string; inline: string; below: string[] }[] = [];
  const margin = lines.find((line) => line.trim() !== "" && !line.trim().startsWith("#"))?.search(/\S/) ?? 0;
  for (const line of lines) {
    const match = line.search(/\S/) === margin
      ? /^\s*("[^"]*"|'[^']*'|[^\s#"'][^:]*?)\s*:(?:\s+(.*)|)$/.exec(line)
      : null;
    if (match !== null) entries.push({ key: unquote(match[1] ?? ""), inline: (match[2] ?? "").trim(), below: [] });
    else entries.at(-1)?.below.push(line);
  }
  return entries;
}

function readValue(inline: string, below: readonly string[]): FrontMatterValue {
  const block = /^([|>])[+-]?\d?[+-]?(?:\s+#.*)?$/.exec(inline);
  if (block !== null) return readBlock(below, block[1] === "|" ? "\n" : " ");
  if (inline !== "" && !inline.startsWith("#")) {
    if (/^[[{&*!]/.test(inline)) return null;
    // Text that goes on in the next lines is joined by spaces.
    return readText([inline, ...below.map((line) => line.trim()).filter((line) => line !== "")].join(" "));
  }
  const nested = below.filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
  if (nested.length === 0) return "";
  if (nested[0]?.trim().startsWith("-")) return null;
  const keys = new Map<string, string>();
  for (const entry of readEntries(nested)) {
    const value = readValue(entry.inline, entry.below);
    if (typeof value === "string") keys.set(entry.key, value);
  }
  return keys;
}

function readBlock(lines: readonly string[], joint: string): string {
  const margin = Math.min(...lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(Number.isFinite(margin) ? margin : 0).trimEnd()).join(joint).trim();
}

function readText(text: string): string {
  if (/^(["']).*\1$/.test(text)) return unquote(text);
  // A comment begins with a space and a hash.
  return text.replace(/\s+#.*$/, "").trim();
}

function unquote(text: string): string {
  if (text.length >= 2 && text.startsWith("'") && text.endsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (text.length >= 2 && text.startsWith('"') && text.endsWith('"')) {
    return text.slice(1, -1).replace(/\\(.)/g, (_, escaped: string) => ESCAPES[escaped] ?? escaped);
  }
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
