// One HTTP server of the runtime: each request goes to the caller, who answers it or takes it as a WebSocket, and a stop
// waits for nobody.
import type { TcpAddress } from "./socket_table.ts";

/** Gets an accepted socket before anything was received. Must attach its listeners at once. */
export type Accept = (socket: WebSocket) => void;

/** A response refuses or answers the request; a function upgrades it. `peer` is null on a socket file. Must not reject. */
export type HandleRequest = (request: Request, peer: TcpAddress | null) => Promise<Response | Accept>;

export interface HttpServer<S> {
  readonly server: S;
  /** Stops at once: a client that never finishes its request must not keep the process. */
  stop(): Promise<void>;
}

/** What the runtime's `serve` is called with. */
export interface ServeParts {
  readonly signal: AbortSignal;
  onListen(): void;
  handler(request: Request, info: Deno.ServeHandlerInfo): Promise<Response>;
}

/**
 * A client that is silent is pinged after half of this time and given up at its end, in seconds: dead peers are gone
 * within half a minute.
 */
const IDLE_TIMEOUT_S = 28;

export function startHttpServer<S extends Deno.HttpServer<Deno.Addr>>(
  handle: HandleRequest,
  serve: (parts: ServeParts) => S,
): HttpServer<S> {
  const aborter = new AbortController();
  const server = serve({
    signal: aborter.signal,
    onListen(): void {},
    async handler(request, { remoteAddr }): Promise<Response> {
      const peer = remoteAddr.transport === "tcp" ? { hostname: remoteAddr.hostname, port: remoteAddr.port } : null;
      const outcome = await handle(request, peer);
      if (outcome instanceof Response) return outcome;
      const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: IDLE_TIMEOUT_S });
      outcome(socket);
      return response;
    },
  });
  return {
    server,
    async stop(): Promise<void> {
      aborter.abort();
      await server.finished;
    },
  };
}
