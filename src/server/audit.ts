// The audit log as the server sees it: who connected, who approved what, which commands ran and how. One record per
// fact, no content of conversations; written by cli/audit_file.ts as one JSON object a line.
import type { ClientOrigin } from "./client_origin.ts";

export type AuditRecord =
  | { readonly event: "connected"; readonly connectionId: number; readonly origin: ClientOrigin }
  | {
    readonly event: "initialized";
    readonly connectionId: number;
    readonly clientName: string;
    readonly clientVersion: string;
  }
  | { readonly event: "disconnected"; readonly connectionId: number; readonly code: number }
  | {
    readonly event: "approval";
    readonly connectionId: number;
    readonly clientName: string | null;
    readonly subject: string | null;
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
    readonly status: string;
    readonly exitCode: number | null;
    readonly durationMs: number | null;
  };

export interface Audit {
  /** Never throws and never blocks; records are written in order. */
  record(record: AuditRecord): void;
}

export const NO_AUDIT: Audit = { record(): void {} };
