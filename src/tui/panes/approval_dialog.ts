// A question of the agent, in the place of the composer: what, why, and the answers with their keys. It fits the screen:
// where that is small, the reason and the middle of what is asked about give way, the question and its answers never.
import type { Approval } from "../../client/approval.ts";
import { isInside, joinPath } from "../../base/absolute_path.ts";
import { approvalOptions } from "../approval_options.ts";
import type { Session, State } from "../state.ts";
import { cleanLine, cleanText } from "../text/clean.ts";
import { highlightCode } from "../text/highlight.ts";
import { shortPath } from "../text/paths.ts";
import { unwrapCommand } from "../text/shell_command.ts";
import { wrapWithIndent } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";

/** A file that the edits touch. */
export interface EditedPath {
  readonly path: string;
  /** Neither in the session's folder nor in another one that may be written. */
  readonly outside: boolean;
}

export interface ApprovalFacts {
  readonly approval: Approval;
  readonly selected: number;
  /** Questions behind this one. */
  readonly waiting: number;
  /** What a question about edits is about; null when the server has not told it. */
  readonly edits: readonly EditedPath[] | null;
}

export interface Space {
  readonly width: number;
  /** Of the whole screen. */
  readonly rows: number;
}

/** Files that are named in the question; the transcript lists all of them. */
const MAX_PATHS = 5;
/** Rows of the reason on a small screen, and of what is asked about on any. */
const FEW_ROWS = 2;

export function renderApprovalDialog(facts: ApprovalFacts, { width, rows }: Space, theme: Theme): string[] {
  const { approval } = facts;
  const indent = { first: "  ", rest: "  " };
  const more = facts.waiting > 0 ? theme.dim(` (1 of ${facts.waiting + 1})`) : "";
  const question = wrapWithIndent(theme.bold(questionOf(approval)) + more, width, indent);
  const answers = renderAnswers(facts, width, theme);
  const hint = wrapWithIndent(theme.dim("enter to confirm, esc to refuse"), width, indent);
  const reason = approval.reason?.trim()
    ? wrapWithIndent(`Reason: ${theme.italic(cleanText(approval.reason))}`, width, indent)
    : [];
  const subject = approval.kind === "command"
    ? renderCommand(approval.command, width, theme)
    : renderEdits(facts, width, theme);
  const whole = join([question, reason, subject, answers, hint]);
  if (whole.length <= rows) return whole;

  // The hint says what the answers say too.
  const fewReasons = foldRows(reason, FEW_ROWS, theme);
  const taken = join([question, fewReasons, answers]).length;
  return join([question, fewReasons, foldRows(subject, Math.max(FEW_ROWS, rows - taken - 1), theme), answers]);
}

/** The parts that are there, each with a blank row above. */
function join(parts: readonly (readonly string[])[]): string[] {
  return parts.flatMap((part) => (part.length === 0 ? [] : ["", ...part]));
}

/** The first and the last of the rows, when they are too many: neither end of a command may hide. */
function foldRows(rows: readonly string[], most: number, theme: Theme): readonly string[] {
  if (rows.length <= most) return rows;
  const tail = most > FEW_ROWS ? 1 : 0;
  const head = Math.max(1, most - 1 - tail);
  const hidden = rows.length - head - tail;
  return [...rows.slice(0, head), theme.warning(`    … +${hidden} rows`), ...rows.slice(rows.length - tail)];
}

function renderCommand(command: string | null, width: number, theme: Theme): readonly string[] {
  if (command === null) return [];
  const text = highlightCode(cleanText(unwrapCommand(command)), "bash", theme).join("\n");
  return wrapWithIndent(text, width, { first: "  $ ", rest: "    " });
}

function renderEdits({ approval, edits }: ApprovalFacts, width: number, theme: Theme): readonly string[] {
  if (approval.kind !== "patch") return [];
  const lines: string[] = [];
  const put = (text: string): void => {
    lines.push(...wrapWithIndent(text, width, { first: "  ", rest: "    " }));
  };
  if (edits === null) put(theme.warning("The server has not told which files are edited"));
  // Those that surprise come first.
  const sorted = (edits ?? []).toSorted((one, other) => Number(other.outside) - Number(one.outside));
  for (const { path, outside } of sorted.slice(0, MAX_PATHS)) {
    put(path + (outside ? theme.warning(" (outside of the workspace)") : ""));
  }
  if (sorted.length > MAX_PATHS) put(theme.dim(`… and ${sorted.length - MAX_PATHS} more files, listed above`));
  if (approval.grantRoot) put(`Also asks to write below ${cleanText(approval.grantRoot)}`);
  return lines;
}

function renderAnswers({ approval, selected }: ApprovalFacts, width: number, theme: Theme): readonly string[] {
  return approvalOptions(approval).flatMap((option, at) => {
    const key = option.key === "n" ? "esc" : option.key;
    const label = `${option.label} (${theme.dim(key)})`;
    const chosen = at === selected;
    const number = `${chosen ? "› " : "  "}${at + 1}. `;
    return wrapWithIndent(chosen ? theme.bold(theme.accent(label)) : label, width, {
      first: chosen ? theme.bold(theme.accent(number)) : number,
      rest: " ".repeat(number.length),
    });
  });
}

function questionOf(approval: Approval): string {
  if (approval.kind === "patch") return "Make these edits?";
  return approval.host !== null ? `Allow the connection to ${approval.host}?` : "Run this command?";
}

/** The files of the edits that are asked about, in the item that the question names. */
export function listEditedPaths({ view, session }: State, approval: Approval): readonly EditedPath[] | null {
  const entry = view.entries.findLast((one) => one.kind === "item" && one.item.id === approval.itemId);
  if (entry?.kind !== "item" || entry.item.type !== "fileChange") return null;
  const paths = entry.item.changes.flatMap(({ path, kind }) =>
    kind.type === "update" && kind.move_path ? [path, kind.move_path] : [path]
  );
  return paths.map((path) => ({
    path: cleanLine(shortPath(path, session?.folder ?? null)),
    outside: session !== null && isOutside(path, session),
  }));
}

function isOutside(path: string, { folder, sandbox }: Session): boolean {
  const full = joinPath(folder, path);
  const others = sandbox.type === "workspaceWrite" ? sandbox.writableRoots ?? [] : [];
  return ![folder, ...others].some((root) => isInside(full, root));
}
