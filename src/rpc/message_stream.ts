// One end of a wire: whole messages in, whole messages out. Implementations: JSON lines (stdio), WebSocket, memory.

/** What arrived: a parsed JSON value, or text that is not JSON. The text itself may hold secrets: it is not kept. */
export type Incoming =
  | { readonly kind: "message"; readonly value: unknown; readonly bytes: number }
  | { readonly kind: "malformed"; readonly reason: string };

export interface CloseReason {
  /** A WebSocket close code, e.g. 1000, 1001 (going away), 1008 (policy), 1009 (too big), 1013 (try again later). */
  readonly code: number;
  readonly reason: string;
}

export interface MessageStream {
  /** Ends when the peer has gone, has closed its half (a pipe), or `close` was called. Consumed once. */
  readonly incoming: AsyncIterable<Incoming>;
  /** Queues one message, already serialized (no line break). Never blocks and never throws after the close. */
  send(text: string): void;
  /** Bytes queued here and not yet taken by the operating system. */
  readonly bufferedBytes: number;
  /** Sends what is queued, then closes with a reason the peer can read. */
  close(reason: CloseReason): Promise<void>;
  /** Settles once, when the stream is closed by either side. Never rejects. */
  readonly closed: Promise<CloseReason>;
}
