// Two ends of a wire inside one process: what one sends the other receives. Texts are parsed like on any other wire, so
// that a client in the process sees exactly what a remote one would.
import { createIncomingQueue, type IncomingQueue, QUEUE_FULL } from "./incoming_queue.ts";
import { parseMessage } from "./parse_message.ts";
import type { CloseReason, MessageStream } from "./message_stream.ts";

export function createMemoryStreamPair(): [MessageStream, MessageStream] {
  const shared = Promise.withResolvers<CloseReason>();
  const queues = [createIncomingQueue(), createIncomingQueue()] as const;
  let open = true;

  function close(reason: CloseReason): void {
    if (!open) return;
    open = false;
    for (const queue of queues) queue.end();
    shared.resolve(reason);
  }

  function makeEnd(mine: IncomingQueue, theirs: IncomingQueue): MessageStream {
    return {
      incoming: mine,
      closed: shared.promise,
      get bufferedBytes(): number {
        return theirs.size;
      },
      send(text: string): void {
        if (open && !theirs.push(parseMessage(text))) close(QUEUE_FULL);
      },
      close: (reason) => Promise.resolve(close(reason)),
    };
  }

  return [makeEnd(queues[0], queues[1]), makeEnd(queues[1], queues[0])];
}
