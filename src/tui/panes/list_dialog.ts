// A list to pick from, in the place of the composer; long ones scroll and narrow while one types.
import type { ListDialog } from "../state.ts";
import { cleanLine } from "../text/clean.ts";
import { fitLine, padTo } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";
import { listRows } from "../update_keys.ts";
import { visibleWidth } from "@earendil-works/pi-tui";

/** Rows shown at once. */
const MAX_ROWS = 10;

export function renderListDialog(list: ListDialog, width: number, theme: Theme): string[] {
  const rows = listRows(list);
  const first = Math.min(Math.max(0, list.selected - Math.floor(MAX_ROWS / 2)), Math.max(0, rows.length - MAX_ROWS));
  const shown = rows.slice(first, first + MAX_ROWS);
  const columns = Math.min(
    Math.floor(width / 2),
    Math.max(0, ...shown.map((row) => visibleWidth(cleanLine(row.label)))),
  );
  const lines = ["", fitLine(`  ${theme.bold(list.title)}`, width)];
  lines.push(fitLine(`  ${theme.dim("search: ")}${cleanLine(list.search)}${theme.dim("▏")}`, width), "");
  shown.forEach((row, at) => {
    const chosen = first + at === list.selected;
    const label = padTo(fitLine(cleanLine(row.label), columns), columns);
    const text = `${label}  ${theme.dim(cleanLine(row.detail))}`;
    lines.push(fitLine(chosen ? theme.bold(theme.accent(`› ${text}`)) : `  ${text}`, width));
  });
  if (rows.length === 0) lines.push(theme.dim("  nothing matches"));
  const place = rows.length > MAX_ROWS ? `${list.selected + 1} of ${rows.length} · ` : "";
  lines.push("", fitLine(theme.dim(`  ${place}type to search, enter to choose, esc to leave`), width));
  return lines;
}
