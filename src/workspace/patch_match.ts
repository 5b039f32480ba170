/**
 * Finds a patch's hunks in a text and gives the text with them applied. Pure.
 * Lines are looked for exactly first, then without trailing space, then trimmed, then with typographic dashes,
 * quotes and spaces read as plain ones: models retype those. Context lines keep the file's own spelling, so a patch
 * changes no line that it does not mark. Source: recorded results of the reference's patch tool.
 */
import { CodexError } from "../base/errors.ts";
import type { PatchHunk, PatchLine } from "./patch_parse.ts";

/**
 * `text` with every hunk applied in order. The result ends with a newline. Files with CRLF keep it for added lines.
 * @throws CodexError PATCH_INVALID naming the file, the hunk and what was not found
 */
export function applyHunks(text: string, hunks: readonly PatchHunk[], path: string): string {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const usesCrlf = lines.length > 0 && lines.every((line) => line.endsWith("\r"));
  const edits: Edit[] = [];
  // Each hunk is looked for after the one before it, so hunks cannot overlap.
  let from = 0;
  for (const [index, hunk] of hunks.entries()) {
    const edit = findHunk(lines, hunk, { from, path, label: `hunk ${index + 1} of ${hunks.length}` });
    edits.push(edit);
    from = edit.next;
  }
  edits.sort((left, right) => left.start - right.start);

  const result: string[] = [];
  let done = 0;
  for (const edit of edits) {
    for (; done < edit.start; done++) result.push(lines[done] ?? "");
    for (const line of edit.lines) {
      if (line.op === "+") result.push(usesCrlf && !line.text.endsWith("\r") ? `${line.text}\r` : line.text);
      else if (line.op === " ") result.push(lines[done++] ?? line.text);
      else done++;
    }
  }
  for (; done < lines.length; done++) result.push(lines[done] ?? "");
  return result.length === 0 ? "" : `${result.join("\n")}\n`;
}

interface Edit {
  /** Index of the first line that the hunk replaces. */
  readonly start: number;
  readonly lines: readonly PatchLine[];
  /** Where the next hunk is looked for. */
  readonly next: number;
}

function findHunk(
  lines: readonly string[],
  hunk: PatchHunk,
  options: { readonly from: number; readonly path: string; readonly label: string },
): Edit {
  const { path, label } = options;
  let from = options.from;
  if (hunk.context !== null) {
    const at = findSequence(lines, [hunk.context], { from, atEnd: false });
    if (at === null) throw notFound(path, label, `no line after line ${from} reads ${JSON.stringify(hunk.context)}`);
    from = at + 1;
  }
  const wanted = hunk.lines.filter((line) => line.op !== "+").map((line) => line.text);
  if (wanted.length === 0) {
    // Only additions: after the named line, else at the end of the file.
    const start = hunk.context === null || hunk.atEndOfFile ? lines.length : from;
    return { start, lines: hunk.lines, next: from };
  }

  // At the end of the file the named line may be part of the hunk itself.
  const search = hunk.atEndOfFile ? { from: options.from, atEnd: true } : { from, atEnd: false };
  for (let spare = 0;; spare++) {
    const kept = wanted.length - spare;
    const start = findSequence(lines, wanted.slice(0, kept), search);
    if (start !== null) {
      return { start, lines: hunk.lines.slice(0, hunk.lines.length - spare), next: start + kept };
    }
    // Blank lines between two sections of a patch read as empty context lines at its end: try without them.
    const last = hunk.lines.at(-1 - spare);
    if (kept === 1 || last?.op !== " " || last.text !== "") break;
  }
  const where = hunk.atEndOfFile ? "at the end of the file" : `after line ${from}`;
  throw notFound(path, label, `these lines are not there ${where}:\n${wanted.join("\n")}`);
}

function notFound(path: string, label: string, why: string): CodexError {
  return new CodexError("PATCH_INVALID", `Cannot apply ${label} to ${path}: ${why}`);
}

const LOOSENESS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) => plainPunctuation(line.trim()),
];

/** The index where `wanted` stands in `lines`, at or after `from`; the strictest reading wins. */
function findSequence(
  lines: readonly string[],
  wanted: readonly string[],
  options: { readonly from: number; readonly atEnd: boolean },
): number | null {
  const last = lines.length - wanted.length;
  const first = options.atEnd ? Math.max(last, options.from) : options.from;
  for (const read of LOOSENESS) {
    const pattern = wanted.map(read);
    for (let start = first; start <= last; start++) {
      if (pattern.every((line, index) => read(lines[start + index] ?? "") === line)) return start;
    }
  }
  return null;
}

/** Typographic dashes, quotes and spaces as their ASCII kin. */
function plainPunctuation(line: string): string {
  return line
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/[\u2018-\u201B]/g, "'")
    .replace(/[\u201C-\u201F]/g, '"')
    .replace(/[\u00A0\u2002-\u200A\u202F\u205F\u3000]/g, " ");
}
