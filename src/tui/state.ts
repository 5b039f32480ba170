// Everything the screen shows and every key depends on, as one plain value. The thread itself is the client's view;
// this adds what belongs to the person in front of the screen: draft, queue, dialogs, connection.
import type { Approval } from "../client/approval.ts";
import { EMPTY_VIEW, type ThreadView } from "../client/thread_view.ts";
import type { Model } from "../protocol/types/model.ts";
import type { AskForApproval, ReasoningEffort, SandboxPolicy } from "../protocol/types/policy.ts";

/** The settings of the open thread, as the server answered them. */
export interface Session {
  readonly threadId: string;
  readonly model: string;
  readonly effort: ReasoningEffort | null;
  readonly folder: string;
  readonly approvalPolicy: AskForApproval;
  readonly sandbox: SandboxPolicy;
  /** The command line said what commands may do; else the server decided. */
  readonly sandboxAsked: boolean;
}

export type Connection =
  | { readonly kind: "live" }
  | { readonly kind: "lost"; readonly sinceMs: number; readonly cause: string };

export interface ListItem {
  readonly value: string;
  readonly label: string;
  readonly detail: string;
}

export interface ListDialog {
  readonly purpose: "model" | "effort" | "thread";
  readonly title: string;
  readonly items: readonly ListItem[];
  /** Index in the items that match. */
  readonly selected: number;
  /** What was typed to narrow the list. */
  readonly search: string;
}

export interface ModelChoice {
  readonly model: string;
  readonly effort: ReasoningEffort | null;
}

export interface State {
  readonly phase: "picking" | "open" | "leaving";
  readonly version: string;
  /** Null when the server is in this process. */
  readonly serverUrl: string | null;
  readonly view: ThreadView;
  readonly session: Session | null;
  readonly connection: Connection;
  /** What stands in the composer. */
  readonly draft: string;
  /** Row of the slash popup; the popup itself follows from the draft. */
  readonly popupSelected: number;
  /** The draft for which Esc has closed the popup. */
  readonly popupClosedFor: string | null;
  /** Given with Tab: become turns of their own, one after the other. */
  readonly queue: readonly string[];
  /** Sent into the running turn and not taken up yet. */
  readonly steers: readonly string[];
  /** A turn that was asked for and has not begun. */
  readonly sending: string | null;
  /** Given back to the composer after the connection was lost, although the server may still take it up. */
  readonly doubtful: string | null;
  readonly interrupting: boolean;
  readonly list: ListDialog | null;
  /** A thread is being opened: input waits. */
  readonly opening: boolean;
  readonly approvalSelected: number;
  /** Until then, keys belong to the text that was being typed when the question appeared. */
  readonly approvalGuardUntilMs: number;
  readonly lastTypedMs: number;
  readonly quitArmedUntilMs: number;
  /** For the next turns; null while nothing was picked. */
  readonly choice: ModelChoice | null;
  readonly models: readonly Model[];
  readonly nowMs: number;
}

export interface InitialState {
  readonly version: string;
  readonly serverUrl: string | null;
  readonly models: readonly Model[];
  readonly nowMs: number;
}

export function initialState(given: InitialState): State {
  return {
    ...given,
    phase: "open",
    view: EMPTY_VIEW,
    session: null,
    connection: { kind: "live" },
    draft: "",
    popupSelected: 0,
    popupClosedFor: null,
    queue: [],
    steers: [],
    sending: null,
    doubtful: null,
    interrupting: false,
    list: null,
    opening: false,
    approvalSelected: 0,
    approvalGuardUntilMs: 0,
    lastTypedMs: 0,
    quitArmedUntilMs: 0,
    choice: null,
  };
}

/** The question on the screen: the oldest one. */
export function currentApproval(state: State): Approval | null {
  return state.view.approvals[0] ?? null;
}

export function isBusy(state: State): boolean {
  return state.view.turn !== null || state.sending !== null;
}

/** Approvals and sandbox are both off: said at the top of the screen. */
export function isUnguarded(session: Session): boolean {
  return session.approvalPolicy === "never" && session.sandbox.type === "dangerFullAccess";
}

export function modelLabel(state: State): string {
  const model = state.choice?.model ?? state.session?.model ?? "";
  const effort = state.choice ? state.choice.effort : state.session?.effort ?? null;
  return `${model} ${effort ?? "default"}`;
}
