// A port of this machine whose connections are handed out as streams.
import { CodexError, messageOf } from "../base/errors.ts";
import { type ByteStream, connectionStream } from "./byte_stream.ts";

export interface StreamListener {
  readonly port: number;
  /** Closes the port and every connection that is still open. */
  close(): Promise<void>;
}

/** Port 0 is a free one. @throws CodexError LISTEN_FAILED */
export function listenForStreams(
  address: string,
  port: number,
  onStream: (stream: ByteStream) => void,
): StreamListener {
  const listener = listen(address, port);
  const open = new Set<ByteStream>();
  const accepting = (async (): Promise<void> => {
    for await (const connection of listener) {
      const stream = connectionStream(connection);
      const tracked: ByteStream = {
        ...stream,
        close(): void {
          open.delete(tracked);
          stream.close();
        },
      };
      open.add(tracked);
      onStream(tracked);
    }
  })();
  return {
    port: listener.addr.port,
    async close(): Promise<void> {
      listener.close();
      await accepting;
      for (const stream of open) stream.close();
    },
  };
}

function listen(address: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: address, port });
  } catch (cause) {
    throw new CodexError("LISTEN_FAILED", `Cannot listen on ${address} port ${port}: ${messageOf(cause)}`, {
      cause,
      hint: "Choose another port, or leave it out for a free one",
    });
  }
}
