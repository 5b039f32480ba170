// Connections to a listener that never become WebSockets: a request must be there within a bound, and a connection on
// which requests were answered may rest for a while. The runtime has no such bounds; the socket table shows who they are.
export interface HandshakeBounds {
  /** From the connection to its first whole request, ms. */
  readonly requestMs: number;
  /** From an answer to the next one, ms. */
  readonly restMs: number;
}

export const HANDSHAKE_BOUNDS: HandshakeBounds = { requestMs: 10_000, restMs: 60_000 };

export interface HandshakeGuard {
  /** A request of this connection was answered with a response, no upgrade. */
  answered(key: string): void;
  /** Ends those whose time is over. `accepted` are all connections to the listener. */
  sweep(accepted: readonly string[], isUpgraded: (key: string) => boolean): void;
}

export interface HandshakeGuardOptions {
  readonly bounds?: HandshakeBounds;
  /** Unix milliseconds. */
  nowMs(): number;
  end(key: string): void;
}

interface Waiting {
  sinceMs: number;
  boundMs: number;
}

export function createHandshakeGuard(options: HandshakeGuardOptions): HandshakeGuard {
  const { bounds = HANDSHAKE_BOUNDS, nowMs } = options;
  let waiting = new Map<string, Waiting>();

  return {
    answered(key): void {
      waiting.set(key, { sinceMs: nowMs(), boundMs: bounds.restMs });
    },
    sweep(accepted, isUpgraded): void {
      const still = new Map<string, Waiting>();
      for (const key of accepted) {
        if (isUpgraded(key)) continue;
        const known = waiting.get(key) ?? { sinceMs: nowMs(), boundMs: bounds.requestMs };
        if (nowMs() - known.sinceMs >= known.boundMs) options.end(key);
        else still.set(key, known);
      }
      // Those that are gone are forgotten.
      waiting = still;
    },
  };
}
