// The door's question about one client: may it in, and as whom? Made once at the start from the flags; the secrets
// behind it are read again when their files change.

export type AuthMode = "none" | "capability-token" | "signed-bearer-token";

export type Authorization =
  | { readonly allowed: true; readonly subject: string | null }
  | {
    readonly allowed: false;
    readonly status: 401 | 429;
    /** The body of the response: a fixed text that tells nothing of the secret. */
    readonly reason: string;
    /** For 429. */
    readonly retryAfterSeconds: number | null;
  };

export interface AuthGate {
  readonly mode: AuthMode;
  /**
   * `authorization` is the header's value, null when it is not there. `address` is the client's IP address, by which
   * failures are counted; null where there is none (clients of unix sockets are counted together). Never rejects.
   */
  authorize(authorization: string | null, address: string | null): Promise<Authorization>;
  /** Reads the secret files again now. A file that has become unusable is logged and changes nothing. Never rejects. */
  reload(): Promise<void>;
  /** Stops watching the files. */
  close(): void;
}

/** Nobody needs to prove anything. */
export const OPEN_GATE: AuthGate = {
  mode: "none",
  authorize: () => Promise.resolve({ allowed: true, subject: null }),
  reload: () => Promise.resolve(),
  close(): void {},
};
