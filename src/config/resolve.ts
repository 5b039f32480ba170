// A checked, merged table as the `EffectiveConfig` that the program reads: every default is filled in here.
import { isAbsolutePath } from "../base/absolute_path.ts";
import type { AskForApproval, SandboxMode } from "../protocol/types/policy.ts";
import type { EffectiveConfig, ModelProviderConfig } from "./effective_config.ts";
import type { ConfigTable, ConfigValue } from "./loaded_config.ts";
import type { TrustLevel } from "./trust.ts";
import { isList, isTable, ownValue, projectValue } from "./value_type.ts";
import { ROOT } from "./keys.ts";

const PROJECT_DOC_MAX_BYTES = 32 * 1024;
const PROJECT_ROOT_MARKERS: readonly string[] = [".git"];

export interface ResolveOptions {
  readonly codexHome: string;
  readonly provider: ModelProviderConfig;
  readonly trust: TrustLevel | null;
  readonly baseInstructions: string | null;
  readonly permissions: EffectiveConfig["permissions"];
}

/** `table` has been checked against the key table, which is why reading a choice may state its type. */
export function resolveConfig(table: ConfigTable, options: ResolveOptions): EffectiveConfig {
  const { trust } = options;
  const at = (...key: string[]): ConfigValue | undefined => valueAt(table, key);
  const shell = "shell_environment_policy";
  const workspace = "sandbox_workspace_write";
  return {
    codexHome: options.codexHome,
    model: textOf(at("model")),
    modelProvider: options.provider,
    modelContextWindow: numberOf(at("model_context_window")),
    reasoningEffort: choiceOf<NonNullable<EffectiveConfig["reasoningEffort"]>>(at("model_reasoning_effort")),
    reasoningSummary: choiceOf<NonNullable<EffectiveConfig["reasoningSummary"]>>(at("model_reasoning_summary")),
    verbosity: choiceOf<NonNullable<EffectiveConfig["verbosity"]>>(at("model_verbosity")),
    serviceTier: choiceOf<NonNullable<EffectiveConfig["serviceTier"]>>(at("service_tier")),
    personality: choiceOf<NonNullable<EffectiveConfig["personality"]>>(at("personality")),
    baseInstructions: options.baseInstructions,
    developerInstructions: textOf(at("developer_instructions")),
    approvalPolicy: approvalPolicyOf(at("approval_policy")) ?? (trust === "untrusted" ? "untrusted" : "on-request"),
    approvalsReviewer: choiceOf<EffectiveConfig["approvalsReviewer"]>(at("approvals_reviewer")) ?? "user",
    sandboxMode: choiceOf<SandboxMode>(at("sandbox_mode")) ?? (trust === "trusted" ? "workspace-write" : "read-only"),
    sandboxWorkspaceWrite: {
      // An empty text names no folder, least of all that of the file which says it.
      writableRoots: textsOf(at(workspace, "writable_roots")).filter(isAbsolutePath),
      networkAccess: at(workspace, "network_access") === true,
      excludeTmpdirEnvVar: at(workspace, "exclude_tmpdir_env_var") === true,
      excludeSlashTmp: at(workspace, "exclude_slash_tmp") === true,
      allowGitWrites: at(workspace, "allow_git_writes") === true,
      allowUnixSockets: textsOf(at(workspace, "allow_unix_sockets")),
      allowLoopbackPorts: numbersOf(at(workspace, "allow_loopback_ports")),
    },
    permissions: options.permissions,
    legacyLandlock: at("features", "use_legacy_landlock") === true,
    windowsSandbox: {
      level: choiceOf<"elevated" | "unelevated">(at("windows", "sandbox")) ?? "unelevated",
      privateDesktop: at("windows", "sandbox_private_desktop") !== false,
    },
    shellEnvironmentPolicy: {
      inherit: choiceOf<EffectiveConfig["shellEnvironmentPolicy"]["inherit"]>(at(shell, "inherit")) ?? "all",
      ignoreDefaultExcludes: at(shell, "ignore_default_excludes") === true,
      exclude: textsOf(at(shell, "exclude")),
      set: textTableOf(at(shell, "set")),
      includeOnly: textsOf(at(shell, "include_only")),
    },
    allowLoginShell: at("allow_login_shell") !== false,
    projectTrusted: trust === "trusted",
    projectRootMarkers: rootMarkersOf(table),
    projectDocMaxBytes: numberOf(at("project_doc_max_bytes")) ?? PROJECT_DOC_MAX_BYTES,
    projectDocFallbackFilenames: textsOf(at("project_doc_fallback_filenames")),
    toolOutputTokenLimit: numberOf(at("tool_output_token_limit")),
    hideAgentReasoning: at("hide_agent_reasoning") === true,
    showRawAgentReasoning: at("show_raw_agent_reasoning") === true,
  };
}

export function rootMarkersOf(table: ConfigTable): readonly string[] {
  const markers = ownValue(table, "project_root_markers");
  return markers === undefined ? PROJECT_ROOT_MARKERS : textsOf(markers);
}

function valueAt(table: ConfigTable, key: readonly string[]): ConfigValue | undefined {
  let value: ConfigValue | undefined = table;
  for (const part of key) value = isTable(value) ? ownValue(value, part) : undefined;
  return value;
}

function approvalPolicyOf(value: ConfigValue | undefined): AskForApproval | null {
  const field = ROOT.fields["approval_policy"];
  if (value === undefined || field === undefined) return null;
  // Checked: a known word, or a `granular` table, which the projection completes.
  return projectValue(field, value) as AskForApproval;
}

function choiceOf<T extends string>(value: ConfigValue | undefined): T | null {
  // Checked against the key table's own choices, which are those of T.
  return typeof value === "string" ? value as T : null;
}

export function textOf(value: ConfigValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: ConfigValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function textsOf(value: ConfigValue | undefined): readonly string[] {
  return isList(value) ? value.filter((element) => typeof element === "string") : [];
}

export function numbersOf(value: ConfigValue | undefined): readonly number[] {
  return isList(value) ? value.filter((element) => typeof element === "number") : [];
}

function textTableOf(value: ConfigValue | undefined): Readonly<Record<string, string>> {
  if (!isTable(value)) return {};
  const entries = Object.entries(value);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
