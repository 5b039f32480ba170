// When a thread leaves memory. Work outlives its clients: a running turn goes on when the last one has gone, a question
// waits, and an idle thread stays for half an hour in case somebody comes back. Who asks for it with
// `thread/unsubscribe` gets it at once, with what runs. Runs in the thread's lane, so that a client that resumes it
// meanwhile gets either the loaded thread or a fresh one, never half of one.
import type { Agent } from "../agent/threads.ts";
import { messageOf } from "../base/errors.ts";
import type { Lanes } from "../base/lanes.ts";
import type { Log } from "../base/log.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface Unloading {
  /** Nobody hears the thread (any more): it leaves memory later, unless a turn runs or somebody comes. */
  unheard(threadId: string): void;
  /** Unloads the thread now if nobody hears it, and ends what runs. Never rejects. Call in the thread's lane. */
  nowInLane(threadId: string): Promise<void>;
  /** Nothing leaves memory any more. */
  stop(): void;
}

/** How long an idle thread that nobody hears stays in memory. */
export const UNLOAD_AFTER_MS = 30 * 60_000;
/** Such threads that stay in memory; of more, the one that nobody has heard for longest leaves. */
const MAX_UNHEARD = 64;

export function threadLane(threadId: string): string {
  return `thread:${threadId}`;
}

export interface UnloadingParts {
  readonly agent: () => Agent;
  readonly lanes: Lanes;
  readonly subscriptions: Subscriptions;
  readonly broadcast: Broadcast;
  readonly log: Log;
  /** ms */
  readonly afterMs: number;
}

export function createUnloading(parts: UnloadingParts): Unloading {
  const { lanes, subscriptions, broadcast, log } = parts;
  /** Of threads that nobody hears, the longest unheard first. */
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  let stopped = false;

  function forget(threadId: string): void {
    clearTimeout(timers.get(threadId));
    timers.delete(threadId);
  }

  function isIdle(threadId: string): boolean {
    return parts.agent().find(threadId)?.status.type !== "active";
  }

  async function nowInLane(threadId: string): Promise<void> {
    forget(threadId);
    const thread = parts.agent().find(threadId);
    if (!thread || !subscriptions.isUnheard(threadId)) return;
    try {
      await parts.agent().unload(threadId);
    } catch (error) {
      log.error(`Cannot unload thread ${threadId}: ${messageOf(error)}`, { threadId }, error);
    }
    broadcast.status({ method: "thread/status/changed", params: { threadId, status: { type: "notLoaded" } } });
    broadcast.toAll({ method: "thread/closed", params: { threadId } });
    broadcast.forget(threadId);
  }

  function unloadIfIdle(threadId: string): void {
    forget(threadId);
    // The end of a turn begins the time anew.
    void lanes.run(threadLane(threadId), async () => isIdle(threadId) ? await nowInLane(threadId) : undefined);
  }

  return {
    nowInLane,
    unheard(threadId): void {
      forget(threadId);
      if (stopped || !isIdle(threadId)) return;
      timers.set(threadId, setTimeout(() => unloadIfIdle(threadId), parts.afterMs));
      const [oldest] = timers.keys();
      if (timers.size > MAX_UNHEARD && oldest !== undefined) unloadIfIdle(oldest);
    },
    stop(): void {
      stopped = true;
      for (const threadId of [...timers.keys()]) forget(threadId);
    },
  };
}
