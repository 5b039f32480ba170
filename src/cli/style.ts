// Emphasis for text that people read on a terminal; none where it would be noise: pipes, files, NO_COLOR.

export interface Style {
  strong(text: string): string;
  faint(text: string): string;
}

/** Source: https://no-color.org (set and not empty), and terminals that say they are dumb. */
export function hasColour(isTerminal: boolean, environment: Readonly<Record<string, string>>): boolean {
  return isTerminal && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}

export function makeStyle(isTerminal: boolean, environment: Readonly<Record<string, string>>): Style {
  const colour = hasColour(isTerminal, environment);
  const wrap = (code: number) => (text: string): string => colour ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { strong: wrap(1), faint: wrap(2) };
}
