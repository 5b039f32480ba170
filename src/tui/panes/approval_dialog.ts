// A question of the agent, in the place of the composer: what, why, and the answers with their keys.
import type { Approval } from "../../client/approval.ts";
import { approvalOptions } from "../approval_options.ts";
import { cleanText } from "../text/clean.ts";
import { highlightCode } from "../text/highlight.ts";
import { unwrapCommand } from "../text/shell_command.ts";
import { wrapWithIndent } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";

/** Rows of the command that is asked about; it is never cut short without saying so. */
const MAX_COMMAND_ROWS = 12;

export interface ApprovalFacts {
  readonly approval: Approval;
  readonly selected: number;
  /** Questions behind this one. */
  readonly waiting: number;
}

export function renderApprovalDialog(facts: ApprovalFacts, width: number, theme: Theme): string[] {
  const { approval } = facts;
  const indent = { first: "  ", rest: "  " };
  const more = facts.waiting > 0 ? theme.dim(` (1 of ${facts.waiting + 1})`) : "";
  const lines = ["", ...wrapWithIndent(theme.bold(questionOf(approval)) + more, width, indent), ""];
  if (approval.reason?.trim()) {
    lines.push(...wrapWithIndent(`Reason: ${theme.italic(cleanText(approval.reason))}`, width, indent), "");
  }
  if (approval.kind === "command" && approval.command !== null) {
    const command = highlightCode(cleanText(unwrapCommand(approval.command)), "bash", theme).join("\n");
    const rows = wrapWithIndent(command, width, { first: "  $ ", rest: "    " });
    lines.push(...rows.slice(0, MAX_COMMAND_ROWS));
    if (rows.length > MAX_COMMAND_ROWS) {
      lines.push(theme.warning(`    … +${rows.length - MAX_COMMAND_ROWS} more lines`));
    }
    lines.push("");
  }
  if (approval.kind === "patch" && approval.grantRoot) {
    lines.push(...wrapWithIndent(`Also asks to write below ${cleanText(approval.grantRoot)}`, width, indent), "");
  }
  approvalOptions(approval).forEach((option, at) => {
    const key = option.key === "n" ? "esc" : option.key;
    const label = `${option.label} (${theme.dim(key)})`;
    const chosen = at === facts.selected;
    const number = `${chosen ? "› " : "  "}${at + 1}. `;
    lines.push(...wrapWithIndent(chosen ? theme.bold(theme.accent(label)) : label, width, {
      first: chosen ? theme.bold(theme.accent(number)) : number,
      rest: " ".repeat(number.length),
    }));
  });
  lines.push("", ...wrapWithIndent(theme.dim("enter to confirm, esc to refuse"), width, indent));
  return lines;
}

function questionOf(approval: Approval): string {
  if (approval.kind === "patch") return "Make these edits?";
  return approval.host !== null ? `Allow the connection to ${approval.host}?` : "Run this command?";
}
