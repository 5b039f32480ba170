// A port of the host's loopback address, passed into a sandbox: connections come from there, and go to that port only.
import type { ByteStream } from "../../host/byte_stream.ts";
import type { Dialer } from "../../host/dial.ts";
import { PROXY_LIMITS } from "./serve_options.ts";
import { StreamReader } from "./stream_reader.ts";
import { tunnel } from "./tunnel.ts";

/** The host's own addresses, in the order of trying. */
const LOOPBACK = ["127.0.0.1", "::1"];

/** Settles when the connection is over. Never throws. */
export async function relayToLoopback(client: ByteStream, port: number, dialer: Dialer): Promise<void> {
  for (const address of LOOPBACK) {
    let server: ByteStream;
    try {
      server = await dialer.connect(address, port);
    } catch {
      continue;
    }
    const end = (stream: ByteStream): { stream: ByteStream; reader: StreamReader } => {
      return { stream, reader: new StreamReader(stream) };
    };
    return await tunnel(end(client), end(server), PROXY_LIMITS.idleMs);
  }
  // Nobody listens on the host: inside, the connection is closed at once.
  client.close();
}
