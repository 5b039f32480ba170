// From events to connections: each event is serialized once, however many hear it. Most go to the subscribers of their
// thread; that a thread exists, changed its status or left memory concerns every client.
import type { AgentEvent, EventSink } from "../agent/events.ts";
import type { ServerNotification } from "../protocol/server_notifications.ts";
import type { Connection } from "./connection.ts";
import type { SerializedEvent } from "./outbound.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface Broadcast {
  toSubscribers(threadId: string, event: ServerNotification): void;
  toAll(event: ServerNotification): void;
  toOne(connection: Connection, event: ServerNotification): void;
  /** Settles when one of the thread's clients has caught up. Undefined: no need to wait. */
  pace(threadId: string): Promise<void> | undefined;
  /** Says a thread's status to every client, once each time it changes. */
  status(event: ServerNotification & { method: "thread/status/changed" }): void;
  /** The thread is in memory and idle, and its clients know it. */
  noteIdle(threadId: string): void;
  /** The thread has left memory. */
  forget(threadId: string): void;
}

export function createBroadcast(connections: ReadonlySet<Connection>, subscriptions: Subscriptions): Broadcast {
  const lastStatus = new Map<string, string>();

  function send(receivers: Iterable<Connection>, event: ServerNotification): void {
    let serialized: SerializedEvent | null = null;
    for (const connection of receivers) {
      serialized ??= serialize(event);
      connection.notify(serialized);
    }
  }

  return {
    toSubscribers: (threadId, event) => send(subscriptions.subscribersOf(threadId), event),
    toAll: (event) => send(connections, event),
    pace(threadId): Promise<void> | undefined {
      const waits: Promise<void>[] = [];
      // The fastest sets the pace: one that is slower has what waits for it merged.
      for (const connection of subscriptions.subscribersOf(threadId)) {
        const pace = connection.pace();
        if (pace === "ahead") return undefined;
        if (pace !== "stalled") waits.push(pace);
      }
      return waits.length === 0 ? undefined : Promise.race(waits);
    },
    toOne: (connection, event) => connection.notify(serialize(event)),
    status(event): void {
      const { threadId, status } = event.params;
      const text = JSON.stringify(status);
      if (lastStatus.get(threadId) === text) return;
      lastStatus.set(threadId, text);
      send(connections, event);
    },
    noteIdle(threadId): void {
      lastStatus.set(threadId, JSON.stringify({ type: "idle" }));
    },
    forget(threadId): void {
      lastStatus.delete(threadId);
    },
  };
}

function serialize(event: ServerNotification): SerializedEvent {
  return { event, text: JSON.stringify(event) };
}

/** The agent's way to the clients. `onTurnEnd` is called after the event of an ended turn was sent. */
export function createEventSink(broadcast: Broadcast, onTurnEnd: (threadId: string) => void): EventSink {
  return {
    pace: (threadId) => broadcast.pace(threadId),
    emit(threadId: string, event: AgentEvent): void {
      switch (event.method) {
        case "thread/status/changed":
          return broadcast.status(event);
        // When these are true is the server's to say: a thread is started when its starter has the answer.
        case "thread/started":
        case "thread/closed":
          return;
        case "turn/completed":
          broadcast.toSubscribers(threadId, event);
          return onTurnEnd(threadId);
        default:
          broadcast.toSubscribers(threadId, event);
      }
    },
  };
}
