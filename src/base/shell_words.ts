/**
 * An argument vector as one line of POSIX shell text, and back.
 * The quoting is the one that recorded `command` fields have, byte for byte.
 * Splitting expands nothing; it only undoes quoting.
 */

/** The line that a person would type to run `words`: the form in which commands travel on the wire. */
export function joinShellWords(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}

/**
 * The longest start that one kind of quotes can hold, then the rest the same way. Backslash, `^` and `!` are kept out of
 * quotes where some shell would read them.
 */
function quoteWord(word: string): string {
  if (word === "") return "''";
  let quoted = "";
  for (let rest = word; rest !== "";) {
    const lengths = QUOTE_KINDS.map((kind) => kind.holds.exec(rest)?.[0].length ?? 0);
    const longest = Math.max(...lengths);
    const kind = QUOTE_KINDS[lengths.indexOf(longest)];
    if (kind === undefined || longest === 0) throw new RangeError(`Cannot quote a word: ${JSON.stringify(word)}`);
    quoted += kind.quote(rest.slice(0, longest));
    rest = rest.slice(longest);
  }
  return quoted;
}

/** The first of the kinds that hold the most is taken. */
const QUOTE_KINDS: readonly { readonly holds: RegExp; readonly quote: (text: string) => string }[] = [
  { holds: /^[A-Za-z0-9+\-./:@\]_]+/, quote: (text) => text },
  { holds: /^[^'\\][^'\\^]*/, quote: (text) => `'${text}'` },
  { holds: /^[^`$!^]+/, quote: (text) => `"${text.replaceAll(/["\\]/g, "\\$&")}"` },
];

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
