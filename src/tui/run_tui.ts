// The terminal UI as one call: from a connected client to an exit code. It speaks only the protocol; what the user
// asked for on the command line arrives here as plain values.
import type { AppServerClient } from "../client/app_server_client.ts";
import type { AskForApproval, SandboxMode } from "../protocol/types/policy.ts";
import type { TerminalHost } from "../host/terminal.ts";

export type TuiStart =
  | { readonly kind: "new" }
  | { readonly kind: "resume"; readonly threadId: string }
  | { readonly kind: "resumeLast"; readonly allFolders?: boolean }
  | { readonly kind: "picker"; readonly allFolders?: boolean };

/** What the command line asks of the thread; a field that is left out is the server's to decide. */
export interface TuiOverrides {
  readonly model?: string;
  readonly modelProvider?: string;
  readonly cwd?: string;
  readonly approvalPolicy?: AskForApproval;
  readonly sandbox?: SandboxMode;
  /** Dotted config keys, as `-c` gave them. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface RemoteServer {
  readonly url: string;
  /** Opens a new connection after the first was lost; not yet initialized. */
  reopen(signal: AbortSignal): Promise<AppServerClient>;
}

export interface RunTuiOptions {
  /** Connected, not yet initialized. */
  readonly client: AppServerClient;
  readonly terminal: TerminalHost;
  readonly start: TuiStart;
  readonly overrides: TuiOverrides;
  readonly initialPrompt: string | null;
  /** Null when the server lives in this process. */
  readonly remote: RemoteServer | null;
  /** As shown in the header, e.g. "0.120.0+0.1.0". */
  readonly version: string;
  /** The process environment: NO_COLOR, TERM, HOME. */
  readonly environment: Readonly<Record<string, string>>;
  /** The folder the program was started in; shown, and sent only when the server is in this process. */
  readonly folder: string;
  nowMs(): number;
}

/** Runs until the user leaves. The terminal is as it was before, whatever happens. Returns the exit code: 0, or 1. */
export declare function runTui(options: RunTuiOptions): Promise<number>;
