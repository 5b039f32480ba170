// The box at the top of a session: what this is, which model, which folder, and where the server is when it is elsewhere.
import { visibleWidth } from "@earendil-works/pi-tui";
import type { Theme } from "../theme.ts";
import { cleanLine } from "../text/clean.ts";
import { fitLine, padTo } from "../text/wrap.ts";

export interface HeaderFacts {
  readonly version: string;
  readonly model: string;
  readonly folder: string;
  /** Null when the server is in this process. */
  readonly serverUrl: string | null;
  /** Approvals and sandbox are both off. */
  readonly unguarded: boolean;
}

export function renderHeader(facts: HeaderFacts, width: number, theme: Theme): string[] {
  const rows = [
    `${theme.dim(">_")} ${theme.bold("codex")} ${theme.dim(`(v${facts.version})`)}`,
    "",
    `${theme.dim("model:     ")}${cleanLine(facts.model)}${theme.dim("   ")}${theme.accent("/model")}${
      theme.dim(" to change")
    }`,
    `${theme.dim("directory: ")}${cleanLine(facts.folder)}`,
  ];
  if (facts.serverUrl !== null) rows.push(`${theme.dim("server:    ")}${cleanLine(facts.serverUrl)}`);
  if (facts.unguarded) rows.push(theme.bad("warning:   approvals and sandbox are off: commands run unasked"));
  const inner = Math.min(Math.max(...rows.map(visibleWidth)), Math.max(1, width - 4));
  const bar = "─".repeat(inner + 2);
  return [
    theme.dim(`╭${bar}╮`),
    ...rows.map((row) => `${theme.dim("│ ")}${padTo(fitLine(row, inner), inner)}${theme.dim(" │")}`),
    theme.dim(`╰${bar}╯`),
  ].map((line) => fitLine(line, width));
}
