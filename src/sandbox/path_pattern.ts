// Patterns of paths, as in `/ws/**/*.env`: `*` and `?` stay within one name, `[ab]` is one character of a set (`[!ab]` of
// the others), `{a,b}` either, and `**` as a whole name any number of folders. Names that begin with a dot are names
// like any other. Pure.
import { isAbsolutePath, normalizePath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";

export interface PathPattern {
  readonly text: string;
  /** The folder that all matches lie below: the names before the first one with a sign in it. */
  readonly base: string;
  /** Finds matches in any depth below `base` whatever the folders are called. */
  readonly isAnyDepth: boolean;
  /** Matches whole paths. */
  readonly matches: (path: string) => boolean;
}

const SIGNS = /[*?[{]/;
const ANY_FOLDERS = "(?:.*/)?";

/** @throws CodexError CONFIG_INVALID when a bracket or brace has no end, or the pattern is not absolute. */
export function parsePathPattern(text: string): PathPattern {
  if (!isAbsolutePath(text)) throw invalid(text, "it does not start with /");
  const names = normalizePath(text).split("/").slice(1);
  const firstSign = names.findIndex((name) => SIGNS.test(name));
  const fixed = firstSign === -1 ? names.slice(0, -1) : names.slice(0, firstSign);
  let source = "/";
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    if (name === "**") source += isLast ? ".+" : ANY_FOLDERS;
    else source += nameSource(name, text) + (isLast ? "" : "/");
  }
  const expression = new RegExp(`^${source}$`, "su");
  return {
    text,
    base: `/${fixed.join("/")}`,
    isAnyDepth: names[firstSign] === "**" && firstSign === names.length - 2,
    matches: (path) => expression.test(path),
  };
}

function nameSource(name: string, pattern: string): string {
  let source = "";
  let depth = 0;
  const characters = [...name];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[") {
      const end = characters.indexOf("]", at + 2);
      if (end === -1) throw invalid(pattern, '"[" has no "]"');
      source += setSource(characters.slice(at + 1, end));
      at = end;
    } else if (character === "{") {
      depth++;
      source += "(?:";
    } else if (character === "}" && depth > 0) {
      depth--;
      source += ")";
    } else if (character === "," && depth > 0) source += "|";
    else if (character === "\\" && at + 1 < characters.length) source += literal(characters[++at] ?? "");
    else source += literal(character);
  }
  if (depth > 0) throw invalid(pattern, '"{" has no "}"');
  return source;
}

function setSource(characters: readonly string[]): string {
  const isNegated = characters[0] === "!" || characters[0] === "^";
  const members = characters.slice(isNegated ? 1 : 0).map((one) => one === "-" ? "-" : literal(one)).join("");
  return isNegated ? `[^/${members}]` : `[${members}]`;
}

function literal(character: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function invalid(pattern: string, why: string): CodexError {
  return new CodexError("CONFIG_INVALID", `Cannot read the path pattern "${pattern}": ${why}`, {
    hint: "Write an absolute pattern such as /work/**/*.env",
  });
}
