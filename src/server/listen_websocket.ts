// `app-server --listen ws://…`: accepts clients until a signal, then ends in order.
import type { AuthPolicy } from "../auth/policy.ts";
import { listenWebSocket } from "../host/listen.ts";
import { onEndSignal } from "../host/signals.ts";
import { createSocketStream } from "../rpc/socket_stream.ts";
import type { AppServer } from "./app_server.ts";
import { hostAndPort } from "./listen_address.ts";
import { serveUntilSignal, type WatchSignals } from "./serve_until_signal.ts";
import { decideUpgrade } from "./upgrade.ts";

export interface WebSocketServerOptions {
  readonly server: AppServer;
  /** An IP address, without brackets. */
  readonly hostname: string;
  /** 0: the system picks one. */
  readonly port: number;
  readonly auth: AuthPolicy;
}

export interface WebSocketServer {
  readonly hostname: string;
  /** The port that is really listened on. */
  readonly port: number;
  /** For example `ws://127.0.0.1:4500`. */
  readonly url: string;
  /** Stops accepting. Connections are closed by `AppServer.shutdown`. */
  stop(): Promise<void>;
}

/** Starts to listen. @throws CodexError LISTEN_FAILED */
export function startWebSocketServer(options: WebSocketServerOptions): WebSocketServer {
  const { server, auth } = options;
  const listener = listenWebSocket({
    hostname: options.hostname,
    port: options.port,
    decide: (request) => decideUpgrade(request, auth),
    accept: (socket) => void server.connect(createSocketStream(socket)),
  });
  const { hostname, port } = listener;
  return { hostname, port, url: `ws://${hostAndPort(hostname, port)}`, stop: () => listener.stop() };
}

/** How long a signal waits for running turns; well under the 90 s after which systemd kills. */
const DRAIN_MS = 30_000;

export interface RunWebSocketServerOptions extends WebSocketServerOptions {
  /** Called once the address is known; prints the banner. */
  readonly onListening: (listening: WebSocketServer) => void;
  /** Called at the first signal when turns are running: they get `boundMs` to end. */
  readonly onDraining?: (threads: number, boundMs: number) => void;
  readonly watchSignals?: WatchSignals;
}

/** Serves until SIGINT or SIGTERM: running turns may end first, a second signal cuts them short. The result is the exit code. @throws CodexError LISTEN_FAILED */
export async function runWebSocketServer(options: RunWebSocketServerOptions): Promise<number> {
  const listening = startWebSocketServer(options);
  options.onListening(listening);
  await serveUntilSignal(options.server, {
    watchSignals: options.watchSignals ?? onEndSignal,
    drain: { boundMs: DRAIN_MS, onDraining: (threads) => options.onDraining?.(threads, DRAIN_MS) },
  });
  await listening.stop();
  return 0;
}
