// What the server counts, as the parts that know it say it. Kept as numbers only; the text of `GET /metrics` is made
// from them when it is asked for. Without `--metrics` nobody counts.

export type HandshakeOutcome =
  | "accepted"
  | "probe"
  | "origin"
  | "malformed"
  | "other_user"
  | "unauthorized"
  | "rate_limited"
  | "closing"
  | "timeout";

export interface Metrics {
  handshake(outcome: HandshakeOutcome): void;
  connectionOpened(transport: string): void;
  /** `code`: the WebSocket close code. */
  connectionClosed(transport: string, code: number): void;
  /** `outcome`: "ok", or the JSON-RPC error code as text. Durations in seconds. */
  request(method: string, outcome: string, seconds: number): void;
  /** A delta was joined with the one before it, because its reader is slow. */
  deltaMerged(): void;
  turnStarted(): void;
  turnEnded(status: string): void;
  /** Of one answer of the model. */
  modelTokens(counts: { readonly input: number; readonly cachedInput: number; readonly output: number }): void;
}

export const NO_METRICS: Metrics = {
  handshake(): void {},
  connectionOpened(): void {},
  connectionClosed(): void {},
  request(): void {},
  deltaMerged(): void {},
  turnStarted(): void {},
  turnEnded(): void {},
  modelTokens(): void {},
};
