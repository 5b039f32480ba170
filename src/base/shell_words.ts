/**
 * An argument vector as one line of POSIX shell text, and back.
 * The quoting is the one that recorded `command` fields have, byte for byte:
 * bare words, then single quotes, then double quotes, in chunks where no one
 * style fits. Splitting expands nothing; it only undoes quoting.
 */

const BARE = /^[A-Za-z0-9+\-./:@\]_]$/;
/** `\` and `^` are kept out of single quotes because some shells read them there. */
const NOT_IN_SINGLE = /^['^\\]$/;
const NOT_IN_DOUBLE = /^[`$!^]$/;

interface Styles {
  readonly bare: boolean;
  readonly single: boolean;
  readonly double: boolean;
}

function stylesOf(character: string): Styles {
  return {
    bare: BARE.test(character),
    single: !NOT_IN_SINGLE.test(character),
    double: !NOT_IN_DOUBLE.test(character),
  };
}

/** The longest start of `characters` that one quoting style can hold, quoted in that style. */
function quoteChunk(characters: readonly string[]): { readonly length: number; readonly text: string } {
  let styles: Styles = { bare: true, single: true, double: true };
  let length = 0;
  if (characters[0] === "^") {
    styles = { bare: false, single: true, double: false };
    length = 1;
  }
  while (length < characters.length) {
    const next = stylesOf(characters[length] ?? "");
    const both = {
      bare: styles.bare && next.bare,
      single: styles.single && next.single,
      double: styles.double && next.double,
    };
    if (!both.bare && !both.single && !both.double) break;
    styles = both;
    length++;
  }
  const raw = characters.slice(0, length).join("");
  if (styles.bare) return { length, text: raw };
  if (styles.single) return { length, text: `'${raw}'` };
  return { length, text: `"${raw.replace(/["\\]/g, "\\$&")}"` };
}

/** One word, quoted so that a POSIX shell reads it back as itself. */
export function quoteShellWord(word: string): string {
  if (word === "") return "''";
  let characters = [...word];
  let quoted = "";
  while (characters.length > 0) {
    const chunk = quoteChunk(characters);
    quoted += chunk.text;
    characters = characters.slice(chunk.length);
  }
  return quoted;
}

/** The line that a person would type to run `words`. */
export function joinShellWords(words: readonly string[]): string {
  return words.map(quoteShellWord).join(" ");
}

/**
 * The words of `line`, or null when a quote or a backslash is left open.
 * Operators and expansions are ordinary characters here.
 */
export function splitShellWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at++);
    if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === "'") {
      const end = line.indexOf("'", at);
      if (end === -1) return null;
      word = (word ?? "") + line.slice(at, end);
      at = end + 1;
    } else if (character === '"') {
      const inner = readDoubleQuoted(line, at);
      if (inner === null) return null;
      word = (word ?? "") + inner.text;
      at = inner.next;
    } else if (character === "\\") {
      if (at >= line.length) return null;
      const escaped = line.charAt(at++);
      word = (word ?? "") + (escaped === "\n" ? "" : escaped);
    } else {
      word = (word ?? "") + character;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

/** Inside double quotes a backslash escapes only these (POSIX 2.2.3). */
function readDoubleQuoted(line: string, start: number): { readonly text: string; readonly next: number } | null {
  let text = "";
  for (let at = start; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') return { text, next: at + 1 };
    const following = line.charAt(at + 1);
    if (character === "\\" && following !== "" && '$`"\\\n'.includes(following)) {
      if (following !== "\n") text += following;
      at++;
    } else {
      text += character;
    }
  }
  return null;
}
