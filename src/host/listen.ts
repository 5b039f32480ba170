// The only HTTP server of the program: it listens, asks the caller about each request, and upgrades to WebSocket the
// ones that may. Which request may is decided by the caller (server/upgrade), with plain values.
import { CodexError, messageOf } from "../base/errors.ts";

export interface ListenOptions {
  /** An IP address, without brackets. */
  readonly hostname: string;
  /** 0: the system picks one. */
  readonly port: number;
  /** A response refuses or answers the request; null upgrades it. Must not reject. */
  readonly decide: (request: Request) => Promise<Response | null>;
  /** An accepted socket, before anything was received. Must attach its listeners at once. */
  readonly accept: (socket: WebSocket) => void;
}

export interface Listener {
  readonly hostname: string;
  readonly port: number;
  /** Stops accepting; open sockets are the caller's to close first. */
  stop(): Promise<void>;
}

/** @throws CodexError LISTEN_FAILED with the address and what to do. */
export function listenWebSocket(options: ListenOptions): Listener {
  const { hostname, port, decide, accept } = options;
  const aborter = new AbortController();
  try {
    const server = Deno.serve({
      hostname,
      port,
      signal: aborter.signal,
      onListen(): void {},
      async handler(request: Request): Promise<Response> {
        const refusal = await decide(request);
        if (refusal !== null) return refusal;
        const { socket, response } = Deno.upgradeWebSocket(request);
        accept(socket);
        return response;
      },
    });
    return {
      hostname: server.addr.hostname,
      port: server.addr.port,
      async stop(): Promise<void> {
        aborter.abort();
        await server.finished;
      },
    };
  } catch (error) {
    throw listenError(hostname, port, error);
  }
}

function listenError(hostname: string, port: number, error: unknown): CodexError {
  const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return new CodexError("LISTEN_FAILED", `Cannot listen on ${address}: the address is in use`, {
      cause: error,
      hint: "Stop the other server, or choose another port; port 0 takes a free one",
    });
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return new CodexError("LISTEN_FAILED", `Cannot listen on ${address}: this machine has no such address`, {
      cause: error,
      hint: "Use 127.0.0.1, or an address of one of this machine's interfaces",
    });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new CodexError("LISTEN_FAILED", `Cannot listen on ${address}: permission denied`, {
      cause: error,
      hint: "Choose a port above 1023",
    });
  }
  return new CodexError("LISTEN_FAILED", `Cannot listen on ${address}: ${messageOf(error)}`, { cause: error });
}
