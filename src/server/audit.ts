// The audit log as the server sees it: who connected, who approved what, which commands ran and how. One record per
// fact, no content of conversations; written by cli/audit_file.ts as one JSON object a line.
import type { ClientOrigin } from "./client_origin.ts";

export interface AuditedClient {
  readonly connectionId: number;
  readonly clientName: string | null;
  readonly subject: string | null;
}

export type AuditRecord =
  /** Connections are numbered from 1 on after each of these. */
  | { readonly event: "started"; readonly version: string; readonly processId: number }
  | { readonly event: "stopped" }
  | { readonly event: "connected"; readonly connectionId: number; readonly origin: ClientOrigin }
  | {
    readonly event: "initialized";
    readonly connectionId: number;
    readonly clientName: string;
    readonly clientVersion: string;
  }
  | { readonly event: "disconnected"; readonly connectionId: number; readonly code: number }
  /** A handshake that was not allowed; one record a minute for each address and status. */
  | {
    readonly event: "refused";
    readonly transport: ClientOrigin["transport"];
    /** Null on a socket file. IPv6 addresses as their /64. */
    readonly address: string | null;
    readonly status: number;
    readonly reason: string;
    /** How many such handshakes this record stands for. */
    readonly count: number;
  }
  /** Who set the agent to work, gave it more to do, or stopped it. */
  | AuditedClient & {
    readonly event: "turn";
    /** `turn/start`, `turn/steer` or `turn/interrupt`. */
    readonly method: string;
    readonly threadId: string;
    readonly turnId: string;
  }
  | AuditedClient & {
    readonly event: "approval";
    readonly threadId: string;
    readonly turnId: string | null;
    readonly itemId: string | null;
    /** The request of the server, e.g. `item/commandExecution/requestApproval`. */
    readonly method: string;
    readonly decision: string;
  }
  | {
    readonly event: "command";
    readonly threadId: string;
    readonly turnId: string;
    readonly itemId: string;
    readonly command: string;
    readonly cwd: string;
    /** "none" when it ran outside of the sandbox, "not run" when it was refused or could not start. */
    readonly sandbox: string;
    /** As of its item, and "refused" when rules forbid it: then nobody was asked and there is no item. */
    readonly status: string;
    readonly exitCode: number | null;
    readonly durationMs: number | null;
  };

export interface Audit {
  /** Never throws and never blocks; records are written in order. */
  record(record: AuditRecord): void;
}

export const NO_AUDIT: Audit = { record(): void {} };
