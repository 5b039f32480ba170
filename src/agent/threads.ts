// The agent as the server sees it: threads to start, resume and drive.
import { CodexError } from "../base/errors.ts";
import type { AgentEvent } from "./events.ts";
import type { ParamsOf } from "../protocol/client_requests.ts";
import type { UserInput } from "../protocol/types/item.ts";
import type { Thread as ThreadSnapshot, ThreadStatus } from "../protocol/types/thread.ts";
import type { Turn } from "../protocol/types/turn.ts";
import type {
  ApprovalsReviewer,
  AskForApproval,
  ReasoningEffort,
  SandboxPolicy,
  ServiceTier,
} from "../protocol/types/policy.ts";

/** A `turn/steer` that cannot be taken; the message is the wire's own. */
export class SteerRejected extends CodexError {
  override readonly name = "SteerRejected";

  constructor(message: string) {
    super("PROTOCOL", message);
  }
}

/** A `turn/start` that cannot be taken. */
export class TurnRejected extends CodexError {
  override readonly name = "TurnRejected";

  constructor(message: string) {
    super("PROTOCOL", message);
  }
}

/** The settings that `thread/start` and `thread/resume` answer with. */
export interface ThreadSettings {
  readonly model: string;
  readonly modelProvider: string;
  readonly serviceTier: ServiceTier | null;
  readonly cwd: string;
  readonly approvalPolicy: AskForApproval;
  readonly approvalsReviewer: ApprovalsReviewer;
  readonly sandbox: SandboxPolicy;
  readonly reasoningEffort: ReasoningEffort | null;
}

export interface AgentThread {
  readonly id: string;
  readonly status: ThreadStatus;
  readonly settings: ThreadSettings;
  /** The wire's `Thread`; `turns` filled only when asked for. Its `cwd` is where the thread began, whatever turns chose. */
  snapshot(options: { includeTurns: boolean }): ThreadSnapshot;
  /**
   * Starts a turn, or queues it behind the running one (own id and lifecycle). Returns the turn as `turn/start` answers
   * it. @throws TurnRejected when too many wait already.
   */
  startTurn(params: ParamsOf<"turn/start">): Turn;
  /**
   * Settles when what this turn was started with is on disk, so that the client may be told that it was taken; at once
   * for a turn that waits behind another or has ended. Never rejects: a turn that cannot be saved fails and says so.
   */
  inputSaved(turnId: string): Promise<void>;
  /**
   * Returns the turn id. @throws SteerRejected when no turn runs, `expectedTurnId` is not the running one, or too much
   * waits for it already.
   */
  steer(params: ParamsOf<"turn/steer">): string;
  /** Ends the running turn with this id and settles after `turn/completed`; a turn that is not running settles at once. */
  interrupt(turnId: string): Promise<void>;
  /** What a client that joins late is told beside the snapshot: the plans of the last turn, the latest token usage. */
  retold(): readonly AgentEvent[];
}

export interface Agent {
  start(params: ParamsOf<"thread/start">, client: { name: string }): Promise<AgentThread>;
  /** A loaded thread is returned as it is. @throws CodexError THREAD_NOT_FOUND */
  resume(params: ParamsOf<"thread/resume">): Promise<AgentThread>;
  find(threadId: string): AgentThread | undefined;
  loadedIds(): readonly string[];
  /** Interrupts what runs, flushes, forgets. */
  unload(threadId: string): Promise<void>;
  /** Waits for running turns, up to the signal; then as `unload` for all. */
  shutdown(signal: AbortSignal): Promise<void>;
}

export type { UserInput };
