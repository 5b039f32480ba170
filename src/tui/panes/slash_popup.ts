// The commands that match what was typed, below the composer.
import type { SlashRow } from "../slash_commands.ts";
import { fitLine } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";

export function renderSlashPopup(rows: readonly SlashRow[], selected: number, width: number, theme: Theme): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.name.length + 1));
  const chosen = Math.min(selected, rows.length - 1);
  return rows.map((row, at) => {
    const name = `/${row.name}`.padEnd(columns);
    const text = `  ${name}  ${theme.dim(row.doc)}`;
    return fitLine(at === chosen ? theme.bold(theme.accent(text)) : text, width);
  });
}
