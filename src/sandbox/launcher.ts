// What a platform's launcher turns a plan into: a real command line, its environment and the bytes it reads on extra
// descriptors. Pure data, so that it can be printed and tested without running anything.
import type { NetworkDecision } from "./network_proxy/network_decision.ts";
import type { SandboxPlan } from "./plan.ts";

export interface LaunchSpec {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Written to inherited descriptors, in the order of fd 3, 4, … (argv refers to them by number). */
  readonly extraFds: readonly Uint8Array[];
  /** The descriptor on which the launcher tells about itself, right after `extraFds`; null when it has none. */
  readonly statusFd: number | null;
}

export interface CommandToLaunch {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The command's standard streams are a pseudo-terminal that nobody else uses: let it become its controlling one. */
  readonly ownTerminal: boolean;
  /** Standard error may go where standard output goes: the caller does not tell them apart. */
  readonly mergeOutput?: true;
  /** This process wants to become the launch (exec). A launch that needs us to stay says so: `inPlace` is null. */
  readonly inPlace?: true;
}

export interface PreparedLaunch {
  readonly spec: LaunchSpec;
  /** What the launcher wrote to its status descriptor tells the process group of the command; null when it does not. */
  processGroupOf(status: string): number | null;
  /** What our proxies were asked for by this command until now; empty where the plan has no proxy. */
  networkDecisions(): readonly NetworkDecision[];
  /** How the kernel refuses a file: a read-only mount (default), or an access rule, which looks like an ordinary one. */
  readonly refusesBy?: "mounts" | "rules";
  /**
   * When it was asked for in place: descriptors of ours that the launch inherits right after `extraFds`; then nobody
   * reads the status, and `release` must not be called once the launch runs. Null or absent: we must stay.
   */
  readonly inPlace?: { readonly fds: readonly number[] } | null;
  /** Undoes what preparing left on the host (mount points of missing protected names). Call it once all is over. */
  release(): Promise<void>;
}

export interface Launcher {
  /** @throws CodexError SANDBOX_UNAVAILABLE when the plan cannot be carried out in full. */
  prepare(plan: SandboxPlan, command: CommandToLaunch): Promise<PreparedLaunch>;
}

/** Finds the launcher of this machine for one plan; a found one is kept by the finder. */
export interface LauncherFinder {
  /** @throws CodexError SANDBOX_UNAVAILABLE | SANDBOX_UNSUPPORTED. Never settles with something weaker. */
  find(plan: SandboxPlan): Promise<Launcher>;
  /** Where a bare command needs a helper too, to have a terminal and to end with all it started (Windows). */
  prepareBare?(command: CommandToLaunch): Promise<PreparedLaunch>;
}
