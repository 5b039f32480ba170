// When a thread leaves memory: nobody hears it and no turn runs. A running turn keeps it, so that work goes on when the
// last client has gone; it then leaves at the end of the turn. Runs in the thread's lane, so that a client that resumes
// it meanwhile gets either the loaded thread or a fresh one, never half of one.
import type { Agent } from "../agent/threads.ts";
import { messageOf } from "../base/errors.ts";
import type { Lanes } from "../base/lanes.ts";
import type { Log } from "../base/log.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface Unloading {
  /** Unloads the thread if it is unused. Never rejects. Call outside of the thread's lane. */
  consider(threadId: string): Promise<void>;
  /** The same for a caller that is in the thread's lane. */
  considerInLane(threadId: string): Promise<void>;
}

export function threadLane(threadId: string): string {
  return `thread:${threadId}`;
}

export interface UnloadingParts {
  readonly agent: () => Agent;
  readonly lanes: Lanes;
  readonly subscriptions: Subscriptions;
  readonly broadcast: Broadcast;
  readonly log: Log;
}

export function createUnloading(parts: UnloadingParts): Unloading {
  const { lanes, subscriptions, broadcast, log } = parts;

  async function considerInLane(threadId: string): Promise<void> {
    const thread = parts.agent().find(threadId);
    if (!thread || !subscriptions.isUnheard(threadId) || thread.status.type === "active") return;
    try {
      await parts.agent().unload(threadId);
    } catch (error) {
      log.error(`Cannot unload thread ${threadId}: ${messageOf(error)}`, {}, error);
    }
    broadcast.status({ method: "thread/status/changed", params: { threadId, status: { type: "notLoaded" } } });
    broadcast.toAll({ method: "thread/closed", params: { threadId } });
    broadcast.forget(threadId);
  }

  return {
    considerInLane,
    consider: (threadId) => lanes.run(threadLane(threadId), () => considerInLane(threadId)),
  };
}
