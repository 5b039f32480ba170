// From a request to its answer: bounded, decoded, allowed, in its lane, handled, answered. Every request that is taken
// gets exactly one answer.
import type { Lanes } from "../base/lanes.ts";
import { type ClientMethod, clientRequests, type ParamsOf, type ResultOf } from "../protocol/client_requests.ts";
import type { RequestId, RpcErrorBody, RpcRequest } from "../rpc/message.ts";
import type { Connection } from "./connection.ts";
import { type Decoder, experimentalUse } from "./decode.ts";
import { notInitialized, overloaded, toRpcError } from "./error_map.ts";
import type { Handler, Handlers, RequestContext, ServerParts } from "./handler.ts";
import { toThreadId } from "./thread_id.ts";
import { threadLane } from "./unloading.ts";

/** Requests of one connection that may wait for their answer at a time. */
const MAX_IN_FLIGHT = 128;
/** Methods come from clients: what does not look like one is not logged. */
const METHOD_NAME = /^[A-Za-z0-9_/.$-]{1,80}$/;

export interface Router {
  /** Never throws; the answer goes out through the connection. */
  dispatch(connection: Connection, request: RpcRequest): void;
}

export interface RouterParts {
  readonly server: ServerParts;
  readonly handlers: Handlers;
  readonly decoder: Decoder;
  readonly lanes: Lanes;
}

export function createRouter(parts: RouterParts): Router {
  const { server, decoder, lanes } = parts;
  const { metrics } = server.services;
  const log = server.services.log.for("requests");

  function dispatch(connection: Connection, { id, method, params }: RpcRequest): void {
    const startMs = performance.now();
    const refuse = (error: RpcErrorBody): void => {
      connection.fail(id, error);
      answered(connection, method, { outcome: String(error.code), startMs });
    };
    if (connection.inFlight >= MAX_IN_FLIGHT) return refuse(overloaded());
    const decoded = decoder.decode(method, params);
    if (!decoded.ok) return refuse(decoded.error);
    const refusal = whyNot(connection, decoded.method, decoded.params);
    if (refusal !== null) return refuse(refusal);

    connection.requestTaken();
    const lane = laneOf(connection, decoded.method, decoded.params);
    const work = (): Promise<void> => {
      const onAnswered = (outcome: string): void => answered(connection, method, { outcome, startMs });
      return answer(connection, id, { method: decoded.method, params: decoded.params, onAnswered });
    };
    void (lane === null ? work() : lanes.run(lane, work)).finally(() => connection.requestAnswered());
  }

  function answered(connection: Connection, method: string, how: { outcome: string; startMs: number }): void {
    const durationMs = performance.now() - how.startMs;
    metrics.request(method, how.outcome, durationMs / 1000);
    if (!log.isEnabled("debug")) return;
    log.debug("Request answered", {
      connectionId: connection.id,
      client: connection.session?.name ?? null,
      method: METHOD_NAME.test(method) ? method : "unknown",
      outcome: how.outcome,
      durationMs: Math.round(durationMs * 10) / 10,
    });
  }

  async function answer<M extends ClientMethod>(
    connection: Connection,
    id: RequestId,
    request: { method: M; params: ParamsOf<M>; onAnswered: (outcome: string) => void },
  ): Promise<void> {
    const { method, params, onAnswered } = request;
    let outcomeLabel = "ok";
    const afterwards: (() => void | Promise<void>)[] = [];
    let holds = false;
    const context: RequestContext = {
      ...server,
      connection,
      hold(): void {
        if (!holds) connection.hold();
        holds = true;
      },
      afterResponse: (work) => void afterwards.push(work),
    };
    // The map's type pairs each method with its own params; an index by M loses that pairing.
    const handler = parts.handlers[method] as Handler<M>;
    try {
      const outcome: ResultOf<M> | Promise<ResultOf<M>> = handler(params, context);
      // Answers that are there are sent in this very turn of the event loop, before anything that follows from them.
      connection.respond(id, outcome instanceof Promise ? await outcome : outcome);
    } catch (error) {
      const body = toRpcError(error, method, log);
      outcomeLabel = String(body.code);
      connection.fail(id, body);
      afterwards.length = 0;
    }
    // What follows from the answer may take its time: that is no part of it, and holds no event back.
    if (holds) connection.release();
    onAnswered(outcomeLabel);
    try {
      for (const work of afterwards) await work();
    } catch (error) {
      log.error(`Cannot finish "${method}"`, { method }, error);
    }
  }

  return { dispatch };
}

function whyNot<M extends ClientMethod>(connection: Connection, method: M, params: ParamsOf<M>): RpcErrorBody | null {
  if (method === "initialize") return null;
  if (connection.session === null) return notInitialized();
  return connection.session.experimentalApi ? null : experimentalUse(method, params);
}

function laneOf<M extends ClientMethod>(connection: Connection, method: M, params: ParamsOf<M>): string | null {
  switch (clientRequests[method].lane) {
    case "none":
      return null;
    case "exclusive":
      return `connection:${connection.id}`;
    case "thread":
      // Every method of this lane names its thread, in one spelling or another.
      if (!("threadId" in params) || typeof params.threadId !== "string") return null;
      return threadLane(toThreadId(params.threadId) ?? params.threadId);
  }
}
