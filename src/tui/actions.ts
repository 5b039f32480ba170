// What can happen to the state, and what the state can ask of the world. `update` maps one to the other.
import type { ApprovalDecision } from "../client/approval.ts";
import type { ThreadEvent } from "../client/thread_view.ts";
import type { Thread } from "../protocol/types/thread.ts";
import type { RequestId } from "../rpc/message.ts";
import type { KeyName } from "./keymap.ts";
import type { ListItem, ModelChoice, Session, State } from "./state.ts";

export type Action =
  | { readonly type: "thread"; readonly event: ThreadEvent }
  | { readonly type: "key"; readonly key: KeyName; readonly nowMs: number }
  /** A printable character while a list is open. */
  | { readonly type: "typed"; readonly text: string }
  | { readonly type: "draft"; readonly text: string; readonly nowMs: number }
  | { readonly type: "submit"; readonly text: string }
  | { readonly type: "opened"; readonly session: Session; readonly thread: Thread; readonly nowMs: number }
  | { readonly type: "openFailed"; readonly message: string }
  | { readonly type: "rejoined"; readonly session: Session; readonly thread: Thread; readonly nowMs: number }
  /** Connected again, with no thread open. */
  | { readonly type: "reconnected"; readonly nowMs: number }
  | { readonly type: "turnRefused"; readonly text: string; readonly message: string }
  | { readonly type: "steerRefused"; readonly text: string; readonly message: string }
  | { readonly type: "connectionLost"; readonly cause: string; readonly nowMs: number }
  | { readonly type: "retrying"; readonly cause: string; readonly nowMs: number }
  | { readonly type: "listThreads"; readonly items: readonly ListItem[] }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "tick"; readonly nowMs: number };

export type Effect =
  | { readonly type: "startTurn"; readonly text: string; readonly choice: ModelChoice | null }
  | { readonly type: "steer"; readonly text: string; readonly turnId: string }
  | { readonly type: "interrupt"; readonly turnId: string }
  | { readonly type: "respond"; readonly requestId: RequestId; readonly decision: ApprovalDecision }
  /** Replaces what stands in the composer. */
  | { readonly type: "setDraft"; readonly text: string }
  /** For the up key. */
  | { readonly type: "remember"; readonly text: string }
  | { readonly type: "newThread" }
  | { readonly type: "resumeThread"; readonly threadId: string }
  /** Sandboxed commands may read it too, in this session. */
  | { readonly type: "addReadFolder"; readonly path: string }
  | { readonly type: "suspend" }
  | { readonly type: "quit" };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export function step(state: State, ...effects: Effect[]): Step {
  return { state, effects };
}

/** One step after the other; the effects of both. */
export function andThen(first: Step, next: (state: State) => Step): Step {
  const second = next(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
}
