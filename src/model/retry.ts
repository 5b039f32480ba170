// How long to wait before another try: the one rule for requests (inside the client) and streams (the turn loop).

/** The first wait; each later one doubles. */
const BASE_DELAY_MS = 200;
/** No wait is longer. A server that asks for more is not waited for. */
export const MAX_DELAY_MS = 60_000;

/**
 * Milliseconds before try `attempt` (1 is the first retry): 200 ms · 2^(attempt−1), ±10 %; a wait that the server
 * asked for replaces it. `random` gives 0 ≤ x < 1. Source: recorded intervals of the reference.
 */
export function retryDelayMs(attempt: number, retryAfterMs?: number, random: () => number = Math.random): number {
  if (retryAfterMs !== undefined) return Math.min(Math.max(0, retryAfterMs), MAX_DELAY_MS);
  const exponent = Math.max(0, attempt - 1);
  return Math.round(Math.min(BASE_DELAY_MS * 2 ** exponent * (0.9 + 0.2 * random()), MAX_DELAY_MS));
}

/** The wait before the turn loop opens stream `attempt` anew (1 is the first retry). */
export function streamRetryDelayMs(attempt: number, retryAfterMs?: number, random?: () => number): number {
  return retryDelayMs(attempt, retryAfterMs, random);
}

/** Milliseconds that a `Retry-After` header asks for (seconds or an HTTP date), or undefined. Source: RFC 9110 §10.2.3. */
export function retryAfterOfHeader(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Math.ceil(Number(value) * 1000);
  const dateMs = Date.parse(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** The wait in a sentence such as "Please try again in 11.054s." or "… in 28ms.", or undefined. */
export function retryAfterOfText(message: string): number | undefined {
  const match = /try again in\s*(\d+(?:\.\d+)?)\s*(ms|seconds?|s)\b/i.exec(message);
  if (match === null) return undefined;
  const amount = Number(match[1]);
  return Math.ceil(match[2]?.toLowerCase() === "ms" ? amount : amount * 1000);
}
