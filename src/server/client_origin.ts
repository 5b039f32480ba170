// Where a client comes from and as whom it was let in: decided at the door, shown in logs and in the audit log.

export interface ClientOrigin {
  readonly transport: "memory" | "stdio" | "ws" | "wss" | "unix";
  /** For example "127.0.0.1:53124" or "[::1]:53124"; null where there is none. */
  readonly address: string | null;
  /** How it proved itself. */
  readonly auth: "none" | "capability-token" | "signed-bearer-token";
  /** The `sub` of a signed token; null when there is none. */
  readonly subject: string | null;
}

/** A client in the same process. */
export const IN_PROCESS: ClientOrigin = { transport: "memory", address: null, auth: "none", subject: null };
