// The messages of one connection that have arrived and not been looked at. Peers look at each as it comes, so that next
// to nothing waits here; the bound is for a reader that has stopped. The size is UTF-16 units of the texts.
import { type AsyncQueue, createAsyncQueue } from "./async_queue.ts";
import type { CloseReason, Incoming } from "./message_stream.ts";

const MAX_WAITING_MESSAGES = 65_536;
/** As much as one message may have. */
const MAX_WAITING_UNITS = 64 * 1024 * 1024;

export type IncomingQueue = AsyncQueue<Incoming>;

export function createIncomingQueue(): IncomingQueue {
  return createAsyncQueue({
    maxLength: MAX_WAITING_MESSAGES,
    maxSize: MAX_WAITING_UNITS,
    sizeOf: (incoming) => incoming.kind === "message" ? incoming.bytes : incoming.reason.length,
  });
}

/** What a side that cannot be slowed down is told when the queue is full; what it sent before is still looked at. */
export const QUEUE_FULL: CloseReason = { code: 1013, reason: "too many messages wait to be read" };
