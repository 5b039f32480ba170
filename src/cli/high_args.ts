// Second reading of the command line: what was typed becomes what will happen. Pure: no file, no network; refuses what
// contradicts itself. Source of refusals: the reference's recorded texts (marked "wire:") and exit codes.
import { CodexError } from "../base/errors.ts";
import { isUuid } from "../base/ids.ts";
import type { AskForApproval, SandboxMode } from "../protocol/types/policy.ts";
import type { ConfigArgs } from "./config_args.ts";
import { type CommandName, commandOf, isSessionCommand } from "./commands.ts";
import { featureNames } from "./feature_names.ts";
import type { LevelArgs } from "./parse_level.ts";
import { decideSandbox, isSandboxCommand, type SandboxArgs } from "./sandbox_args.ts";
import { decideWindowsSetup, isWindowsSetupCommand, type WindowsSetupArgs } from "./windows_setup_args.ts";
import { decideServer, type ServerArgs } from "./server_args.ts";
import {
  decideInstallService,
  decideTokenMint,
  decideTokenNew,
  type InstallServiceArgs,
  type TokenMintArgs,
  type TokenNewArgs,
} from "./server_tool_args.ts";
import { type FlagName, flagOf, type LowFlags, shownFlag } from "./shared_flags.ts";
import { UsageError } from "./usage_error.ts";

export type SessionStart =
  | { readonly kind: "new" }
  | { readonly kind: "resume"; readonly threadId: string }
  | { readonly kind: "resumeLast" | "picker"; readonly allFolders: boolean };

export interface SessionArgs {
  readonly kind: "session";
  readonly start: SessionStart;
  readonly prompt: string | null;
  /** Null: the server runs in this process. */
  readonly remote: { readonly url: string; readonly token: string | null } | null;
  /** `-C` as typed. */
  readonly folder: string | null;
  readonly model: string | null;
  readonly approvalPolicy: AskForApproval | null;
  readonly sandbox: SandboxMode | null;
  readonly config: ConfigArgs;
}

export interface AppServerArgs extends ServerArgs {
  readonly kind: "appServer";
  readonly config: ConfigArgs;
}

export type HighArgs =
  | SessionArgs
  | AppServerArgs
  | SandboxArgs
  | WindowsSetupArgs
  | TokenNewArgs
  | TokenMintArgs
  | InstallServiceArgs;

export interface LowArgs {
  readonly command: Exclude<CommandName, "help">;
  /** What stood before the command's word; for the terminal UI itself, everything. */
  readonly before: LevelArgs;
  /** What stood behind the word; null when there was none. */
  readonly after: LevelArgs | null;
}

export function decide(low: LowArgs, environment: Readonly<Record<string, string>>): HighArgs {
  const { command, before, after } = low;
  if (!isSessionCommand(command)) refuseRemote(before.flags, commandOf(command).words);
  if (after !== null) refuseUseless(before.flags, command);
  const flags = mergeFlags(before.flags, after?.flags ?? {});
  const operands = after?.operands ?? before.operands;
  if (command === "appServer") {
    return { kind: "appServer", ...decideServer(flags), config: decideConfig(flags) };
  }
  if (isSandboxCommand(command)) {
    return decideSandbox({ command, flags, operands, config: decideConfig(withoutSandbox(flags)) });
  }
  if (isWindowsSetupCommand(command)) return decideWindowsSetup(command, flags);
  if (command === "tokenNew") return decideTokenNew(flags, operands);
  if (command === "tokenMint") return decideTokenMint(flags);
  if (command === "installService") return decideInstallService(flags);
  return {
    kind: "session",
    ...decideStart(command, flags, operands),
    remote: decideRemote(flags, environment),
    folder: flags.cd ?? null,
    model: flags.model ?? null,
    ...decidePermissions(flags),
    config: decideConfig(flags),
  };
}

/** `--remote` with a command that is no terminal UI; also for commands that this version does not have. */
export function refuseRemote(flags: LowFlags, words: string): void {
  // wire: both sentences
  const reason = `is only supported for interactive TUI commands, not \`codex ${words}\``;
  if (flags.remote !== undefined) throw new CodexError("USAGE", `\`--remote ${flags.remote}\` ${reason}`);
  if (flags.remoteAuthTokenEnv !== undefined) throw new CodexError("USAGE", `\`--remote-auth-token-env\` ${reason}`);
}

/** A flag before the command's word that the command has no use for: said, not swallowed. */
function refuseUseless(flags: LowFlags, command: CommandName): void {
  const allowed = commandOf(command).flagsBefore;
  const useless = (Object.keys(flags) as FlagName[]).find((name) => !allowed.includes(name)); // keys of LowFlags
  if (useless === undefined) return;
  throw new UsageError(
    `the argument '${shownFlag(flagOf(useless))}' cannot be used with '${commandOf(command).words}'`,
    {
      usageOf: command,
    },
  );
}

