// From entries to cells: which entries are told together, and where a rule sets the answer off from the work before it.
import type { Entries, Entry, ItemEntry } from "../../client/thread_entries.ts";
import { type CommandItem, isExploring, renderExecCell, renderExploredCell } from "./exec_cell.ts";
import type { CellContext } from "./cell.ts";
import { renderAgentCell, renderReasoningCell, renderUserCell } from "./message_cells.ts";
import { renderLineCell, renderPlanCell, renderRemarkCell, renderTurnEndCell } from "./note_cells.ts";
import { renderPatchCell } from "./patch_cell.ts";
import type { MarkdownStream } from "../text/markdown_stream.ts";

export interface Cell {
  /** Of its first entry; stable while the cell grows. */
  readonly key: string;
  readonly entries: readonly Entry[];
  /** Draw a rule above: the answer after tools ran. */
  readonly rule: boolean;
}

export function groupCells(entries: Entries): Cell[] {
  const cells: Cell[] = [];
  let worked = false;
  for (const entry of entries) {
    const last = cells.at(-1);
    if (
      last && isExploringEntry(entry) &&
      last.entries.every((one) => isExploringEntry(one) && one.turnId === entry.turnId)
    ) {
      cells[cells.length - 1] = { ...last, entries: [...last.entries, entry] };
      continue;
    }
    const rule: boolean = worked && isAnswer(entry);
    worked = !rule && (isWork(entry) || (worked && !startsTurn(entry)));
    cells.push({ key: entry.key, entries: [entry], rule });
  }
  return cells;
}

function isExploringEntry(entry: Entry): entry is ItemEntry {
  return entry.kind === "item" && (entry.state === "running" || entry.state === "done") &&
    isExploring(entry.item);
}

function isAnswer(entry: Entry): boolean {
  return entry.kind === "item" && entry.item.type === "agentMessage" && entry.item.phase !== "commentary";
}

function startsTurn(entry: Entry): boolean {
  return entry.kind === "item" && entry.item.type === "userMessage";
}

function isWork(entry: Entry): boolean {
  if (entry.kind !== "item") return false;
  const { item } = entry;
  return item.type === "commandExecution" || item.type === "fileChange" || item.type === "mcpToolCall" ||
    item.type === "dynamicToolCall" || item.type === "webSearch";
}

/** The lines of a cell, without the blank row that sets it off; none for what has nothing to show (yet). */
export function renderCell(cell: Cell, context: CellContext, stream: MarkdownStream | null): readonly string[] {
  const [entry] = cell.entries;
  if (!entry) return [];
  const exploring = cell.entries.filter(isExploringEntry);
  if (exploring.length > 0) {
    const running = exploring.some((one) => one.state === "running");
    // `isExploringEntry` has found commands only.
    return renderExploredCell(exploring.map((one) => one.item as CommandItem), running, context);
  }
  const lines = renderEntry(entry, context, stream);
  return cell.rule && lines.length > 0 ? [context.theme.dim("─".repeat(context.width)), "", ...lines] : lines;
}

function renderEntry(entry: Entry, context: CellContext, stream: MarkdownStream | null): readonly string[] {
  switch (entry.kind) {
    case "plan":
      return renderPlanCell(entry, context);
    case "turnEnd":
      return renderTurnEndCell(entry, context);
    case "remark":
      return renderRemarkCell(entry, context);
    case "item":
      return renderItem(entry, context, stream);
  }
}

function renderItem(
  { item, state }: ItemEntry,
  context: CellContext,
  stream: MarkdownStream | null,
): readonly string[] {
  switch (item.type) {
    case "userMessage":
      return renderUserCell(item, context);
    case "agentMessage":
      return renderAgentCell(item.text, context, state === "running" ? stream : null);
    case "reasoning":
      return state === "running" ? [] : renderReasoningCell(item.summary, context);
    case "commandExecution":
      return renderExecCell(item, state, context);
    case "fileChange":
      return renderPatchCell(item, state, context);
    default:
      return renderLineCell(item, context);
  }
}
