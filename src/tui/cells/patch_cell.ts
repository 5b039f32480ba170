// Changed files: what came, went and changed, row by row with line numbers.
import type { ItemState } from "../../client/thread_entries.ts";
import type { FileUpdateChange, ThreadItem } from "../../protocol/types/item.ts";
import { cleanLine } from "../text/clean.ts";
import { type DiffRow, type FileDiff, parseFileDiff } from "../text/diff_rows.ts";
import { findLanguage, highlightCode } from "../text/highlight.ts";
import { shortPath } from "../text/paths.ts";
import { fit, padTo, wrapWithIndent } from "../text/wrap.ts";
import { BULLET, type CellContext } from "./cell.ts";

export type PatchItem = Extract<ThreadItem, { type: "fileChange" }>;

/** Rows of one file's diff, unless the whole is asked for. */
const MAX_ROWS = 200;

export function renderPatchCell(item: PatchItem, state: ItemState, context: CellContext): string[] {
  const { theme, width } = context;
  const files = item.changes.map((change) => ({ change, diff: parseFileDiff(change) }));
  const bullet = item.status === "failed" || item.status === "declined" ? theme.bad("✗ ") : theme.dim(BULLET);
  const note = item.status === "declined"
    ? theme.bad(" not applied: declined")
    : item.status === "failed"
    ? theme.bad(" not applied: failed")
    : state === "stopped"
    ? theme.bad(" stopped")
    : "";
  const only = files[0];
  if (files.length === 1 && only) {
    const head = `${theme.bold(verbOf(only.change))} ${nameOf(only.change, context)} ${
      countsOf(only.diff, context)
    }${note}`;
    return fit([
      ...wrapWithIndent(head, width, { first: bullet, rest: "  " }),
      ...renderRows(only.change, only.diff, context),
    ], width);
  }
  const total: FileDiff = {
    rows: [],
    added: files.reduce((sum, { diff }) => sum + diff.added, 0),
    removed: files.reduce((sum, { diff }) => sum + diff.removed, 0),
  };
  const lines = [`${bullet}${theme.bold("Edited")} ${files.length} files ${countsOf(total, context)}${note}`];
  files.forEach(({ change, diff }, at) => {
    if (at > 0) lines.push("");
    const head = `${nameOf(change, context)} ${countsOf(diff, context)}`;
    lines.push(...wrapWithIndent(head, width, { first: theme.dim("  └ "), rest: "    " }));
    lines.push(...renderRows(change, diff, context));
  });
  return fit(lines, width);
}

function verbOf(change: FileUpdateChange): string {
  switch (change.kind.type) {
    case "add":
      return "Added";
    case "delete":
      return "Deleted";
    case "update":
      return "Edited";
  }
}

function nameOf(change: FileUpdateChange, { folder }: CellContext): string {
  const name = cleanLine(shortPath(change.path, folder));
  const target = change.kind.type === "update" ? change.kind.move_path : null;
  return target === null ? name : `${name} → ${cleanLine(shortPath(target, folder))}`;
}

function countsOf(diff: FileDiff, { theme }: CellContext): string {
  return `(${theme.good(`+${diff.added}`)} ${theme.bad(`-${diff.removed}`)})`;
}

function renderRows(change: FileUpdateChange, diff: FileDiff, context: CellContext): string[] {
  const shown = context.whole ? diff.rows : diff.rows.slice(0, MAX_ROWS);
  const last = shown.reduce((most, row) => (row.kind === "gap" ? most : Math.max(most, row.line)), 1);
  const lines = shown.flatMap((row) => renderRow(row, String(last).length, change.path, context));
  const hidden = diff.rows.length - shown.length;
  return hidden > 0 ? [...lines, context.theme.dim(`    … +${hidden} rows`)] : lines;
}

function renderRow(row: DiffRow, digits: number, path: string, { theme, width }: CellContext): string[] {
  if (row.kind === "gap") return [theme.dim(`    ${" ".repeat(Math.max(0, digits - 1))}⋮`)];
  const number = theme.dim(`    ${String(row.line).padStart(digits)} `);
  const code = highlightCode(cleanLine(row.text), findLanguage(path), theme)[0] ?? "";
  const mark = row.kind === "same" ? " " : row.kind === "added" ? theme.good("+") : theme.bad("-");
  // A row is never cut: what stands at its end is changed too.
  const lines = wrapWithIndent(code, width, { first: number + mark, rest: " ".repeat(digits + 6) });
  if (row.kind === "same") return lines;
  const tint = row.kind === "added" ? theme.addedRow : theme.removedRow;
  return lines.map((line) => tint(padTo(line, width)));
}
