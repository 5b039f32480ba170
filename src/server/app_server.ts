// The app server: one agent, any number of connections. It owns who is connected and what happens when all of it ends;
// sockets and pipes are made by listen_websocket and listen_stdio, or by a client in the same process.
import type { Agent } from "../agent/threads.ts";
import { messageOf } from "../base/errors.ts";
import { createLanes } from "../base/lanes.ts";
import type { CloseReason, MessageStream } from "../rpc/message_stream.ts";
import { createAskClients } from "./ask_clients.ts";
import { createBroadcast, createEventSink } from "./broadcast.ts";
import { type ClientOrigin, IN_PROCESS } from "./client_origin.ts";
import { Connection } from "./connection.ts";
import { createDecoder } from "./decode.ts";
import { unreadable } from "./error_map.ts";
import type { ServerParts } from "./handler.ts";
import { handlers } from "./handlers/all.ts";
import { observeEvents } from "./observe_events.ts";
import { createRouter } from "./router.ts";
import type { ServerServices } from "./services.ts";
import { createSubscriptions } from "./subscriptions.ts";
import { createUnloading, UNLOAD_AFTER_MS } from "./unloading.ts";
import { userAgent } from "./user_agent.ts";

export interface AppServer {
  /** Takes a client's stream; it is served until it closes. Settles then. */
  connect(stream: MessageStream, origin?: ClientOrigin): Promise<CloseReason>;
  /** Clients that are connected, by transport. */
  connections(): ReadonlyMap<string, number>;
  /** Bytes that wait for slow clients. */
  queueBytes(): number;
  /** Threads with a running turn. */
  runningTurns(): number;
  /** It takes no new clients and no new turns. */
  readonly isClosing: boolean;
  /** Calls back after a client has come or gone, or a turn has started or ended. */
  onChange(listener: () => void): void;
  /**
   * Takes no new clients, lets running turns end (until `signal` fires, then they are interrupted), and closes every
   * connection with 1001. Never rejects.
   */
  shutdown(signal: AbortSignal): Promise<void>;
  readonly agent: Agent;
  /** What requests to the model say of us: the user agent that the last `initialize` was answered with. */
  userAgent(): string;
  /** Who is behind them: the name of the client that initialized first. */
  originator(): string;
}

const GOING_AWAY: CloseReason = { code: 1001, reason: "server is shutting down" };
/** Stands in the user agent while no client has introduced itself. */
const UNNAMED_CLIENT = { name: "codex", version: "0" };
/** How long answers may take after a client's half of a pipe has ended. */
const ANSWER_AFTER_END_MS = 2_000;

export interface AppServerOptions {
  /** How long an idle thread stays in memory when nobody hears it, ms; default: half an hour. */
  readonly unloadAfterMs?: number;
}

export function createAppServer(services: ServerServices, options: AppServerOptions = {}): AppServer {
  const { metrics, audit } = services;
  const log = services.log.for("server");
  const connections = new Set<Connection>();
  const lanes = createLanes();
  const decoder = createDecoder();
  const subscriptions = createSubscriptions();
  const broadcast = createBroadcast(connections, subscriptions);
  const asks = createAskClients({ subscriptions, broadcast, decoder, audit });
  const unloading = createUnloading({
    agent: () => agent,
    lanes,
    subscriptions,
    broadcast,
    log,
    afterMs: options.unloadAfterMs ?? UNLOAD_AFTER_MS,
  });
  const events = observeEvents(createEventSink(broadcast, onTurnEnd), { log, metrics, audit });
  const agent = services.makeAgent({ events, approvals: asks });
  const server: ServerParts = {
    services,
    agent,
    subscriptions,
    broadcast,
    asks,
    unloading,
    originator: { name: null, userAgent: null },
    isClosing: () => closing,
  };
  const router = createRouter({ server, handlers, decoder, lanes });
  let nextConnectionId = 1;
  let closing = false;
  const listeners: (() => void)[] = [];

  function changed(): void {
    for (const listener of listeners) listener();
  }

  function onTurnEnd(threadId: string): void {
    setTimeout(changed, 0);
    // Later, so that the agent has finished what it does at the end of a turn.
    setTimeout(() => {
      if (subscriptions.isUnheard(threadId)) unloading.unheard(threadId);
    }, 0);
  }

  function enter(connection: Connection): void {
    const { id, origin } = connection;
    connections.add(connection);
    metrics.connectionOpened(origin.transport);
    audit.record({ event: "connected", connectionId: id, origin });
    const { transport, address, auth, subject } = origin;
    log.info("Client connected", { connectionId: id, transport, address, auth, subject });
    changed();
  }

  function leave(connection: Connection, { code }: CloseReason): void {
    const { id, origin, session } = connection;
    connections.delete(connection);
    metrics.connectionClosed(origin.transport, code);
    audit.record({ event: "disconnected", connectionId: id, code });
    const seconds = Math.round((performance.now() - connection.openedAtMs) / 1000);
    // What a client gives as its reason is its own text, and not for the log.
    const reason = connection.closedFor;
    log.info("Client gone", { connectionId: id, client: session?.name ?? null, code, reason, seconds });
    changed();
    for (const threadId of subscriptions.removeAll(connection)) {
      asks.detach(threadId, connection);
      if (subscriptions.isUnheard(threadId)) unloading.unheard(threadId);
    }
  }

  async function closeWhenAnswered(connection: Connection): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, ANSWER_AFTER_END_MS);
    await Promise.race([connection.allAnswered(), late.promise]);
    clearTimeout(timer);
    await connection.close({ code: 1000, reason: "end of input" });
  }

  async function connect(stream: MessageStream, origin: ClientOrigin = IN_PROCESS): Promise<CloseReason> {
    if (closing) {
      await stream.close(GOING_AWAY);
      return GOING_AWAY;
    }
    const connection = new Connection(nextConnectionId++, stream, { origin, onMerged: metrics.deltaMerged });
    enter(connection);
    const reason = await connection.peer.run({
      onRequest: (request) => router.dispatch(connection, request),
      // Nothing waits for `initialized`, and the protocol has no other notification of clients.
      onNotification(): void {},
      onMalformed(malformed): void {
        log.warn("A client sent what is no message", { connectionId: connection.id, reason: malformed.reason });
        connection.fail(null, unreadable(malformed));
      },
      onEnd: () => void closeWhenAnswered(connection),
    });
    leave(connection, reason);
    return reason;
  }

  async function shutdown(signal: AbortSignal): Promise<void> {
    closing = true;
    unloading.stop();
    try {
      await agent.shutdown(signal);
    } catch (error) {
      log.error(`Cannot end all threads in order: ${messageOf(error)}`, {}, error);
    }
    await Promise.all([...connections].map((connection) => connection.close(GOING_AWAY)));
  }

  return {
    agent,
    connect,
    shutdown,
    userAgent: () => server.originator.userAgent ?? userAgent(UNNAMED_CLIENT.name, services.info, UNNAMED_CLIENT),
    originator: () => server.originator.name ?? UNNAMED_CLIENT.name,
    connections(): ReadonlyMap<string, number> {
      const counts = new Map<string, number>();
      for (const { origin } of connections) counts.set(origin.transport, (counts.get(origin.transport) ?? 0) + 1);
      return counts;
    },
    queueBytes: () => [...connections].reduce((sum, { waitingBytes }) => sum + waitingBytes, 0),
    runningTurns: () => agent.loadedIds().filter((id) => agent.find(id)?.status.type === "active").length,
    get isClosing(): boolean {
      return closing;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
