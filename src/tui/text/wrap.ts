// Lines that fit: wrapping with a hanging indent, cutting, joining. All take text that may carry styles.
import { truncateToWidth, visibleWidth, wrapTextWithAnsi } from "@earendil-works/pi-tui";

export interface Indent {
  /** Before the first line, e.g. "• ". */
  readonly first: string;
  /** Before the others; as wide as `first`. */
  readonly rest: string;
}

/** At least this many columns are left to the text, however deep it is indented. */
const MIN_TEXT_COLUMNS = 4;

export function wrapWithIndent(text: string, width: number, indent: Indent): string[] {
  const columns = Math.max(MIN_TEXT_COLUMNS, width - visibleWidth(indent.first));
  const lines = wrapTextWithAnsi(text, columns);
  return fit(
    (lines.length > 0 ? lines : [""]).map((line, at) => (at === 0 ? indent.first : indent.rest) + line),
    width,
  );
}

/** Puts a hanging indent before lines that are already wrapped. */
export function indentLines(lines: readonly string[], indent: Indent): string[] {
  return lines.map((line, at) => (at === 0 ? indent.first : line === "" ? "" : indent.rest) + line);
}

export function fitLine(line: string, width: number): string {
  return visibleWidth(line) <= width ? line : truncateToWidth(line, width, "…");
}

/** No line wider than the screen: the renderer treats one as an error. */
export function fit(lines: readonly string[], width: number): string[] {
  return lines.map((line) => fitLine(line, width));
}

export function padTo(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - visibleWidth(text)));
}
