// The app server: one agent, any number of connections. It owns who is connected and what happens when all of it ends;
// sockets and pipes are made by listen_websocket and listen_stdio, or by a client in the same process.
import type { Agent } from "../agent/threads.ts";
import type { MessageStream } from "../rpc/message_stream.ts";
import type { ServerServices } from "./services.ts";

export interface AppServer {
  /** Takes a client's stream; it is served until it closes. */
  connect(stream: MessageStream): void;
  /** How many clients are connected. */
  readonly connectionCount: number;
  /**
   * Takes no new clients, lets running turns end (until `signal` fires, then they are interrupted), and closes every
   * connection with 1001. Never rejects.
   */
  shutdown(signal: AbortSignal): Promise<void>;
  readonly agent: Agent;
}

export function createAppServer(_services: ServerServices): AppServer {
  throw new Error("createAppServer is being written");
}
