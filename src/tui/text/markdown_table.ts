// A table as aligned columns with a rule under its head. Where the screen is too narrow the widest columns give way and
// their cells wrap; where even that does not fit, each row becomes a small list.
import { visibleWidth, wrapTextWithAnsi } from "@earendil-works/pi-tui";
import type { Token, Tokens } from "marked";
import type { Theme } from "../theme.ts";
import { padTo } from "./wrap.ts";

const GAP = "  ";
/** A column narrower than this cannot be read. */
const MIN_COLUMN = 6;

export function renderTable(
  table: Tokens.Table,
  width: number,
  theme: Theme,
  inline: (tokens: readonly Token[]) => string,
): string[] {
  const head = table.header.map((cell) => inline(cell.tokens));
  const rows = table.rows.map((row) => row.map((cell) => inline(cell.tokens)));
  const natural = head.map((cell, at) =>
    Math.max(1, visibleWidth(cell), ...rows.map((row) => visibleWidth(row[at] ?? "")))
  );
  const columns = fitColumns(natural, width - GAP.length * (head.length - 1));
  if (columns === null) return rows.flatMap((row, at) => renderAsList(head, row, at > 0, width, theme));
  const line = (cells: readonly string[]): string[] => layRow(cells, columns, table.align);
  return [
    ...line(head.map((cell) => theme.bold(cell))),
    theme.dim(columns.map((size) => "─".repeat(size)).join(GAP)),
    ...rows.flatMap(line),
  ];
}

/** Widths that fit, taken from the widest columns first; null when some column would fall below what can be read. */
export function fitColumns(natural: readonly number[], available: number): readonly number[] | null {
  const columns = [...natural];
  let excess = columns.reduce((sum, size) => sum + size, 0) - available;
  while (excess > 0) {
    const widest = Math.max(...columns);
    if (widest <= MIN_COLUMN) return null;
    const at = columns.indexOf(widest);
    const next = Math.max(MIN_COLUMN, ...columns.filter((size) => size < widest));
    const cut = Math.min(excess, Math.max(1, widest - next));
    columns[at] = widest - cut;
    excess -= cut;
  }
  return columns;
}

function layRow(cells: readonly string[], columns: readonly number[], align: Tokens.Table["align"]): string[] {
  const wrapped = columns.map((size, at) => wrapTextWithAnsi(cells[at] ?? "", size));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from(
    { length: height },
    (_, row) =>
      columns.map((size, at) => alignCell(wrapped[at]?.[row] ?? "", size, align[at] ?? null)).join(GAP).trimEnd(),
  );
}

function alignCell(text: string, size: number, align: "center" | "left" | "right" | null): string {
  const free = Math.max(0, size - visibleWidth(text));
  if (align === "right") return " ".repeat(free) + text;
  if (align === "center") return padTo(" ".repeat(Math.floor(free / 2)) + text, size);
  return padTo(text, size);
}

function renderAsList(
  head: readonly string[],
  row: readonly string[],
  blankBefore: boolean,
  width: number,
  theme: Theme,
): string[] {
  const lines = head.flatMap((name, at) =>
    wrapTextWithAnsi(`${theme.bold(name)}: ${row[at] ?? ""}`, Math.max(1, width))
  );
  return blankBefore ? ["", ...lines] : lines;
}
