// What a handler is: a function from typed params to a typed result, with the context of one request. The map of all
// handlers is derived from the method table, so that a missing or misspelt one does not compile.
import type { Agent, AgentThread } from "../agent/threads.ts";
import type { ClientMethod, ParamsOf, ResultOf } from "../protocol/client_requests.ts";
import type { AskClients } from "./ask_clients.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Connection } from "./connection.ts";
import type { ServerServices } from "./services.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Unloading } from "./unloading.ts";

/** The parts of the server that handlers work with; one for the life of the server. */
export interface ServerParts {
  readonly services: ServerServices;
  readonly agent: Agent;
  readonly subscriptions: Subscriptions;
  readonly broadcast: Broadcast;
  readonly asks: AskClients;
  readonly unloading: Unloading;
  /** The first client that initialized gives its name, the last one the whole user agent. */
  readonly originator: { name: string | null; userAgent: string | null };
  /** The server ends: running turns may finish, new ones are refused. */
  isClosing(): boolean;
}

export interface RequestContext extends ServerParts {
  readonly connection: Connection;
  /** From now until the answer is out, the client gets nothing else: what it causes comes after it. */
  hold(): void;
  /** Runs right after the answer has been sent, in the request's lane; not when the request failed. */
  afterResponse(work: () => void | Promise<void>): void;
}

export type Handler<M extends ClientMethod> = (
  params: ParamsOf<M>,
  context: RequestContext,
) => ResultOf<M> | Promise<ResultOf<M>>;

/** Every method of the table has a handler. */
export type Handlers = { readonly [M in ClientMethod]: Handler<M> };

/** Subscribes the connection and shows it what is open; what it hears waits until the request is answered. */
export function subscribe(context: RequestContext, thread: AgentThread): void {
  const { connection, subscriptions, asks, unloading } = context;
  context.hold();
  // It left while its request was worked on: as a subscriber it would keep the thread in memory for ever.
  if (connection.hasGone) return subscriptions.isUnheard(thread.id) ? unloading.unheard(thread.id) : undefined;
  subscriptions.add(thread.id, connection);
  asks.attach(thread.id, connection);
}
