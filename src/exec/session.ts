// A command that runs: its output as it comes, its input, its end. Outlives the tool call that started it.
import type { Denial } from "../sandbox/denial.ts";
import type { SandboxPlan } from "../sandbox/plan.ts";

/** Gets each chunk of output; the next one waits for what it answers with. */
export type OutputListener<Chunk> = (chunk: Chunk) => void | Promise<void>;

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  /** Give the command a pseudo-terminal; else pipes, with stdin closed. */
  readonly tty: boolean;
  /** Null runs the command bare: only after an approval, or under danger-full-access. */
  readonly sandbox: SandboxPlan | null;
}

export interface ExecExit {
  /** 0–255; 128 + n for death by signal n. */
  readonly exitCode: number;
  readonly durationMs: number;
  /** The output shows that the sandbox, not the command, said no. */
  readonly sandboxDenied: boolean;
  /** What it refused, by which rule; told from the output and the plan. Absent: not looked for. */
  readonly denials?: readonly Denial[];
}

export interface ExecSession {
  /** Decimal text: the session id that the model and the wire see. */
  readonly processId: string;
  readonly request: ExecRequest;
  /**
   * Settles when the command is gone and its output was read. Sandboxed, everything that it started is gone too; what
   * a bare command left in the background goes on, as in any shell.
   */
  readonly exited: Promise<ExecExit>;
  readonly exit: ExecExit | null;
  /** Everything it printed, head and tail kept within the bound of `exec/output.ts`. */
  aggregatedOutput(): string;
  /** Output since the last call of this method. */
  takeNewOutput(): string;
  /** Settles at the next output or exit; at once when there is some already. */
  outputReady(): Promise<void>;
  /** @throws CodexError EXEC_FAILED when stdin is closed. */
  write(chars: string): Promise<void>;
  /** TERM to the process group, KILL after a grace period; settles with `exited`. */
  terminate(): Promise<void>;
}

export interface ExecSessions {
  /** @throws CodexError SANDBOX_UNAVAILABLE | EXEC_FAILED. `onOutput` gets each chunk once, in order, UTF-8 safe. */
  start(request: ExecRequest, onOutput: OutputListener<string>): Promise<ExecSession>;
  find(processId: string): ExecSession | undefined;
  running(): readonly ExecSession[];
  terminateAll(): Promise<void>;
}
