// The typed client of the app-server protocol: one conversation over one message stream. It knows methods and their
// types, not what they are for. Who opens the stream and what happens when it drops: connect.ts and reconnect.ts.
import type { InitializeResponse } from "../protocol/types/initialize.ts";
import type { ClientMethod, ParamsOf, ResultOf } from "../protocol/client_requests.ts";
import type { RequestId } from "../rpc/message.ts";
import type { CloseReason, MessageStream } from "../rpc/message_stream.ts";

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
  /** Rejects with `RpcError` on an error answer, with `CodexError` "CONNECT_FAILED" when the stream has closed. */
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

export declare function createAppServerClient(stream: MessageStream): AppServerClient;
