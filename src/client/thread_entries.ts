// What a thread looks like to a reader: its items, plans, failures and remarks as one list in the order they appeared.
// Pure functions over immutable lists; thread_view.ts decides when to call them.
import type { ThreadItem } from "../protocol/types/item.ts";
import type { Turn, TurnError, TurnPlanStep } from "../protocol/types/turn.ts";

/** `background`: a command that goes on after its turn. `stopped`: ended by the end of its turn. */
export type ItemState = "running" | "background" | "done" | "stopped";

export interface ItemEntry {
  readonly kind: "item";
  readonly key: string;
  readonly turnId: string;
  readonly item: ThreadItem;
  readonly state: ItemState;
}

export interface PlanEntry {
  readonly kind: "plan";
  readonly key: string;
  readonly turnId: string;
  readonly explanation: string | null;
  readonly plan: readonly TurnPlanStep[];
}

/** A turn that did not end well. */
export interface TurnEndEntry {
  readonly kind: "turnEnd";
  readonly key: string;
  readonly turnId: string;
  /** `lost`: the server or the connection to it went away, and nobody interrupted. */
  readonly status: "interrupted" | "failed" | "lost";
  readonly error: TurnError | null;
}

export type RemarkTone = "info" | "good" | "refused" | "warning" | "bad";

/** Said by this client, not by the server. */
export interface RemarkEntry {
  readonly kind: "remark";
  readonly key: string;
  readonly tone: RemarkTone;
  readonly text: string;
}

export type Entry = ItemEntry | PlanEntry | TurnEndEntry | RemarkEntry;
export type Entries = readonly Entry[];

export function itemKey(turnId: string, itemId: string): string {
  return `item:${turnId}:${itemId}`;
}

export function turnEndKey(turnId: string): string {
  return `end:${turnId}`;
}

/** Searches from the end: what changes is nearly always the newest. */
export function findEntryIndex(entries: Entries, key: string): number {
  return entries.findLastIndex((entry) => entry.key === key);
}

/** The list with `entry` in the place of the one of its key, or at the end. */
export function putEntry(entries: Entries, entry: Entry): Entries {
  const at = findEntryIndex(entries, entry.key);
  return at < 0 ? [...entries, entry] : entries.with(at, entry);
}

/** Applies `change` to an item that is still running; a finished one no longer changes. */
export function changeItem(entries: Entries, key: string, change: (item: ThreadItem) => ThreadItem): Entries {
  const at = findEntryIndex(entries, key);
  const entry = entries[at];
  if (entry?.kind !== "item" || (entry.state !== "running" && entry.state !== "background")) return entries;
  const item = change(entry.item);
  return item === entry.item ? entries : entries.with(at, { ...entry, item });
}

/** What is still running in the turn has stopped with it. */
export function stopItems(entries: Entries, turnId: string): Entries {
  return entries.map((entry) =>
    entry.kind === "item" && entry.turnId === turnId && entry.state === "running"
      ? { ...entry, state: "stopped" as const }
      : entry
  );
}

/** The turn has ended: of what still runs, the commands of a turn that went well go on without it. */
export function endItems(entries: Entries, turn: Turn): Entries {
  if (turn.status !== "completed") {
    const stopped = stopItems(entries, turn.id);
    return turn.status === "interrupted" ? stopKilled(stopped, turn.id) : stopped;
  }
  const left = entries.map((entry) => {
    if (entry.kind !== "item" || entry.turnId !== turn.id || entry.state !== "running") return entry;
    if (isBackgroundable(entry.item)) return { ...entry, state: "background" as const };
    // Words whose end was told while the connection was lost: the turn went well, so they are whole.
    return isSpoken(entry.item) ? { ...entry, state: "done" as const } : entry;
  });
  return stopItems(left, turn.id);
}

function isBackgroundable(item: ThreadItem): boolean {
  return item.type === "commandExecution" && item.status === "inProgress" && item.processId !== null;
}

/** 128 + SIGINT, SIGKILL, SIGTERM: how a command ends that is stopped from outside. */
const KILLED_EXIT_CODES: ReadonlySet<number | null> = new Set([130, 137, 143]);

export function wasKilled(item: ThreadItem): boolean {
  return item.type === "commandExecution" && item.status === "failed" && KILLED_EXIT_CODES.has(item.exitCode);
}

/** The commands that an interrupt took along: killed, and the last thing that the turn did. */
function stopKilled(entries: Entries, turnId: string): Entries {
  const isOfTurn = (entry: Entry): entry is ItemEntry => entry.kind === "item" && entry.turnId === turnId;
  const last = entries.findLastIndex((entry) =>
    isOfTurn(entry) && entry.item.type !== "commandExecution" && entry.item.type !== "userMessage"
  );
  return entries.map((entry, at) =>
    at > last && isOfTurn(entry) && entry.state === "done" && wasKilled(entry.item)
      ? { ...entry, state: "stopped" as const }
      : entry
  );
}

/** What runs in the background as a server tells it afterwards; what it does not know has not outlived its own end. */
export function settleBackground(entries: Entries, turns: readonly Turn[]): Entries {
  if (listBackground(entries).length === 0) return entries;
  return entries.map((entry) => {
    if (entry.kind !== "item" || entry.state !== "background") return entry;
    const turn = turns.find((one) => one.id === entry.turnId);
    const told = (turn ? entriesOfTurn(turn) : []).find((one) => one.key === entry.key);
    return told ? fuller(entry, told) : { ...entry, state: "stopped" };
  });
}

