// Listens for WebSocket clients: on TCP, TLS or a socket file, each request through the door, each accepted socket
// through the guard, to the one app server behind them all.
import type { Log } from "../base/log.ts";
import type { Accept } from "../host/http_server.ts";
import { listenWebSocket } from "../host/listen.ts";
import type { Listener, ListenTarget, TlsIdentity } from "../host/listen_target.ts";
import type { TcpAddress } from "../host/socket_table.ts";
import type { AppServer } from "./app_server.ts";
import type { ConnectionGuard } from "./connection_guard.ts";
import { hostAndPort } from "./listen_address.ts";
import { decideUpgrade, type Door } from "./upgrade.ts";

export interface SocketServerOptions {
  readonly server: AppServer;
  readonly target: ListenTarget;
  readonly guard: ConnectionGuard;
  readonly log: Log;
  /** `isOwnUser` is asked with both ends of the connection. */
  readonly door: Omit<Door, "transport" | "isClosing" | "isOwnUser">;
  /** Null: whoever reaches the listener may come in. */
  readonly isOwnUser: ((local: TcpAddress, remote: TcpAddress) => Promise<boolean>) | null;
}

export interface SocketServer {
  /** Null for a socket file. The port that is really listened on. */
  readonly address: TcpAddress | null;
  /** For example `ws://127.0.0.1:4500` or `unix:///run/codex.sock`. */
  readonly url: string;
  /** @throws CodexError AUTH_SETUP, LISTEN_FAILED; the old certificate then stays. */
  replaceTls(identity: TlsIdentity): void;
  /** Stops accepting. Connections are closed by `AppServer.shutdown`. */
  stop(): Promise<void>;
}

/** Starts to listen. @throws CodexError LISTEN_FAILED, AUTH_SETUP */
export async function startSocketServer(options: SocketServerOptions): Promise<SocketServer> {
  const { server, target, guard, isOwnUser } = options;
  const secure = target.kind === "tcp" && target.tls !== null;
  const transport = target.kind === "unix" ? "unix" : secure ? "wss" : "ws";
  const door: Door = {
    ...options.door,
    transport,
    isClosing: () => server.isClosing,
    isOwnUser: isOwnUser && (async (peer) => {
      const local = listener.address;
      return local !== null && await isOwnUser(local, peer);
    }),
  };
  const listener: Listener = await listenWebSocket({
    target,
    async handle(request, peer): Promise<Response | Accept> {
      const decision = await decideUpgrade(request, peer, door);
      if ("response" in decision) {
        guarded.answered(peer);
        return decision.response;
      }
      return (socket) => void server.connect(guarded.adopt(socket, peer), decision.origin);
    },
  });
  const guarded = guard.listening({ port: listener.address?.port ?? null, secure });
  const url = urlOf(transport, target, listener.address);
  options.log.info("Listening", { url });
  return {
    address: listener.address,
    url,
    replaceTls(identity): void {
      listener.replaceTls(identity);
      guarded.replaced();
    },
    async stop(): Promise<void> {
      guarded.stop();
      await listener.stop();
    },
  };
}

function urlOf(transport: Door["transport"], target: ListenTarget, address: TcpAddress | null): string {
  if (target.kind === "unix" || address === null) return `unix://${target.kind === "unix" ? target.path : ""}`;
  return `${transport}://${hostAndPort(address.hostname, address.port)}`;
}
