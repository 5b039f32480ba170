// Emphasis for text that people read on a terminal; none where it would be noise: pipes, files, NO_COLOR.

export interface Style {
  strong(text: string): string;
  faint(text: string): string;
}

/** Source: https://no-color.org (set and not empty), and terminals that say they are dumb. */
export function makeStyle(isTerminal: boolean, environment: Readonly<Record<string, string>>): Style {
  const plain = !isTerminal || (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  const wrap = (code: number) => (text: string): string => plain ? text : `\x1b[${code}m${text}\x1b[0m`;
  return { strong: wrap(1), faint: wrap(2) };
}
