// Paths and globs as regular expressions in the dialect of Seatbelt (no flags, no `{n}`, no lazy forms). macOS volumes
// usually take `.GIT` for `.git`, so a rule that denies must match every spelling that the file system takes for the same
// name: other case, other Unicode normal form. Pure. More is matched rather than less.

/** Characters that stand for something else outside of brackets. */
const SPECIAL = /[\\^$.|?*+()[\]{}]/;
/** Ends a name: the path itself, and all below it. */
const SELF_OR_BELOW = "(/|$)";
const IN_NAME = "[^/]";
const FOLDERS = "([^/]+/)*";
/** HFS+ passes over invisible characters in names; no byte of those is printable ASCII. */
const INVISIBLE = "[^ -~]*";

export interface PathPattern {
  /** Kept as it is: the rule that this one takes back names it in just this spelling. */
  readonly exactStart?: string;
  /** Invisible characters may stand between the others. */
  readonly invisible?: boolean;
  /** Only the path itself, not what is below. */
  readonly only?: boolean;
}

/** Matches `path` in every spelling, with all below it. */
export function pathRegex(path: string, options: PathPattern = {}): string {
  const start = options.exactStart !== undefined && path.startsWith(options.exactStart) ? options.exactStart : "";
  const gap = options.invisible === true ? INVISIBLE : "";
  const rest = spellings(path.slice(start.length)).map((part) => part === "/" ? `/${gap}` : `${part}${gap}`).join("");
  return `^${quoted(start)}${start === "" ? "" : gap}${rest}${options.only === true ? "$" : SELF_OR_BELOW}`;
}

/** The spellings of each character of a text: `[gG]`, `(é|É|…)`. */
function spellings(text: string): readonly string[] {
  return [...text.normalize("NFC")].map(spellingsOf);
}

function spellingsOf(char: string): string {
  const found = new Set<string>();
  for (const one of [char.toLowerCase(), char.toUpperCase(), char]) {
    for (const form of ["NFC", "NFD"] as const) found.add(one.normalize(form));
  }
  // As they are: a normal form would make the letter itself of one.
  for (const one of FOLDED_TO[char.toLowerCase()] ?? []) found.add(one);
  if (found.size === 1) return quoted(char);
  const all = [...found];
  return all.every(isAsciiLetter) ? `[${all.join("")}]` : `(${all.map(quoted).join("|")})`;
}

/** Letters beyond ASCII that fold to one of it; APFS takes them for that letter. */
const FOLDED_TO: Readonly<Record<string, readonly string[]>> = { k: ["\u212a"], s: ["\u017f"] };

function isAsciiLetter(text: string): boolean {
  return /^[A-Za-z]$/.test(text);
}

function quoted(text: string): string {
  return [...text].map((char) => SPECIAL.test(char) ? `\\${char}` : char).join("");
}

/** Does the name use a sign of the glob language? */
function isGlob(name: string): boolean {
  return /[*?[{\\]/.test(name);
}

/** The folders of a pattern that are named outright: `/ws/**\/*.env` → `/ws`. */
export function staticPrefix(pattern: string): string {
  const parts = pattern.split("/");
  const first = parts.findIndex(isGlob);
  return (first < 0 ? parts : parts.slice(0, first)).join("/") || "/";
}

/**
 * Matches what an absolute glob matches, in every spelling, with all below it; the language is the one of
 * ../path_pattern.ts, which also refuses what is none.
 */
export function globRegex(pattern: string, only = false): string {
  const parts = pattern.split("/").slice(1);
  const body = parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    if (part !== "**") return `${nameRegex(part)}${isLast ? "" : "/"}`;
    return isLast ? `${IN_NAME}+` : FOLDERS;
  });
  return `^/${body.join("")}${only ? "$" : SELF_OR_BELOW}`;
}

function nameRegex(name: string): string {
  let regex = "";
  let depth = 0;
  for (let rest = name.normalize("NFC"); rest !== "";) {
    const list = /^\[([!^]?)([^]+?)\]/u.exec(rest);
    const escaped = /^\\([^])/u.exec(rest);
    const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    rest = rest.slice((list ?? escaped)?.[0].length ?? char.length);
    if (char === "*") regex += `${IN_NAME}*`;
    else if (char === "?") regex += IN_NAME;
    else if (list !== null) regex += listRegex(list[2] ?? "", list[1] !== "");
    else if (char === "{") {
      depth++;
      regex += "(";
    } else if (char === "}" && depth > 0) {
      depth--;
      regex += ")";
    } else if (char === "," && depth > 0) regex += "|";
    else regex += spellingsOf(escaped?.[1] ?? char);
  }
  return regex;
}

/** A list without brackets where they could be misread; of a list that excludes, less is excluded rather than more. */
function listRegex(members: string, excludes: boolean): string {
  const ranges: string[] = [];
  const others: string[] = [];
  for (const [item] of members.matchAll(/[A-Za-z]-[A-Za-z]|[0-9]-[0-9]|./gsu)) {
    if (/^\d(-\d)?$/.test(item) || (excludes && /^[a-z](-[a-z])?$/i.test(item))) ranges.push(item);
    else if (/^[a-z](-[a-z])?$/i.test(item)) ranges.push(...bothCases(item));
    else if (item !== "/") others.push(item);
  }
  if (excludes) return `[^/${ranges.join("")}]`;
  const all = [...(ranges.length === 0 ? [] : [`[${ranges.join("")}]`]), ...others.map(spellingsOf)];
  return all.length === 0 ? IN_NAME : all.length === 1 ? all.join("") : `(${all.join("|")})`;
}

function bothCases(item: string): readonly string[] {
  return item.toLowerCase() === item.toUpperCase() ? [item] : [item.toLowerCase(), item.toUpperCase()];
}

/**
 * The folders on the way to what a glob matches whose renaming would take the match away from it: each start of it that
 * ends in a name. After `**` a folder may have any place, so one that ends in it is none.
 */
export function globAncestors(pattern: string): readonly string[] {
  const parts = pattern.split("/");
  const first = parts.findIndex(isGlob);
  return parts.map((_part, index) => parts.slice(0, index).join("/")).filter((start, index) =>
    index > first && first > 0 && parts[index - 1] !== "**" && start !== ""
  );
}
