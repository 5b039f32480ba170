// What `codex sandbox …` was told to do. Pure; refuses what contradicts itself.
import type { SandboxMode } from "../protocol/types/policy.ts";
import type { OperatingSystem } from "../host/platform.ts";
import type { CommandName } from "./commands.ts";
import type { ConfigArgs } from "./config_args.ts";
import type { LowFlags } from "./shared_flags.ts";
import { UsageError } from "./usage_error.ts";

export interface SandboxArgs {
  readonly kind: "sandbox";
  /** Null: the one that this runs on. */
  readonly platform: OperatingSystem | null;
  /** By a flag, or null. */
  readonly mode: SandboxMode | null;
  /** `--permissions`, or null. */
  readonly permissions: string | null;
  /** `-C` as typed. */
  readonly folder: string | null;
  /** `--add-dir` as typed. */
  readonly addedFolders: readonly string[];
  readonly printPlan: boolean;
  readonly logDenials: boolean;
  /** The last words of the command line; empty only with `--print-plan`. */
  readonly words: readonly string[];
  readonly config: ConfigArgs;
}

const PLATFORMS = {
  sandbox: null,
  sandboxLinux: "linux",
  sandboxMacos: "macos",
  sandboxWindows: "windows",
} as const satisfies Partial<Record<CommandName, OperatingSystem | null>>;

export type SandboxCommand = keyof typeof PLATFORMS;

export function isSandboxCommand(name: CommandName): name is SandboxCommand {
  return Object.hasOwn(PLATFORMS, name);
}

export interface SandboxTyped {
  readonly command: SandboxCommand;
  readonly flags: LowFlags;
  readonly operands: readonly string[];
  readonly config: ConfigArgs;
}

/** @throws UsageError */
export function decideSandbox({ command, flags, operands, config }: SandboxTyped): SandboxArgs {
  if (flags.fullAuto && flags.sandbox !== undefined) throw conflict("--full-auto", "--sandbox <SANDBOX_MODE>", command);
  if (flags.fullAuto && flags.permissions !== undefined) {
    throw conflict("--full-auto", "--permissions <PROFILE>", command);
  }
  const mode = flags.fullAuto ? "workspace-write" : flags.sandbox ?? null;
  if ((flags.addDir ?? []).length > 0 && (mode === "read-only" || mode === "danger-full-access")) {
    throw conflict("--add-dir <DIR>", `--sandbox ${mode}`, command);
  }
  const printPlan = flags.printPlan === true;
  if (operands.length === 0 && !printPlan) {
    throw new UsageError("the following required arguments were not provided:\n  <COMMAND>...", { usageOf: command });
  }
  return {
    kind: "sandbox",
    platform: PLATFORMS[command],
    // The parser let only the table's choices pass, and those are the values of the type.
    mode: mode as SandboxMode | null,
    permissions: flags.permissions ?? null,
    folder: flags.cd ?? null,
    addedFolders: flags.addDir ?? [],
    printPlan,
    logDenials: flags.logDenials === true,
    words: operands,
    config: { ...config, writableRoots: [] },
  };
}

function conflict(one: string, other: string, usageOf: CommandName): UsageError {
  return new UsageError(`the argument '${one}' cannot be used with '${other}'`, { usageOf });
}
