// How long to wait before another try: the one rule for requests (inside the client) and streams (the turn loop).

/** The first wait; each later one doubles. */
const BASE_DELAY_MS = 200;
/** No wait is longer, whatever the attempt or the server says. */
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
