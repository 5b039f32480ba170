// What both proxies are given, and the bounds that both keep.
import type { Egress } from "./egress.ts";
import type { ProxyCredentials } from "./proxy_credentials.ts";

export interface ServeOptions {
  readonly egress: Egress;
  /** Null: whoever reaches the port may use it. */
  readonly credentials: ProxyCredentials | null;
  readonly limits: ProxyLimits;
}

export interface ProxyLimits {
  /** For the head of a request, and for the first byte of the next one. */
  readonly headMs: number;
  /** For the head of an answer, sending the request included. */
  readonly answerMs: number;
  /** Nothing in either direction of a tunnel. */
  readonly idleMs: number;
}

export const PROXY_LIMITS: ProxyLimits = { headMs: 60_000, answerMs: 1_800_000, idleMs: 1_800_000 };

/** Closes what is being read when the time is up: the read ends, and with it whoever waits for it. */
export async function withDeadline<T>(ms: number, close: () => void, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(close, ms);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
