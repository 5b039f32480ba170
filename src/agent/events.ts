// What the agent tells the world while it works: the protocol's own notifications of threads, turns and items.
// The agent has no idea who listens; the server decides which connections hear what.
import type { ServerNotification } from "../protocol/server_notifications.ts";

export type AgentEvent = Extract<
  ServerNotification,
  {
    method:
      | `thread/${string}`
      | `turn/${string}`
      | `item/${string}`
      | "error"
      | "account/rateLimits/updated"
      | "configWarning";
  }
>;

/** What is known of an event beside the wire: for the operator, never for clients. */
export interface EventNote {
  /** How a command was confined: "none", "read-only" or "workspace-write". */
  readonly sandbox?: string;
}

/** A command that rules or settings forbid: nobody was asked, and clients see no item of it. */
export interface RefusedCommand {
  readonly threadId: string;
  readonly turnId: string;
  readonly itemId: string;
  readonly command: string;
  readonly cwd: string;
}

export interface EventSink {
  /** Called in order, synchronously. Must not throw and must not block. */
  emit(threadId: string, event: AgentEvent, note?: EventNote): void;
  /**
   * For whoever makes many events: settles when those who follow the thread have taken most of them, and soon in any
   * case. Undefined: no need to wait.
   */
  pace?(threadId: string): Promise<void> | undefined;
  /** As `emit`; for the operator only. */
  commandRefused?(command: RefusedCommand): void;
}
