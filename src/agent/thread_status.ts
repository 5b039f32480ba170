// The status of a thread and the one place that announces its changes. Several approvals can be open at once: the
// flag is up while any of them is.
import type { ThreadStatus } from "../protocol/types/thread.ts";
import type { EventSink } from "./events.ts";

export class StatusTracker {
  readonly #threadId: string;
  readonly #events: EventSink;
  #status: ThreadStatus = { type: "idle" };
  #openApprovals = 0;

  constructor(threadId: string, events: EventSink) {
    this.#threadId = threadId;
    this.#events = events;
  }

  get current(): ThreadStatus {
    return this.#status;
  }

  /** Announces the status, also when it is the one before. */
  set(status: ThreadStatus): void {
    this.#openApprovals = 0;
    this.#announce(status);
  }

  approvalOpened(): void {
    this.#openApprovals++;
    if (this.#openApprovals === 1) this.#announce({ type: "active", activeFlags: ["waitingOnApproval"] });
  }

  /** Silent when the turn is being interrupted: the status that ends the turn follows at once. */
  approvalClosed(options: { silent: boolean }): void {
    if (this.#openApprovals === 0) return;
    this.#openApprovals--;
    if (this.#openApprovals > 0) return;
    if (options.silent) this.#status = { type: "active", activeFlags: [] };
    else this.#announce({ type: "active", activeFlags: [] });
  }

  #announce(status: ThreadStatus): void {
    this.#status = status;
    this.#events.emit(this.#threadId, {
      method: "thread/status/changed",
      params: { threadId: this.#threadId, status },
    });
  }
}
