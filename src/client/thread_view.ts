// The one reducer of a thread: from what the server says, and what this client does, to what a reader should see. Pure:
// same events, same view. The terminal UI and `exec` both read it; neither keeps thread state of its own.
import { worldWritableText } from "./world_writable_text.ts";
import type { ServerNotification, ServerNotificationParams } from "../protocol/server_notifications.ts";
import type { ThreadItem } from "../protocol/types/item.ts";
import type { Thread, ThreadTokenUsage } from "../protocol/types/thread.ts";
import type { Turn } from "../protocol/types/turn.ts";
import type { RequestId } from "../rpc/message.ts";
import type { Approval } from "./approval.ts";
import {
  changeItem,
  endItems,
  endOfTurn,
  type Entries,
  entriesOfTurn,
  findEntryIndex,
  itemKey,
  mergeTurns,
  putEntry,
  type RemarkTone,
  settleBackground,
  stopItems,
  turnEndKey,
  wasKilled,
} from "./thread_entries.ts";

export interface RunningTurn {
  readonly id: string;
  readonly startedAtMs: number;
  /** Set while the server waits to try the model again. */
  readonly retry: { readonly message: string; readonly details: string | null } | null;
  /** The newest heading of the model's reasoning, without its marks. */
  readonly heading: string | null;
}

export interface ThreadView {
  /** Null until a thread is open. */
  readonly threadId: string | null;
  readonly name: string | null;
  readonly entries: Entries;
  readonly turn: RunningTurn | null;
  /** Ids of the turns that have ended, as far as this client has heard. */
  readonly endedTurns: ReadonlySet<string>;
  readonly usage: ThreadTokenUsage | null;
  /** Oldest first. */
  readonly approvals: readonly Approval[];
  /**
   * After a reconnection a server may tell the plans of the running turn again, from the first on: how many of them
   * were. Null: each is new.
   */
  readonly plansRetold: number | null;
  /** Makes keys of plans and remarks. */
  readonly nextKey: number;
}

export type ThreadEvent =
  | { readonly type: "opened"; readonly thread: Thread; readonly nowMs: number }
  /** The same thread again, over a new connection. */
  | { readonly type: "rejoined"; readonly thread: Thread; readonly nowMs: number }
  | { readonly type: "heard"; readonly notification: ServerNotification; readonly nowMs: number }
  | { readonly type: "asked"; readonly approval: Approval }
  /** This client has answered. */
  | { readonly type: "answered"; readonly requestId: RequestId }
  | { readonly type: "disconnected" }
  /** `beforeItem`: the item that the remark leads to; else it comes last. */
  | { readonly type: "remark"; readonly tone: RemarkTone; readonly text: string; readonly beforeItem?: string };

export const EMPTY_VIEW: ThreadView = {
  threadId: null,
  name: null,
  entries: [],
  turn: null,
  endedTurns: new Set(),
  usage: null,
  approvals: [],
  plansRetold: null,
  nextKey: 1,
};

export function reduceThread(view: ThreadView, event: ThreadEvent): ThreadView {
  switch (event.type) {
    case "opened":
      return open(view, event.thread, event.nowMs);
    case "rejoined":
      return rejoin(view, event.thread, event.nowMs);
    case "heard":
      return hear(view, event.notification, event.nowMs);
    case "asked":
      return isOwn(view, event.approval.threadId)
        ? {
          ...without(view, event.approval.requestId),
          approvals: [...without(view, event.approval.requestId).approvals, event.approval],
        }
        : view;
    case "answered":
      return without(view, event.requestId);
    case "disconnected":
      // Questions belong to the connection: the server asks again on the next one.
      return { ...view, approvals: [] };
    case "remark":
      return remark(view, event);
  }
}

function remark(view: ThreadView, event: Extract<ThreadEvent, { type: "remark" }>): ThreadView {
  const { tone, text, beforeItem } = event;
  const at = beforeItem === undefined
    ? -1
    : view.entries.findLastIndex((entry) => entry.kind === "item" && entry.item.id === beforeItem);
  return {
    ...view,
    nextKey: view.nextKey + 1,
    entries: view.entries.toSpliced(at < 0 ? view.entries.length : at, 0, {
      kind: "remark",
      key: `own:${view.nextKey}`,
      tone,
      text,
    }),
  };
}

function open(view: ThreadView, thread: Thread, nowMs: number): ThreadView {
  return {
    ...view,
    threadId: thread.id,
    name: thread.name,
    entries: [...view.entries, ...thread.turns.flatMap(entriesOfTurn)],
    turn: runningTurnOf(thread.turns, thread, nowMs),
    endedTurns: endedOf(thread.turns),
    usage: null,
    approvals: view.approvals.filter((approval) => approval.threadId === thread.id),
  };
}

