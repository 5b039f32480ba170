// Turns and the words that wait for them: a new turn, a steer into the running one, the queue behind it. Whatever
// happens to a turn or to the connection, words that were typed are sent, shown as waiting, or back in the composer.
import { textOf } from "../client/thread_entries.ts";
import { reduceThread, type ThreadView } from "../client/thread_view.ts";
import type { ThreadItem } from "../protocol/types/item.ts";
import type { Turn } from "../protocol/types/turn.ts";
import { type Action, type Effect, type Step, step } from "./actions.ts";
import { parseSlash } from "./slash_commands.ts";
import type { State } from "./state.ts";
import { runSlash } from "./update_slash.ts";

export function submit(state: State, given: string): Step {
  const text = given.trim();
  if (text === "") return step(state);
  const slash = parseSlash(text);
  if (slash.kind === "command") return runSlash(state, slash.row, slash.argument);
  if (slash.kind === "unknown") {
    const view = reduceThread(state.view, {
      type: "remark",
      tone: "bad",
      text: `There is no command "/${slash.name}". /help lists them`,
    });
    return returnToDraft({ ...state, view }, [text]);
  }
  if (state.connection.kind === "lost" || state.opening || state.session === null) return returnToDraft(state, [text]);
  return send({ ...state, doubtful: null }, text);
}

function send(state: State, text: string): Step {
  const remembered: Effect = { type: "remember", text };
  // The turn is ending: what is said now begins the next one.
  if (state.view.turn && state.interrupting) return step({ ...state, steers: [...state.steers, text] }, remembered);
  if (state.view.turn) {
    const effect: Effect = { type: "steer", text, turnId: state.view.turn.id };
    return step({ ...state, steers: [...state.steers, text] }, remembered, effect);
  }
  if (state.sending !== null) return step({ ...state, queue: [...state.queue, text] }, remembered);
  return begin(state, text, remembered);
}

/** Asks for a turn. */
function begin(state: State, text: string, ...before: Effect[]): Step {
  return step({ ...state, sending: text, interrupting: false }, ...before, {
    type: "startTurn",
    text,
    choice: state.choice,
  });
}

/** Puts words back into the composer, above what stands there. */
export function returnToDraft(state: State, texts: readonly string[]): Step {
  const draft = [...texts, state.draft].filter((text) => text !== "").join("\n");
  if (draft === state.draft) return step(state);
  return step({ ...state, draft, popupClosedFor: draft }, { type: "setDraft", text: draft });
}

export function turnBegan(state: State, turnId: string): Step {
  const next = { ...state, sending: null };
  // Esc came before the turn had a name.
  return state.interrupting ? step(next, { type: "interrupt", turnId }) : step(next);
}

/** A message that appears in the thread no longer waits here, nor in the composer. */
export function noteUserMessage(state: State, item: ThreadItem): Step {
  const text = textOf(item)?.trim() ?? "";
  const at = state.steers.indexOf(text);
  const steers = at < 0 ? state.steers : state.steers.toSpliced(at, 1);
  const next = { ...state, steers, sending: state.sending === text ? null : state.sending };
  if (state.doubtful !== text) return step(next);
  const known = { ...next, doubtful: null };
  return state.draft.trim() === text ? step({ ...known, draft: "" }, { type: "setDraft", text: "" }) : step(known);
}

export function endOfTurn(state: State, turn: Turn): Step {
  const next = { ...state, sending: null, steers: [], interrupting: false };
  // Sent when the connection was lost, and not of this turn: another one may still begin with it.
  if (state.sending !== null) return doubt(next, state.sending, [...state.steers, ...state.queue]);
  if (turn.status === "completed") {
    // A steer that came too late for its turn is the next one.
    if (state.steers.length > 0) return begin(next, state.steers.join("\n"));
    const [first, ...rest] = state.queue;
    return first === undefined ? step(next) : begin({ ...next, queue: rest }, first);
  }
  // Esc with steers waiting means: now, not after the next tool call.
  if (state.interrupting && state.steers.length > 0) return begin(next, state.steers.join("\n"));
  return returnToDraft({ ...next, queue: [] }, [...state.steers, ...state.queue]);
}

export function afterRejoin(state: State, action: Extract<Action, { type: "rejoined" }>): Step {
  const { nowMs } = action;
  const merged = reduceThread(state.view, { type: "rejoined", thread: action.thread, nowMs });
  const seconds = state.connection.kind === "lost" ? Math.round((nowMs - state.connection.sinceMs) / 1000) : 0;
  const view = reduceThread(merged, { type: "remark", tone: "info", text: `Reconnected after ${seconds} s` });
  const untold = findUntold(state, merged);
  const next: State = {
    ...state,
    view,
    connection: { kind: "live" },
    session: action.session,
    sending: null,
    steers: [],
    interrupting: false,
    nowMs,
  };
  // The running turn may have taken them and not told it yet: that shows at its end at the latest.
  if (view.turn) return step({ ...next, ...untold });
  const { sending, steers } = untold;
  if (sending !== null) return doubt(next, sending, [...steers, ...state.queue]);
  return returnToDraft({ ...next, queue: [] }, [...steers, ...state.queue]);
}

/** Back to the composer, together with what waited behind it. If it appears in the thread after all, it goes. */
function doubt(state: State, text: string, behind: readonly string[]): Step {
  return returnToDraft({ ...state, queue: [], doubtful: text }, [text, ...behind]);
}

/** What was sent and does not appear in the thread. */
function findUntold({ view, sending, steers }: State, merged: ThreadView): Pick<State, "sending" | "steers"> {
  const told = new Map<string, number>();
  const isUntold = (text: string): boolean => {
    const left = told.get(text) ?? countMessages(merged, text) - countMessages(view, text);
    told.set(text, left - 1);
    return left <= 0;
  };
  return { sending: sending !== null && isUntold(sending) ? sending : null, steers: steers.filter(isUntold) };
}

function countMessages(view: ThreadView, text: string): number {
  return view.entries.filter((entry) =>
    entry.kind === "item" && entry.item.type === "userMessage" && textOf(entry.item)?.trim() === text
  ).length;
}
