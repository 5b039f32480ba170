// One end of JSON-RPC over a message stream: pairs answers with the requests that were sent, hands requests and
// notifications of the other side to a handler in the order they arrived, and ignores answers that nobody waits for.
// It does not know any method; both the server's connections and the client are built on it.
import { CodexError } from "../base/errors.ts";
import { RpcError } from "./error_codes.ts";
import type { RequestId, RpcErrorBody, RpcNotification, RpcRequest } from "./message.ts";
import type { CloseReason, Incoming, MessageStream } from "./message_stream.ts";

export interface PeerHandler {
  /** A request of the other side; answer it once, now or later, with `peer.respond` or `peer.fail`. Must not throw. */
  onRequest(request: RpcRequest): void;
  /** Must not throw. */
  onNotification(notification: RpcNotification): void;
  /** Something that is no message: text that is not JSON, or JSON of another shape. Left out: ignored. */
  onMalformed?(incoming: Malformed): void;
  /** Nothing more will arrive. The stream may still take messages (a pipe whose other half is open). */
  onEnd?(): void;
}

export interface Malformed {
  /** "syntax": not JSON at all (or no text); "shape": JSON, but no message. */
  readonly problem: "syntax" | "shape";
  readonly reason: string;
}

export interface RequestOptions {
  /** Stops waiting; the answer is then ignored. The other side is not told. */
  readonly signal?: AbortSignal;
  /** Instead of the next number. The caller sees to it that it is not in use. */
  readonly id?: RequestId;
}

interface Waiting {
  readonly method: string;
  settle(answer: Answer): void;
}

type Answer =
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly error: RpcErrorBody }
  | { readonly kind: "closed"; readonly reason: CloseReason };

export class Peer {
  readonly #stream: MessageStream;
  readonly #waiting = new Map<RequestId, Waiting>();
  #nextId = 1;
  #closed: CloseReason | null = null;

  /** Settles once, when the stream is closed by either side. Never rejects. */
  readonly closed: Promise<CloseReason>;

  constructor(stream: MessageStream) {
    this.#stream = stream;
    this.closed = stream.closed.then((reason) => {
      this.#closed = reason;
      for (const waiting of this.#waiting.values()) waiting.settle({ kind: "closed", reason });
      this.#waiting.clear();
      return reason;
    });
  }

  /** Reads until the stream ends, and settles when it is closed. Call once. Never rejects. */
  async run(handler: PeerHandler): Promise<CloseReason> {
    try {
      for await (const incoming of this.#stream.incoming) this.#take(incoming, handler);
    } catch {
      // A stream that breaks while it is read is closed; `closed` tells why.
    }
    handler.onEnd?.();
    return await this.closed;
  }

  /**
   * Sends a request and settles with its result.
   * @throws RpcError when the peer answers with an error; CodexError "CONNECT_FAILED" when the stream closes first;
   * the abort reason when `signal` fires.
   */
  request(method: string, params: unknown, options: RequestOptions = {}): Promise<unknown> {
    const { signal } = options;
    const id = options.id ?? this.#nextId++;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#closed) return reject(closedError(method, this.#closed));
      const onAbort = (): void => {
        this.#waiting.delete(id);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(id, {
        method,
        settle(answer): void {
          signal?.removeEventListener("abort", onAbort);
          if (answer.kind === "result") resolve(answer.result);
          else if (answer.kind === "error") reject(new RpcError(method, answer.error));
          else reject(closedError(method, answer.reason));
        },
      });
      this.#stream.send(JSON.stringify({ method, id, params }));
    });
  }

  notify(method: string, params?: unknown): void {
    this.#stream.send(JSON.stringify({ method, params }));
  }

  respond(id: RequestId, result: unknown): void {
    this.#stream.send(JSON.stringify({ id, result }));
  }

  /** `id` is null when the request could not be read. */
  fail(id: RequestId | null, error: RpcErrorBody): void {
    this.#stream.send(JSON.stringify({ error, id }));
  }

  /** Sends a message that is already serialized. */
  send(text: string): void {
    this.#stream.send(text);
  }

  close(reason: CloseReason): Promise<void> {
    return this.#stream.close(reason);
  }

  #take(incoming: Incoming, handler: PeerHandler): void {
    if (incoming.kind === "malformed") {
      return handler.onMalformed?.({ problem: "syntax", reason: incoming.reason });
    }
    const value = incoming.value;
    if (!isRecord(value)) return handler.onMalformed?.(notAMessage(value));
    const { id, method, params } = value;
    if (typeof method === "string") {
      if (id === undefined) return handler.onNotification({ method, params });
      if (isRequestId(id)) return handler.onRequest({ id, method, params });
      return handler.onMalformed?.(notAMessage(value));
    }
    if (method === undefined && isRequestId(id)) {
      if ("result" in value) return this.#answer(id, { kind: "result", result: value["result"] });
      if (isErrorBody(value["error"])) return this.#answer(id, { kind: "error", error: value["error"] });
    }
    return handler.onMalformed?.(notAMessage(value));
  }

  #answer(id: RequestId, answer: Answer): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    waiting.settle(answer);
  }
}

function closedError(method: string, reason: CloseReason): CodexError {
  const why = reason.reason === "" ? `code ${reason.code}` : `code ${reason.code}, ${reason.reason}`;
  return new CodexError("CONNECT_FAILED", `Connection closed before "${method}" was answered: ${why}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Strings and whole numbers; the wire knows 64-bit integers, of which JavaScript keeps those up to 2^53 exactly. */
function isRequestId(value: unknown): value is RequestId {
  return typeof value === "string" || (typeof value === "number" && Number.isInteger(value));
}

function isErrorBody(value: unknown): value is RpcErrorBody {
  return isRecord(value) && typeof value["code"] === "number" && typeof value["message"] === "string";
}

function notAMessage(value: unknown): Malformed {
  const reason = Array.isArray(value) ? "batches are not supported" : "not a JSON-RPC message";
  return { problem: "shape", reason };
}