/** The commands that go on although their turns have ended. */
export function listBackground(entries: Entries): readonly ItemEntry[] {
  return entries.filter((entry): entry is ItemEntry => entry.kind === "item" && entry.state === "background");
}

/** The entries of a turn as a server tells it afterwards. */
export function entriesOfTurn(turn: Turn): Entry[] {
  const running = turn.status === "inProgress";
  const told: Entries = turn.items.map((item, at) => ({
    kind: "item" as const,
    key: itemKey(turn.id, item.id),
    turnId: turn.id,
    item,
    // Words have no status of their own: the last ones of a running turn may still grow.
    state: isOpen(item) || (running && at === turn.items.length - 1 && isSpoken(item)) ? "running" : "done",
  }));
  const end = endOfTurn(turn);
  const entries = running ? told : endItems(told, turn);
  return end ? [...entries, end] : [...entries];
}

export function endOfTurn(turn: Turn): TurnEndEntry | null {
  if (turn.status !== "interrupted" && turn.status !== "failed") return null;
  return { kind: "turnEnd", key: turnEndKey(turn.id), turnId: turn.id, status: turn.status, error: turn.error };
}

function isSpoken(item: ThreadItem): boolean {
  return item.type === "agentMessage" || item.type === "reasoning" || item.type === "plan";
}

function isOpen(item: ThreadItem): boolean {
  return "status" in item && item.status === "inProgress";
}

/**
 * Brings what was on the screen and what the server tells after a reconnection together: no gap and no repeat. Turns
 * that had ended here stay as they are; the others become the server's, keeping what only this client saw of them.
 */
export function mergeTurns(entries: Entries, turns: readonly Turn[], finished: ReadonlySet<string>): Entries {
  let merged: Entry[] = [...entries];
  for (const turn of turns) {
    if (finished.has(turn.id)) continue;
    const first = merged.findIndex((entry) => entry.kind !== "remark" && entry.turnId === turn.id);
    const told = entriesOfTurn(turn);
    if (first < 0) {
      merged = [...merged, ...told];
      continue;
    }
    const mine = merged.filter((entry) => entry.kind !== "remark" && entry.turnId === turn.id);
    const rest = merged.filter((entry) => entry.kind === "remark" || entry.turnId !== turn.id);
    merged = [...rest.slice(0, first), ...mergeTurn(mine, told, turn.status === "inProgress"), ...rest.slice(first)];
  }
  return merged;
}

function mergeTurn(mine: readonly Entry[], told: readonly Entry[], running: boolean): Entry[] {
  const result: Entry[] = [];
  const left = [...mine];
  // Words that the server did not keep stay on the screen; when their turn has ended they will not grow any more.
  const keep = (entry: Entry): Entry =>
    entry.kind === "item" && entry.state === "running" && !running ? { ...entry, state: "stopped" } : entry;
  for (const entry of told) {
    const at = left.findIndex((own) => isSame(own, entry));
    // What stood before the match and was not told again was seen only here: plans, items that were not stored.
    const own = left[at];
    const before = at < 0 ? [] : left.splice(0, at + 1).slice(0, at);
    result.push(...before.map(keep), own ? fuller(own, entry) : entry);
  }
  return [...result, ...left.map(keep)].sort(endLast);
}

/** What the server tells, unless it knows less of a message or an output than was already heard. */
function fuller(own: Entry, told: Entry): Entry {
  if (own.kind !== "item" || told.kind !== "item") return told;
  const mine = grownText(own.item);
  const theirs = grownText(told.item);
  return mine.length > theirs.length && mine.startsWith(theirs) ? { ...told, item: withText(told.item, mine) } : told;
}

function withText(item: ThreadItem, text: string): ThreadItem {
  if (item.type === "agentMessage" || item.type === "plan") return { ...item, text };
  if (item.type === "commandExecution") return { ...item, aggregatedOutput: text };
  return item;
}

function grownText(item: ThreadItem): string {
  return item.type === "commandExecution" ? item.aggregatedOutput ?? "" : textOf(item) ?? "";
}

function endLast(one: Entry, other: Entry): number {
  return Number(one.kind === "turnEnd") - Number(other.kind === "turnEnd");
}

function isSame(own: Entry, told: Entry): boolean {
  if (own.kind === "turnEnd") return told.kind === "turnEnd";
  if (own.kind !== "item" || told.kind !== "item") return false;
  if (own.item.type !== told.item.type) return false;
  if (own.item.id === told.item.id) return true;
  // A stored message comes back under another id: it is the same when one text begins with the other.
  const mine = textOf(own.item);
  const theirs = textOf(told.item);
  return mine !== null && theirs !== null && theirs.startsWith(mine);
}

/** The words of a message or of a reasoning summary; null for items that are not made of words. */
export function textOf(item: ThreadItem): string | null {
  if (item.type === "agentMessage" || item.type === "plan") return item.text;
  if (item.type === "reasoning") return item.summary.join("\n\n");
  if (item.type !== "userMessage") return null;
  return item.content.map((part) => {
    if (part.type === "text") return part.text;
    if (part.type === "image") return `[image ${part.url.startsWith("data:") ? "pasted" : part.url}]`;
    if (part.type === "localImage") return `[image ${part.path}]`;
    return part.type === "skill" ? `$${part.name}` : `@${part.name}`;
  }).join("\n");
}
