// Who hears which thread. Only bookkeeping: what to do when nobody is left is decided in unloading.ts.
import type { Connection } from "./connection.ts";

export interface Subscriptions {
  add(threadId: string, connection: Connection): void;
  /** False when it was no subscriber. */
  remove(threadId: string, connection: Connection): boolean;
  has(threadId: string, connection: Connection): boolean;
  subscribersOf(threadId: string): Iterable<Connection>;
  isUnheard(threadId: string): boolean;
  /** Takes the connection out everywhere; gives the threads that it heard. */
  removeAll(connection: Connection): readonly string[];
}

export function createSubscriptions(): Subscriptions {
  const byThread = new Map<string, Set<Connection>>();

  function remove(threadId: string, connection: Connection): boolean {
    const subscribers = byThread.get(threadId);
    if (!subscribers?.delete(connection)) return false;
    if (subscribers.size === 0) byThread.delete(threadId);
    return true;
  }

  return {
    remove,
    add(threadId: string, connection: Connection): void {
      const subscribers = byThread.get(threadId);
      if (subscribers) subscribers.add(connection);
      else byThread.set(threadId, new Set([connection]));
    },
    has: (threadId, connection) => byThread.get(threadId)?.has(connection) ?? false,
    subscribersOf: (threadId) => byThread.get(threadId) ?? [],
    isUnheard: (threadId) => !byThread.has(threadId),
    removeAll(connection: Connection): readonly string[] {
      return [...byThread.keys()].filter((threadId) => remove(threadId, connection));
    },
  };
}
