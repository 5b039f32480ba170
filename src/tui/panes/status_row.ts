// What goes on right now: the running turn and its seconds, a retry, a lost connection; and the messages that wait.
import { currentApproval, type State } from "../state.ts";
import { cleanLine, cleanText } from "../text/clean.ts";
import { fitLine, wrapWithIndent } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";

/** Rows of one waiting message. */
const MAX_MESSAGE_ROWS = 3;
/** The mark of a running turn changes this often, ms. */
export const BLINK_MS = 500;

export function renderStatusRow(state: State, width: number, theme: Theme): string[] {
  const blink = Math.floor(state.nowMs / BLINK_MS) % 2 === 0 ? "• " : "◦ ";
  if (state.connection.kind === "lost") {
    const seconds = elapsed(state.nowMs - state.connection.sinceMs);
    return [
      fitLine(
        `${theme.warning(blink)}${theme.bold("Connection lost, reconnecting")} ${theme.dim(`(${seconds})`)}`,
        width,
      ),
      ...detail(state.connection.cause, width, theme),
    ];
  }
  if (state.opening) return [`${theme.dim(blink)}${theme.bold("Opening")}`];
  const { turn } = state.view;
  // While a question is open nothing works: it waits.
  if ((turn === null && state.sending === null) || currentApproval(state)) return [];
  const word = turn?.retry ? cleanLine(turn.retry.message) : cleanLine(turn?.heading ?? "Working");
  const seconds = turn ? elapsed(state.nowMs - turn.startedAtMs) : "0s";
  const hint = state.interrupting ? "stopping" : "esc to interrupt";
  const row = fitLine(`${theme.dim(blink)}${theme.bold(word)} ${theme.dim(`(${seconds} • ${hint})`)}`, width);
  return [row, ...(turn?.retry?.details ? detail(turn.retry.details, width, theme) : [])];
}

function detail(text: string, width: number, theme: Theme): string[] {
  return [fitLine(theme.dim(`  └ ${cleanLine(text)}`), width)];
}

/** "7s", "1m 07s", "1h 02m 07s". */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (count: number): string => String(count).padStart(2, "0");
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m ${two(seconds % 60)}s`;
}

/** The messages that were given while a turn runs. */
export function renderWaiting(state: State, width: number, theme: Theme): string[] {
  const lines: string[] = [];
  const block = (title: string, messages: readonly string[]): void => {
    if (messages.length === 0) return;
    if (lines.length > 0) lines.push("");
    lines.push(...wrapWithIndent(title, width, { first: theme.dim("• "), rest: "  " }));
    for (const message of messages) {
      const rows = wrapWithIndent(theme.dim(cleanText(message)), width, { first: theme.dim("  ↳ "), rest: "    " });
      lines.push(...rows.slice(0, MAX_MESSAGE_ROWS));
      if (rows.length > MAX_MESSAGE_ROWS) lines.push(theme.dim("    …"));
    }
  };
  block("Sent, taken up after the next tool call (esc stops the turn and sends them now)", state.steers);
  block("Queued for after this turn", state.queue);
  if (state.queue.length > 0) lines.push(fitLine(theme.dim("    shift + ← edits the last one"), width));
  return lines;
}