/** The nearer flag wins; repeatable ones add up in order. */
function mergeFlags(before: LowFlags, after: LowFlags): LowFlags {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(after)) {
    const earlier = merged[name];
    merged[name] = Array.isArray(earlier) && Array.isArray(value) ? [...earlier, ...value] : value;
  }
  return merged as LowFlags; // both sides were: each key keeps its kind of value
}

function decideStart(
  command: CommandName,
  flags: LowFlags,
  operands: readonly string[],
): { start: SessionStart; prompt: string | null } {
  const [first, second] = operands;
  if (command === "tui") return { start: { kind: "new" }, prompt: first ?? null };
  const allFolders = flags.all === true;
  if (flags.last === true) {
    if (second !== undefined || (first !== undefined && isUuid(first))) {
      throw new UsageError("a session id cannot be used with '--last'", { usageOf: command });
    }
    return { start: { kind: "resumeLast", allFolders }, prompt: first ?? null };
  }
  if (first === undefined) return { start: { kind: "picker", allFolders }, prompt: null };
  return { start: { kind: "resume", threadId: first }, prompt: second ?? null };
}

function decideRemote(flags: LowFlags, environment: Readonly<Record<string, string>>): SessionArgs["remote"] {
  const variable = flags.remoteAuthTokenEnv;
  if (flags.remote === undefined) {
    // wire: this sentence and the two below
    if (variable !== undefined) throw new CodexError("USAGE", "`--remote-auth-token-env` requires `--remote`.");
    return null;
  }
  if (variable === undefined) return { url: flags.remote, token: null };
  const token = environment[variable];
  if (token === undefined) throw new CodexError("USAGE", `environment variable \`${variable}\` is not set`);
  if (token.trim() === "") throw new CodexError("USAGE", `environment variable \`${variable}\` is empty`);
  return { url: flags.remote, token: token.trim() };
}

function decidePermissions(flags: LowFlags): { approvalPolicy: AskForApproval | null; sandbox: SandboxMode | null } {
  if (flags.dangerouslyBypassApprovalsAndSandbox) return { approvalPolicy: "never", sandbox: "danger-full-access" };
  if (flags.fullAuto) return { approvalPolicy: "on-request", sandbox: "workspace-write" };
  return {
    // The parser let only the table's choices pass, and those are the values of the two types.
    approvalPolicy: (flags.askForApproval ?? null) as AskForApproval | null,
    sandbox: (flags.sandbox ?? null) as SandboxMode | null,
  };
}

/** `codex sandbox` keeps its mode apart from the configuration, which must not be asked whether it wins. */
function withoutSandbox({ sandbox: _mode, fullAuto: _auto, ...flags }: LowFlags): LowFlags {
  return flags;
}

function decideConfig(flags: LowFlags): ConfigArgs {
  const settings: { key: string; value: string | boolean }[] = [];
  const features = [...(flags.enable ?? []).map((f) => [f, true]), ...(flags.disable ?? []).map((f) => [f, false])];
  for (const [name, on] of features as [string, boolean][]) { // made one line above
    if (!featureNames.includes(name)) throw unknownFeature(name);
    settings.push({ key: `features.${name}`, value: on });
  }
  const { approvalPolicy, sandbox } = decidePermissions(flags);
  if (flags.model !== undefined) settings.push({ key: "model", value: flags.model });
  if (approvalPolicy !== null) settings.push({ key: "approval_policy", value: approvalPolicy as string });
  if (sandbox !== null) settings.push({ key: "sandbox_mode", value: sandbox });
  return {
    assignments: flags.config ?? [],
    settings,
    profile: flags.profile ?? null,
    writableRoots: flags.addDir ?? [],
    localProvider: decideLocalProvider(flags),
  };
}

function decideLocalProvider(flags: LowFlags): string | null {
  const provider = flags.localProvider;
  if (provider !== undefined && !["ollama", "lmstudio"].includes(provider)) {
    throw new CodexError("USAGE", `Cannot use the local provider "${provider}": expected ollama or lmstudio`);
  }
  return flags.oss ? provider ?? "detect" : null;
}

function unknownFeature(name: string): CodexError {
  const similar = findSimilar(name);
  // wire:
  const options = similar === null ? {} : { hint: `Perhaps ${similar} was meant` };
  return new CodexError("USAGE", `Unknown feature flag: ${name}`, options);
}

/** The known name that begins or is begun by what was typed. */
function findSimilar(typed: string): string | null {
  return featureNames.find((name) => typed !== "" && (name.startsWith(typed) || typed.startsWith(name))) ?? null;
}