function rejoin(view: ThreadView, thread: Thread, nowMs: number): ThreadView {
  const turn = runningTurnOf(thread.turns, thread, nowMs);
  const merged = mergeTurns(view.entries, thread.turns, view.endedTurns);
  const settled = settleBackground(merged, thread.turns);
  const entries = view.turn && view.turn.id !== turn?.id ? loseTurn(settled, view.turn.id, thread.turns) : settled;
  return {
    ...view,
    name: thread.name,
    entries,
    turn: turn && view.turn?.id === turn.id ? { ...view.turn, retry: null } : turn,
    endedTurns: new Set([...view.endedTurns, ...endedOf(thread.turns)]),
    plansRetold: 0,
  };
}

/**
 * The turn that ran when the connection was lost, and no longer runs. It may have ended meanwhile. One that was cut is
 * told as interrupted, or was never stored: then it was not the user who stopped it.
 */
function loseTurn(entries: Entries, turnId: string, turns: readonly Turn[]): Entries {
  const told = turns.find((turn) => turn.id === turnId);
  const stopped = stopItems(entries, turnId);
  if (told?.status === "completed" || told?.status === "failed") return stopped;
  return putEntry(stopped, { kind: "turnEnd", key: turnEndKey(turnId), turnId, status: "lost", error: null });
}

function endedOf(turns: readonly Turn[]): Set<string> {
  return new Set(turns.filter((turn) => turn.status !== "inProgress").map((turn) => turn.id));
}

function runningTurnOf(turns: readonly Turn[], thread: Thread, nowMs: number): RunningTurn | null {
  const last = turns.at(-1);
  if (last?.status !== "inProgress" || thread.status.type !== "active") return null;
  return {
    id: last.id,
    startedAtMs: last.startedAt === null ? nowMs : last.startedAt * 1000,
    retry: null,
    heading: null,
  };
}

function isOwn(view: ThreadView, threadId: string): boolean {
  return view.threadId === null || view.threadId === threadId;
}

function without(view: ThreadView, requestId: RequestId): ThreadView {
  const approvals = view.approvals.filter((approval) => approval.requestId !== requestId);
  return approvals.length === view.approvals.length ? view : { ...view, approvals };
}

function hear(view: ThreadView, { method, params }: ServerNotification, nowMs: number): ThreadView {
  if ("threadId" in params && params.threadId !== view.threadId) return view;
  switch (method) {
    case "turn/started":
      return { ...view, turn: { id: params.turn.id, startedAtMs: nowMs, retry: null, heading: null } };
    case "turn/completed":
      return endTurn(view, params.turn);
    case "item/started":
      return putItem(working(view, params.turnId), params.turnId, params.item, "running");
    case "item/completed":
      return putItem(view, params.turnId, params.item, "done");
    case "item/agentMessage/delta":
      return grow(
        view,
        params,
        (item) => item.type === "agentMessage" ? { ...item, text: item.text + params.delta } : item,
      );
    case "item/commandExecution/outputDelta":
      return grow(
        view,
        params,
        (item) =>
          item.type === "commandExecution"
            ? { ...item, aggregatedOutput: keepTail((item.aggregatedOutput ?? "") + params.delta) }
            : item,
      );
    case "item/reasoning/summaryTextDelta":
      return withHeading(
        grow(
          view,
          params,
          (item) =>
            item.type === "reasoning"
              ? { ...item, summary: append(item.summary, params.summaryIndex, params.delta) }
              : item,
        ),
        params.turnId,
        params.itemId,
      );
    case "item/reasoning/textDelta":
      return grow(
        view,
        params,
        (item) =>
          item.type === "reasoning"
            ? { ...item, content: append(item.content, params.contentIndex, params.delta) }
            : item,
      );
    case "turn/plan/updated":
      return putPlan(view, params);
    case "thread/tokenUsage/updated":
      return { ...view, usage: params.tokenUsage };
    case "error":
      // One that is not retried comes again in `turn/completed`, which ends the turn.
      if (!params.willRetry || view.turn?.id !== params.turnId) return view;
      return {
        ...view,
        turn: { ...view.turn, retry: { message: params.error.message, details: params.error.additionalDetails } },
      };
    case "serverRequest/resolved":
      return without(view, params.requestId);
    case "thread/closed":
      return { ...view, turn: null, approvals: [] };
    case "configWarning":
    case "deprecationNotice":
      return reduceThread(view, {
        type: "remark",
        tone: "warning",
        text: params.details ? `${params.summary}\n${params.details}` : params.summary,
      });
    case "windows/worldWritableWarning":
      return reduceThread(view, { type: "remark", tone: "warning", text: worldWritableText(params) });
    // Told to whoever asked for the setup.
    case "windowsSandbox/setupCompleted":
    case "thread/status/changed":
    case "thread/started":
    case "account/rateLimits/updated":
    case "turn/diff/updated":
    case "item/reasoning/summaryPartAdded":
    case "item/commandExecution/terminalInteraction":
    case "item/fileChange/outputDelta":
      return view;
  }
}

