// The changed rows of a file, with their line numbers, from the diff that a file change carries: a unified diff for an
// edit, the whole text for a file that came or went.
import type { FileUpdateChange } from "../../protocol/types/item.ts";

export type DiffRow =
  | { readonly kind: "added" | "removed" | "same"; readonly line: number; readonly text: string }
  /** Between hunks. */
  | { readonly kind: "gap" };

export interface FileDiff {
  readonly rows: readonly DiffRow[];
  readonly added: number;
  readonly removed: number;
}

export function parseFileDiff(change: FileUpdateChange): FileDiff {
  const rows = change.kind.type === "update"
    ? parseHunks(change.diff)
    : wholeFile(change.diff, change.kind.type === "add" ? "added" : "removed");
  return { rows, added: count(rows, "added"), removed: count(rows, "removed") };
}

function count(rows: readonly DiffRow[], kind: DiffRow["kind"]): number {
  return rows.filter((row) => row.kind === kind).length;
}

function wholeFile(text: string, kind: "added" | "removed"): DiffRow[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line, at) => ({ kind, line: at + 1, text: line }));
}

function parseHunks(diff: string): DiffRow[] {
  const rows: DiffRow[] = [];
  let before = 0;
  let after = 0;
  // Rows that the hunk's head still promises: text after them (a "Moved to:" line) belongs to no hunk.
  let beforeLeft = 0;
  let afterLeft = 0;
  for (const line of diff.split("\n")) {
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (head) {
      if (rows.length > 0) rows.push({ kind: "gap" });
      before = Number(head[1]);
      after = Number(head[3]);
      beforeLeft = Number(head[2] ?? 1);
      afterLeft = Number(head[4] ?? 1);
    } else if (line.startsWith("+") && afterLeft > 0) {
      rows.push({ kind: "added", line: after++, text: line.slice(1) });
      afterLeft -= 1;
    } else if (line.startsWith("-") && beforeLeft > 0) {
      rows.push({ kind: "removed", line: before++, text: line.slice(1) });
      beforeLeft -= 1;
    } else if (!line.startsWith("\\") && beforeLeft > 0 && afterLeft > 0) {
      rows.push({ kind: "same", line: after++, text: line.slice(1) });
      before += 1;
      beforeLeft -= 1;
      afterLeft -= 1;
    }
  }
  return rows;
}
