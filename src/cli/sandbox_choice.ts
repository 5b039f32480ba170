// Which plan `codex sandbox` runs a command with. A flag wins over `-c sandbox_mode`, that over the permission profile
// that the configuration chose, and without any of them it is read-only: `sandbox_mode` of a file is for the agent.
import { isAbsolutePath, joinPath, normalizePath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import type { EffectiveConfig } from "../config/effective_config.ts";
import type { LoadedConfig } from "../config/loaded_config.ts";
import { homeFolder, temporaryFolder } from "../host/env.ts";
import type { SandboxMode } from "../protocol/types/policy.ts";
import { type FileRule, planProfile } from "../sandbox/grants.ts";
import { modePolicy, type PlanContext, planSandbox, type SandboxPlan } from "../sandbox/plan.ts";
import { checkAddedFolders } from "../sandbox/writable_roots.ts";
import type { SandboxArgs } from "./sandbox_args.ts";
import { makeConfigLoader } from "./session_config.ts";

export interface SandboxChoice {
  /** Null: no sandbox (danger-full-access). */
  readonly plan: SandboxPlan | null;
  /** What decided, for people: "--sandbox read-only", "default_permissions = build". */
  readonly source: string;
  readonly windowsSandbox: EffectiveConfig["windowsSandbox"];
}

export interface ChoiceOptions {
  readonly codexHome: string;
  /** Absolute. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws CodexError CONFIG_INVALID, USAGE */
export async function sandboxChoice(args: SandboxArgs, options: ChoiceOptions): Promise<SandboxChoice> {
  const { codexHome, cwd, environment } = options;
  const loader = await makeConfigLoader(argsWithProfile(args), { codexHome, environment, folder: cwd });
  const loaded = await loader.load(cwd);
  const { config } = loaded;
  const added = args.addedFolders.map((path) => isAbsolutePath(path) ? normalizePath(path) : joinPath(cwd, path));
  const { allowGitWrites, allowUnixSockets, allowLoopbackPorts } = config.sandboxWorkspaceWrite;
  const context: PlanContext = {
    cwd,
    tmpdir: temporaryFolder(environment),
    codexHome,
    home: homeFolder(environment),
    extras: { allowGitWrites, unixSockets: allowUnixSockets, loopbackPorts: allowLoopbackPorts },
    variables: environment,
    legacyLandlock: config.legacyLandlock,
  };
  const { windowsSandbox } = config;
  if (args.permissions !== null && config.permissions === null) {
    throw new CodexError("USAGE", `Cannot use --permissions ${args.permissions}: the profile of -p sets sandbox_mode`, {
      hint: "Leave out -p",
    });
  }
  if (args.mode === null && config.permissions !== null) {
    await checkAddedFolders(added);
    const { name } = config.permissions;
    const profile = { ...config.permissions, files: [...config.permissions.files, ...added.map(writeRule)] };
    const source = args.permissions === null ? `default_permissions = ${name}` : `--permissions ${name}`;
    return { plan: planProfile(profile, context), source, windowsSandbox };
  }
  const typed = args.mode ?? modeOfCommandLine(loaded);
  const mode = typed ?? "read-only";
  if (added.length > 0 && mode !== "workspace-write") {
    throw new CodexError("USAGE", `Cannot add a folder to write to: the sandbox is ${mode}`, {
      hint: "Add --full-auto, which lets the command write to the workspace",
    });
  }
  await checkAddedFolders(added);
  const workspace = config.sandboxWorkspaceWrite;
  const policy = modePolicy(mode, { ...workspace, writableRoots: [...workspace.writableRoots, ...added] });
  const source = args.mode !== null ? `--sandbox ${mode}` : typed !== null ? `sandbox_mode = ${mode}` : "the default";
  return { plan: planSandbox(policy, context), source, windowsSandbox };
}

/** `--permissions NAME` is the highest layer's `default_permissions`, and a mode its `sandbox_mode`. */
function argsWithProfile({ config, permissions, mode }: SandboxArgs): SandboxArgs["config"] {
  const settings = [...config.settings];
  if (permissions !== null) settings.push({ key: "default_permissions", value: permissions });
  if (mode !== null) settings.push({ key: "sandbox_mode", value: mode });
  return { ...config, settings };
}

/** What `-c sandbox_mode=…` says; the mode of a file is meant for the agent. */
function modeOfCommandLine({ layers, merged }: LoadedConfig): SandboxMode | null {
  const flags = layers.find(({ source }) => source.type === "sessionFlags")?.table ?? {};
  const mode = flags["sandbox_mode"];
  if (typeof mode !== "string" || mode !== merged["sandbox_mode"]) return null;
  // Checked against the key table's choices, which are those of the type.
  return mode as SandboxMode;
}

function writeRule(path: string): FileRule {
  return { target: { kind: "path", path }, access: "write" };
}
