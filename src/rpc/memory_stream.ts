// Two ends of a wire inside one process: what one sends the other receives. Texts are parsed like on any other wire, so
// that a client in the process sees exactly what a remote one would.
import { createAsyncQueue } from "./async_queue.ts";
import { parseMessage } from "./parse_message.ts";
import type { CloseReason, Incoming, MessageStream } from "./message_stream.ts";

export function createMemoryStreamPair(): [MessageStream, MessageStream] {
  const shared = Promise.withResolvers<CloseReason>();
  const queues = [createAsyncQueue<Incoming>(), createAsyncQueue<Incoming>()] as const;
  let open = true;

  function makeEnd(mine: typeof queues[number], theirs: typeof queues[number]): MessageStream {
    return {
      incoming: mine,
      bufferedBytes: 0,
      closed: shared.promise,
      send(text: string): void {
        if (open) theirs.push(parseMessage(text));
      },
      close(reason: CloseReason): Promise<void> {
        if (open) {
          open = false;
          for (const queue of queues) queue.end();
          shared.resolve(reason);
        }
        return Promise.resolve();
      },
    };
  }

  return [makeEnd(queues[0], queues[1]), makeEnd(queues[1], queues[0])];
}