function endTurn(view: ThreadView, turn: Turn): ThreadView {
  const end = endOfTurn(turn);
  const ended = endItems(view.entries, turn);
  return {
    ...view,
    entries: end ? putEntry(ended, end) : ended,
    turn: view.turn?.id === turn.id ? null : view.turn,
    endedTurns: new Set([...view.endedTurns, turn.id]),
    approvals: view.approvals.filter((approval) => approval.turnId !== turn.id),
  };
}

function putPlan(view: ThreadView, params: ServerNotificationParams<"turn/plan/updated">): ThreadView {
  const { turnId, explanation, plan } = params;
  const known = view.entries.filter((entry) => entry.kind === "plan" && entry.turnId === turnId);
  const retold = view.plansRetold === null ? undefined : known[view.plansRetold];
  const text = JSON.stringify([explanation, plan]);
  if (retold?.kind === "plan" && JSON.stringify([retold.explanation, retold.plan]) === text) {
    return { ...view, plansRetold: (view.plansRetold ?? 0) + 1 };
  }
  return {
    ...view,
    plansRetold: view.plansRetold === null ? null : known.length + 1,
    nextKey: view.nextKey + 1,
    entries: putEntry(view.entries, { kind: "plan", key: `own:${view.nextKey}`, turnId, explanation, plan }),
  };
}

/** A new item means that the model answers again. */
function working(view: ThreadView, turnId: string): ThreadView {
  if (!view.turn?.retry || view.turn.id !== turnId) return view;
  return { ...view, turn: { ...view.turn, retry: null } };
}

function putItem(view: ThreadView, turnId: string, item: ThreadItem, state: "running" | "done"): ThreadView {
  const key = itemKey(turnId, item.id);
  // After its turn an item may still be completed (an interrupted command that ended), but no new work is shown.
  if (state === "running" && view.endedTurns.has(turnId)) return view;
  const before = view.entries[findEntryIndex(view.entries, key)];
  // What its turn had stopped says afterwards that it was killed.
  const stopped = before?.kind === "item" && before.state === "stopped" && wasKilled(item);
  return {
    ...view,
    entries: putEntry(view.entries, { kind: "item", key, turnId, item, state: stopped ? "stopped" : state }),
  };
}

function grow(
  view: ThreadView,
  at: { readonly turnId: string; readonly itemId: string },
  change: (item: ThreadItem) => ThreadItem,
): ThreadView {
  const entries = changeItem(view.entries, itemKey(at.turnId, at.itemId), change);
  return entries === view.entries ? view : { ...working(view, at.turnId), entries };
}

function append(parts: readonly string[], index: number, delta: string): string[] {
  const grown = [...parts];
  while (grown.length <= index) grown.push("");
  grown[index] += delta;
  return grown;
}

function withHeading(view: ThreadView, turnId: string, itemId: string): ThreadView {
  if (view.turn?.id !== turnId) return view;
  const entry = view.entries.findLast((one) => one.key === itemKey(turnId, itemId));
  if (entry?.kind !== "item" || entry.item.type !== "reasoning") return view;
  const heading = entry.item.summary.findLast((part) => findHeading(part) !== null);
  const found = heading === undefined ? null : findHeading(heading);
  return found === null || found === view.turn.heading ? view : { ...view, turn: { ...view.turn, heading: found } };
}

/** The bold first line of a reasoning summary part. */
export function findHeading(part: string): string | null {
  return /^\s*\*\*([^*\n]+)\*\*/.exec(part)?.[1]?.trim() ?? null;
}

/** Characters of a running command's output that a view keeps: more than any screen shows. */
const MAX_LIVE_OUTPUT_CHARS = 64 * 1024;

function keepTail(text: string): string {
  return text.length <= 2 * MAX_LIVE_OUTPUT_CHARS ? text : text.slice(-MAX_LIVE_OUTPUT_CHARS);
}
