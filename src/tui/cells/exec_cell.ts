// Commands: what runs, what ran, how it ended and the first and last lines that it printed. Several looks at files in a
// row are told as one list of what was explored.
import type { ItemState } from "../../client/thread_entries.ts";
import type { CommandAction, ThreadItem } from "../../protocol/types/item.ts";
import { cleanLine, cleanOutput, cleanText } from "../text/clean.ts";
import { highlightCode } from "../text/highlight.ts";
import { shortPath } from "../text/paths.ts";
import { unwrapCommand } from "../text/shell_command.ts";
import { fit, fitLine, wrapWithIndent } from "../text/wrap.ts";
import { BULLET, type CellContext } from "./cell.ts";
import { wrapTextWithAnsi } from "@earendil-works/pi-tui";

export type CommandItem = Extract<ThreadItem, { type: "commandExecution" }>;

/** Rows of output shown before and after the fold. */
const FOLD_ROWS = 2;
/** Rows of a command's own text. */
const MAX_COMMAND_ROWS = 6;
/** Characters of output looked at from each end; the lines between are only counted. */
const MAX_OUTPUT_CHARS = 4_096;

export function renderExecCell(item: CommandItem, state: ItemState, context: CellContext): string[] {
  const { theme, width } = context;
  const { bullet, verb } = describeState(item, state, context);
  const command = cleanText(unwrapCommand(item.command)).trimEnd();
  const coloured = highlightCode(command, "bash", theme).join("\n");
  const rows = wrapWithIndent(`${theme.bold(verb)} ${coloured}`, width, { first: bullet, rest: theme.dim("  │ ") });
  const head = rows.length <= MAX_COMMAND_ROWS
    ? rows
    : [...rows.slice(0, MAX_COMMAND_ROWS - 1), theme.dim(`  │ … +${rows.length - MAX_COMMAND_ROWS + 1} lines`)];
  return fit([...head, ...renderOutput(item, state, context), ...renderDenials(item, context)], width);
}

function describeState(item: CommandItem, state: ItemState, { theme }: CellContext): { bullet: string; verb: string } {
  if (item.status === "declined") return { bullet: theme.bad("✗ "), verb: "Not run" };
  if (state === "stopped") return { bullet: theme.bad(BULLET), verb: "Stopped" };
  if (state === "background") return { bullet: theme.dim(BULLET), verb: "Running in the background" };
  if (state === "running") return { bullet: theme.dim(BULLET), verb: "Running" };
  const bullet = theme.bold((failureOf(item) === null ? theme.good : theme.bad)(BULLET));
  return { bullet, verb: item.source === "userShell" ? "You ran" : "Ran" };
}

/** How a finished command failed; null when it went well. */
function failureOf(item: CommandItem): string | null {
  if ((item.exitCode ?? 0) !== 0) return `exit code ${item.exitCode}`;
  return item.status === "failed" ? "failed" : null;
}

/** What the sandbox refused, by which rule, and what opens it. */
function renderDenials(item: CommandItem, { theme, width }: CellContext): string[] {
  return (item.sandboxDenials ?? []).flatMap((text) =>
    wrapWithIndent(theme.warning(`sandbox: ${cleanLine(text)}`), width, { first: "    ", rest: "      " })
  );
}

function renderOutput(item: CommandItem, state: ItemState, { theme, width }: CellContext): string[] {
  const { top, skipped, bottom } = cutMiddle((item.aggregatedOutput ?? "").trimEnd());
  const failed = state === "done" ? failureOf(item) : null;
  if (top.every((line) => line === "")) {
    if (state !== "done" || item.status === "declined") return [];
    return [theme.dim(`  └ ${failed ? `(no output, ${failed})` : "(no output)"}`)];
  }
  const rows = [...top, ...bottom].flatMap((line) => wrapTextWithAnsi(line, Math.max(1, width - 4)));
  const lines = foldRows(rows, skipped).map((row, at) => theme.dim((at === 0 ? "  └ " : "    ") + row));
  // Said in words: without colours nothing else tells a failure from a success.
  return failed === null || item.status === "declined" ? lines : [...lines, `    ${theme.bad(failed)}`];
}

/** The first and last lines of an output, cleaned, and how many lie between. */
function cutMiddle(output: string): { top: readonly string[]; skipped: number; bottom: readonly string[] } {
  if (output.length <= 2 * MAX_OUTPUT_CHARS) return { top: cleanOutput(output).split("\n"), skipped: 0, bottom: [] };
  const head = output.slice(0, MAX_OUTPUT_CHARS);
  const tail = output.slice(-MAX_OUTPUT_CHARS);
  const middle = output.slice(MAX_OUTPUT_CHARS, -MAX_OUTPUT_CHARS);
  return {
    top: cleanOutput(head).split("\n").slice(0, -1),
    skipped: middle.split("\n").length,
    bottom: cleanOutput(tail).split("\n").slice(1),
  };
}

/** All rows when they are few, else the first and last ones around a count. */
function foldRows(rows: readonly string[], skipped: number): readonly string[] {
  if (skipped === 0 && rows.length <= 2 * FOLD_ROWS + 1) return rows;
  const hidden = rows.length - 2 * FOLD_ROWS + skipped;
  return [...rows.slice(0, FOLD_ROWS), `… +${hidden} lines`, ...rows.slice(-FOLD_ROWS)];
}

/** Looks at files and changes nothing: told as exploring. */
export function isExploring(item: ThreadItem): item is CommandItem {
  return item.type === "commandExecution" && item.source !== "userShell" && item.status !== "declined" &&
    item.commandActions.length > 0 && item.commandActions.every((action) => action.type !== "unknown") &&
    failureOf(item) === null;
}

export function renderExploredCell(
  items: readonly CommandItem[],
  running: boolean,
  context: CellContext,
): string[] {
  const { theme, width } = context;
  const lines = [theme.dim(BULLET) + theme.bold(running ? "Exploring" : "Explored")];
  for (const { verb, object } of listLooks(items.flatMap((item) => item.commandActions), context.folder)) {
    const first = lines.length === 1 ? theme.dim("  └ ") : "    ";
    lines.push(...wrapWithIndent(`${theme.accent(verb)} ${object}`, width, { first, rest: "      " }));
  }
  return lines.map((line) => fitLine(line, width));
}

interface Look {
  readonly verb: "List" | "Read" | "Search";
  readonly object: string;
}

/** One row a look; reads in a row share one, and a file read twice is named once. */
function listLooks(actions: readonly CommandAction[], folder: string | null): Look[] {
  const looks: Look[] = [];
  for (const action of actions) {
    const look = toLook(action, folder);
    const last = looks.at(-1);
    if (look.verb === "Read" && last?.verb === "Read") {
      const names = last.object.split(", ");
      if (!names.includes(look.object)) {
        looks[looks.length - 1] = { verb: "Read", object: [...names, look.object].join(", ") };
      }
    } else looks.push(look);
  }
  return looks;
}

function toLook(action: CommandAction, folder: string | null): Look {
  switch (action.type) {
    case "read":
      return { verb: "Read", object: cleanLine(action.name) };
    case "listFiles":
      return {
        verb: "List",
        object: cleanLine(action.path === null ? action.command : shortPath(action.path, folder)),
      };
    case "search": {
      const where = action.path === null ? "" : ` in ${shortPath(action.path, folder)}`;
      return { verb: "Search", object: cleanLine(action.query === null ? action.command : action.query + where) };
    }
    case "unknown":
      return { verb: "Read", object: cleanLine(action.command) };
  }
}
