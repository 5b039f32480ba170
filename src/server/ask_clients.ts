// Questions to people: a request goes to every subscriber of its thread under one id, and to those that subscribe while
// it is open; the first valid answer wins and all others are told that it is resolved. With nobody there it stays open
// until somebody comes, so that closing a laptop does not decide anything.
import type { ApprovalPort } from "../agent/ports.ts";
import {
  type ServerRequestMethod,
  type ServerRequestParams,
  type ServerRequestResult,
  serverRequests,
} from "../protocol/server_requests.ts";
import { RpcError } from "../rpc/error_codes.ts";
import type { Audit, AuditRecord } from "./audit.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Connection } from "./connection.ts";
import type { Decoder } from "./decode.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface AskClients extends ApprovalPort {
  /** Shows a new subscriber what is open on the thread. */
  attach(threadId: string, connection: Connection): void;
  /** The connection hears the thread no longer. */
  detach(threadId: string, connection: Connection): void;
}

interface OpenAsk {
  readonly threadId: string;
  show(connection: Connection): void;
  withdrawFrom(connection: Connection): void;
}

export interface AskClientsParts {
  readonly subscriptions: Subscriptions;
  readonly broadcast: Broadcast;
  readonly decoder: Decoder;
  readonly audit: Audit;
}

export function createAskClients({ subscriptions, broadcast, decoder, audit }: AskClientsParts): AskClients {
  const open = new Map<number, OpenAsk>();
  let nextId = 0;

  function ask<M extends ServerRequestMethod>(
    threadId: string,
    method: M,
    params: ServerRequestParams<M>,
    signal: AbortSignal,
  ): Promise<ServerRequestResult<M> | null> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const id = nextId++;
    const outcome = Promise.withResolvers<ServerRequestResult<M> | null>();
    const waiting = new Map<Connection, AbortController>();

    function end(settle: () => void): void {
      if (!open.delete(id)) return;
      signal.removeEventListener("abort", onAbort);
      for (const controller of waiting.values()) controller.abort();
      waiting.clear();
      broadcast.toSubscribers(threadId, { method: "serverRequest/resolved", params: { threadId, requestId: id } });
      settle();
    }

    async function show(connection: Connection): Promise<void> {
      if (waiting.has(connection)) return;
      const controller = new AbortController();
      waiting.set(connection, controller);
      try {
        const answer = await connection.peer.request(method, params, { id, signal: controller.signal });
        // The schema that is checked is the one that ServerRequestResult is derived from.
        if (isResult(method, answer)) {
          if (open.has(id)) audit.record(approvalRecord({ connection, threadId, method, params, answer }));
          return end(() => outcome.resolve(answer));
        }
      } catch (error) {
        // Withdrawn, or the client has gone: that answers nothing.
        if (!(error instanceof RpcError)) return void waiting.delete(connection);
      }
      // This client cannot answer: it sent an error or no decision that we know. Others still may.
      const others = [...waiting].filter(([other]) => other !== connection);
      waiting.delete(connection);
      if (others.length === 0) end(() => outcome.resolve(null));
    }

    function isResult(method: M, answer: unknown): answer is ServerRequestResult<M> {
      return decoder.matches(serverRequests[method].result, answer);
    }

    function withdrawFrom(connection: Connection): void {
      waiting.get(connection)?.abort();
      waiting.delete(connection);
    }

    const onAbort = (): void => end(() => outcome.reject(signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    open.set(id, { threadId, show, withdrawFrom });
    for (const connection of subscriptions.subscribersOf(threadId)) void show(connection);
    return outcome.promise;
  }

  function each(threadId: string, visit: (ask: OpenAsk) => void): void {
    for (const entry of open.values()) if (entry.threadId === threadId) visit(entry);
  }

  return {
    ask,
    attach: (threadId, connection) => each(threadId, (entry) => entry.show(connection)),
    detach: (threadId, connection) => each(threadId, (entry) => entry.withdrawFrom(connection)),
  };
}

interface Approval {
  readonly connection: Connection;
  readonly threadId: string;
  readonly method: string;
  readonly params: unknown;
  readonly answer: unknown;
}

/** Who decided what. Of the answer only the decision's name: the rest may be content. */
function approvalRecord({ connection, threadId, method, params, answer }: Approval): AuditRecord {
  const asked = params as Readonly<Record<string, unknown>>; // params of this protocol are objects
  const { decision } = answer as Readonly<Record<string, unknown>>; // and so are results
  const name = typeof decision === "object" && decision !== null ? Object.keys(decision)[0] : decision;
  return {
    event: "approval",
    ...connection.audited,
    threadId,
    turnId: textOrNull(asked["turnId"]),
    itemId: textOrNull(asked["itemId"]),
    method,
    decision: textOrNull(name) ?? "answered",
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
