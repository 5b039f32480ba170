// The one place where the state changes: from a state and what happened to the next state and what is to be done. Pure;
// keys are in update_keys.ts, turns and what waits for them in update_turns.ts.
import type { RemarkTone } from "../client/thread_entries.ts";
import { reduceThread } from "../client/thread_view.ts";
import type { ThreadEvent } from "../client/thread_view.ts";
import { type Action, andThen, type Step, step } from "./actions.ts";
import { subjectOf } from "./approval_options.ts";
import { resumeCommand } from "./farewell.ts";
import { currentApproval, type State } from "./state.ts";
import { pressKey } from "./update_keys.ts";
import { afterRejoin, endOfTurn, noteUserMessage, returnToDraft, submit, turnBegan } from "./update_turns.ts";

/** How long typing protects from answering a question that has just appeared, ms. */
const TYPING_GUARD_MS = 700;

export function update(state: State, action: Action): Step {
  switch (action.type) {
    case "thread":
      return hearThread(state, action.event);
    case "key":
      return pressKey({ ...state, nowMs: action.nowMs }, action.key);
    case "typed":
      return step(
        state.list
          ? { ...state, list: { ...state.list, search: state.list.search + action.text, selected: 0 } }
          : state,
      );
    case "draft":
      return step({
        ...state,
        draft: action.text,
        nowMs: action.nowMs,
        // An empty draft was sent or cleared: nobody is in the middle of a word.
        lastTypedMs: action.text === "" ? 0 : action.nowMs,
        popupSelected: 0,
        popupClosedFor: action.text === state.popupClosedFor ? state.popupClosedFor : null,
      });
    case "submit":
      return submit(state, action.text);
    case "opened": {
      const view = reduceThread({ ...tellLeft(state).view, threadId: null, turn: null }, { ...action, type: "opened" });
      const { session } = action;
      return step(tellReadOnly({ ...state, phase: "open", opening: false, list: null, session, choice: null, view }));
    }
    case "openFailed":
      return step(remark({ ...state, opening: false }, "bad", action.message));
    case "rejoined":
      return afterRejoin(state, action);
    case "reconnected":
      return step({ ...state, nowMs: action.nowMs, connection: { kind: "live" } });
    case "turnRefused":
      return returnToDraft(remark({ ...state, sending: null }, "bad", action.message), [action.text]);
    case "steerRefused": {
      const at = state.steers.indexOf(action.text);
      if (at < 0) return step(state);
      const rest = { ...state, steers: state.steers.toSpliced(at, 1) };
      // The turn ended before the words reached it: they wait for the next one instead.
      if (rest.view.turn === null) return submit(rest, action.text);
      return returnToDraft(remark(rest, "bad", action.message), [action.text]);
    }
    case "connectionLost":
      return step({
        ...tellNotOpened(state),
        nowMs: action.nowMs,
        connection: { kind: "lost", sinceMs: action.nowMs, cause: action.cause },
        view: reduceThread(state.view, { type: "disconnected" }),
        interrupting: false,
      });
    case "retrying":
      if (state.connection.kind === "live") return step(state);
      return step({ ...state, nowMs: action.nowMs, connection: { ...state.connection, cause: action.cause } });
    case "listThreads":
      return step({
        ...state,
        phase: "picking",
        list: { purpose: "thread", title: "Resume a session", items: action.items, selected: 0, search: "" },
      });
    case "failed":
      return step(remark(state, "bad", action.message));
    case "tick":
      return step({ ...state, nowMs: action.nowMs });
  }
}

function remark(state: State, tone: RemarkTone, text: string, beforeItem?: string): State {
  const place = beforeItem === undefined ? {} : { beforeItem };
  return { ...state, view: reduceThread(state.view, { type: "remark", tone, text, ...place }) };
}

/** The answer will never come, and input waits for it. */
function tellNotOpened(state: State): State {
  if (!state.opening) return state;
  return remark({ ...state, opening: false }, "bad", "The connection was lost before the thread was opened. Try again");
}

/** The thread that is left for another one stays stored: say how to come back to it. */
function tellLeft(state: State): State {
  if (!state.session || state.view.endedTurns.size === 0) return state;
  return remark(state, "info", `A new thread begins. Back to the one before: ${resumeCommand(state)}`);
}

/** A server that does not trust a folder says so by nothing else. */
function tellReadOnly(state: State): State {
  const { session } = state;
  if (session?.sandbox.type !== "readOnly" || session.sandboxAsked) return state;
  return remark(
    state,
    "warning",
    "Read-only: commands may look at files here, not change them. To let them, start with: codex -s workspace-write",
  );
}

function hearThread(state: State, event: ThreadEvent): Step {
  const before = currentApproval(state);
  const told = tellSettledElsewhere(state, event);
  const next = { ...told, view: reduceThread(told.view, event) };
  const after = currentApproval(next);
  const asked = after !== null && after.requestId !== before?.requestId;
  const guarded = asked
    ? { ...next, approvalSelected: 0, approvalGuardUntilMs: next.lastTypedMs + TYPING_GUARD_MS }
    : next;
  if (event.type !== "heard") return step(guarded);
  const { method, params } = event.notification;
  if ("threadId" in params && params.threadId !== guarded.view.threadId) return step(guarded);
  switch (method) {
    case "turn/started":
      return turnBegan({ ...guarded, nowMs: event.nowMs }, params.turn.id);
    case "turn/completed":
      return endOfTurn(guarded, params.turn);
    case "item/started":
    case "item/completed":
      return params.item.type === "userMessage"
        ? andThen(step(guarded), (s) => noteUserMessage(s, params.item))
        : step(guarded);
    default:
      return step(guarded);
  }
}

/** A question that goes away without an answer from here gets a line, so that nobody wonders where it went. */
function tellSettledElsewhere(state: State, event: ThreadEvent): State {
  if (event.type !== "heard" || event.notification.method !== "serverRequest/resolved") return state;
  const { requestId } = event.notification.params;
  const approval = state.view.approvals.find((one) => one.requestId === requestId);
  return approval
    ? remark(state, "info", `Settled elsewhere: the request for ${subjectOf(approval)}`, approval.itemId)
    : state;
}
