// When the socket drops in mid-session: wait, dial, introduce ourselves, take the thread up again. It knows how often
// and how long, and tells each attempt; what is shown meanwhile and how the thread is merged is the caller's business.
import { CodexError, messageOf } from "../base/errors.ts";
import { ConnectError } from "../host/connect.ts";
import type { AppServerClient } from "./app_server_client.ts";

export interface ReconnectBounds {
  /** The first pause; each further one is twice as long. ms */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** From the loss; then the session is given up. ms */
  readonly giveUpAfterMs: number;
}

export const RECONNECT_BOUNDS: ReconnectBounds = { firstDelayMs: 250, maxDelayMs: 5_000, giveUpAfterMs: 120_000 };

export interface ReconnectOptions {
  /** Opens a connection and makes it ready to use. */
  open(signal: AbortSignal): Promise<AppServerClient>;
  readonly bounds: ReconnectBounds;
  readonly signal: AbortSignal;
  nowMs(): number;
  /** Rejects when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Told before each pause: how often it has failed, and why the last time. */
  onAttempt(attempt: number, cause: string): void;
}

/** Pauses before the attempts, ms: 250, 500, 1000, … up to the longest. */
export function reconnectDelayMs(attempt: number, bounds: ReconnectBounds): number {
  return Math.min(bounds.firstDelayMs * 2 ** (attempt - 1), bounds.maxDelayMs);
}

/** A ready client on a new connection. @throws CodexError "CONNECT_FAILED" after the bound; the abort reason. */
export async function reconnect(options: ReconnectOptions): Promise<AppServerClient> {
  const { bounds, signal } = options;
  const lostAtMs = options.nowMs();
  let cause = "the connection was lost";
  for (let attempt = 1;; attempt++) {
    const delayMs = reconnectDelayMs(attempt, bounds);
    if (options.nowMs() + delayMs - lostAtMs > bounds.giveUpAfterMs) {
      const seconds = Math.round(bounds.giveUpAfterMs / 1000);
      throw new CodexError("CONNECT_FAILED", `Cannot reconnect within ${seconds} s: ${cause}`);
    }
    options.onAttempt(attempt, cause);
    await options.sleep(delayMs, signal);
    try {
      return await options.open(signal);
    } catch (error) {
      if (signal.aborted || isRefused(error)) throw error;
      cause = messageOf(error);
    }
  }
}

/** The server is there and does not want us: asking again cannot help. */
function isRefused(error: unknown): boolean {
  return error instanceof ConnectError && (error.failure === "unauthorized" || error.failure === "forbidden");
}
