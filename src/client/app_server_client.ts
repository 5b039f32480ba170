// The typed client of the app-server protocol: one conversation over one message stream. It knows methods and their
// types, not what they are for. Who opens the stream and what happens when it drops: connect.ts and reconnect.ts.
import { CodexError } from "../base/errors.ts";
import type { ClientMethod, ParamsOf, ResultOf } from "../protocol/client_requests.ts";
import type { InitializeResponse } from "../protocol/types/initialize.ts";
import type { RequestId } from "../rpc/message.ts";
import type { CloseReason, Incoming, MessageStream } from "../rpc/message_stream.ts";
import { METHOD_NOT_FOUND } from "../rpc/error_codes.ts";
import { Peer } from "../rpc/peer.ts";

export interface ClientIdentity {
  /** As the protocol's `clientInfo.name`, e.g. "codex-tui". */
  readonly name: string;
  readonly version: string;
  /** Ask for methods and fields that are not stable. Default: true. */
  readonly experimentalApi?: boolean;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

/** A request of the server that waits for this client's answer. */
export interface ServerAsk {
  readonly id: RequestId;
  readonly method: string;
  readonly params: unknown;
}

export interface AppServerClient {
  /** Sends `initialize`, then the `initialized` notification. Call once, first. */
  initialize(identity: ClientIdentity, options?: RequestOptions): Promise<InitializeResponse>;
  /**
   * Rejects with `RpcError` on an error answer, with `CodexError` "CONNECT_FAILED" when the stream has closed. What
   * awaits an answer runs before anything that arrived after it is heard.
   */
  request<M extends ClientMethod>(method: M, params: ParamsOf<M>, options?: RequestOptions): Promise<ResultOf<M>>;
  /** Hears every notification, known or not, in order. Returns the function that stops it. */
  onNotification(listener: (method: string, params: unknown) => void): () => void;
  /**
   * Hears the requests of the server. Answer with `respond`. A request that no listener claims (returns true for) is
   * answered with "method not found".
   */
  onServerRequest(listener: (ask: ServerAsk) => boolean): () => void;
  /** Answers a request of the server. A second answer to one id, or one after the close, does nothing. */
  respond(id: RequestId, result: unknown): void;
  /** Settles when the stream has closed, by either side. Never rejects. */
  readonly closed: Promise<CloseReason>;
  close(): Promise<void>;
}

/** Its id on the wire is this word, as clients of this protocol send it. */
const INITIALIZE_ID = "initialize";

export function createAppServerClient(stream: MessageStream): AppServerClient {
  const peer = new Peer(paced(stream));
  const notificationListeners = new Set<(method: string, params: unknown) => void>();
  const requestListeners = new Set<(ask: ServerAsk) => boolean>();
  const open = new Set<RequestId>();
  // Until the handshake is done, what is no message means that the other side is something else.
  const stranger = Promise.withResolvers<never>();
  stranger.promise.catch(() => {});

  const ended = peer.run({
    onNotification({ method, params }): void {
      for (const listener of notificationListeners) listener(method, params);
    },
    onRequest({ id, method, params }): void {
      open.add(id);
      let claimed = false;
      for (const listener of requestListeners) claimed = listener({ id, method, params }) || claimed;
      if (claimed) return;
      open.delete(id);
      peer.fail(id, { code: METHOD_NOT_FOUND, message: `This client does not answer "${method}"` });
    },
    onMalformed({ reason }): void {
      stranger.reject(
        new CodexError("CONNECT_FAILED", `Cannot talk to the other side: it is no app server (${reason})`),
      );
    },
  });

  return {
    closed: ended,
    async initialize(identity, options = {}): Promise<InitializeResponse> {
      const params: ParamsOf<"initialize"> = {
        clientInfo: { name: identity.name, title: null, version: identity.version },
        capabilities: { experimentalApi: identity.experimentalApi ?? true, optOutNotificationMethods: null },
      };
      const result = asRecord(
        "initialize",
        await Promise.race([peer.request("initialize", params, { ...options, id: INITIALIZE_ID }), stranger.promise]),
      );
      peer.notify("initialized");
      // The method table says that this is the answer's shape; `asRecord` has refused what is no object.
      return result as InitializeResponse;
    },
    async request<M extends ClientMethod>(
      method: M,
      params: ParamsOf<M>,
      options: RequestOptions = {},
    ): Promise<ResultOf<M>> {
      const result = asRecord(method, await peer.request(method, params, options));
      // As above. Answers of newer servers may carry enum values that this table does not list: they pass.
      return result as ResultOf<M>;
    },
    onNotification(listener): () => void {
      notificationListeners.add(listener);
      return () => notificationListeners.delete(listener);
    },
    onServerRequest(listener): () => void {
      requestListeners.add(listener);
      return () => requestListeners.delete(listener);
    },
    respond(id, result): void {
      if (open.delete(id)) peer.respond(id, result);
    },
    async close(): Promise<void> {
      await peer.close({ code: 1000, reason: "" });
    },
  };
}

function asRecord(method: string, result: unknown): object {
  if (typeof result === "object" && result !== null && !Array.isArray(result)) return result;
  throw new CodexError("PROTOCOL", `Cannot read the answer to "${method}": it is no object`);
}

/** The stream, resting for one turn of the event loop after each answer so that its receiver acts on it first. */
function paced(stream: MessageStream): MessageStream {
  return {
    incoming: rest(stream.incoming),
    closed: stream.closed,
    get bufferedBytes(): number {
      return stream.bufferedBytes;
    },
    send: (text) => stream.send(text),
    close: (reason) => stream.close(reason),
  };
}

async function* rest(incoming: AsyncIterable<Incoming>): AsyncIterable<Incoming> {
  for await (const one of incoming) {
    yield one;
    if (isAnswer(one)) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

function isAnswer(incoming: Incoming): boolean {
  if (incoming.kind !== "message") return false;
  const { value } = incoming;
  return typeof value === "object" && value !== null && !("method" in value);
}
