// What a thread runs with: made from the configuration and a request's own fields at start, from the last turn's
// record at resume, and changed for good by the overrides of each turn/start.
import { homeFolder, temporaryFolder } from "../host/env.ts";
import type { EffectiveConfig } from "../config/effective_config.ts";
import { joinPath } from "../base/absolute_path.ts";
import type { ParamsOf } from "../protocol/client_requests.ts";
import type {
  AskForApproval,
  CollaborationMode,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  SandboxPolicy,
} from "../protocol/types/policy.ts";
import { type PermissionProfile, policyOfProfile } from "../sandbox/grants.ts";
import { modePolicy } from "../sandbox/plan.ts";
import { DEFAULT_MODEL } from "../model/catalog.ts";
import { sandboxPolicyFrom } from "../store/sandbox_policy_record.ts";
import type { TurnContextRecord } from "../store/thread_store.ts";
import type { ThreadSettings } from "./threads.ts";

export interface TurnSettings extends Omit<ThreadSettings, "reasoningEffort"> {
  readonly effort: ReasoningEffort | null;
  /** Null: the configuration's, else the model's own. */
  readonly summary: ReasoningSummary | null;
  readonly personality: Personality | null;
  readonly collaborationMode: CollaborationMode | null;
  /** What commands may touch in full, when a profile says it; `sandbox` is then its nearest policy. */
  readonly permissions: PermissionProfile | null;
}

export function toThreadSettings(settings: TurnSettings): ThreadSettings {
  return {
    model: settings.model,
    modelProvider: settings.modelProvider,
    serviceTier: settings.serviceTier,
    cwd: settings.cwd,
    approvalPolicy: settings.approvalPolicy,
    approvalsReviewer: settings.approvalsReviewer,
    sandbox: settings.sandbox,
    reasoningEffort: settings.effort,
  };
}

/** A policy with every optional field spelled out, as responses carry it. */
function completePolicy(policy: SandboxPolicy): SandboxPolicy {
  switch (policy.type) {
    case "dangerFullAccess":
      return { type: "dangerFullAccess" };
    case "externalSandbox":
      return { type: "externalSandbox", networkAccess: policy.networkAccess ?? "restricted" };
    case "readOnly":
      return {
        type: "readOnly",
        access: policy.access ?? { type: "fullAccess" },
        networkAccess: policy.networkAccess ?? false,
      };
    case "workspaceWrite":
      return {
        type: "workspaceWrite",
        writableRoots: policy.writableRoots ?? [],
        readOnlyAccess: policy.readOnlyAccess ?? { type: "fullAccess" },
        networkAccess: policy.networkAccess ?? false,
        excludeTmpdirEnvVar: policy.excludeTmpdirEnvVar ?? false,
        excludeSlashTmp: policy.excludeSlashTmp ?? false,
      };
  }
}

function policyOfMode(mode: SandboxMode, config: EffectiveConfig): SandboxPolicy {
  const { writableRoots, ...workspace } = config.sandboxWorkspaceWrite;
  const memories = joinPath(config.codexHome, "memories");
  const roots = [...writableRoots.filter((root) => root !== memories), memories];
  return completePolicy(modePolicy(mode, { ...workspace, writableRoots: roots }));
}

/** The profile holds unless a request asks for a mode; with it, the policy that clients see. */
function permissionsOf(
  { config, cwd, params, environment }: StartOptions,
): Pick<TurnSettings, "sandbox" | "permissions"> {
  if (!params.sandbox && config.permissions !== null) {
    const { codexHome } = config;
    const context = { cwd, codexHome, tmpdir: temporaryFolder(environment), home: homeFolder(environment) };
    const policy = policyOfProfile(config.permissions, context);
    return { sandbox: completePolicy(policy), permissions: config.permissions };
  }
  const standard = config.projectTrusted ? "workspace-write" : "read-only";
  return { sandbox: policyOfMode(params.sandbox ?? config.sandboxMode ?? standard, config), permissions: null };
}

type StartFields = Pick<
  ParamsOf<"thread/start">,
  "approvalPolicy" | "approvalsReviewer" | "model" | "personality" | "sandbox" | "serviceTier"
>;

export interface StartOptions {
  readonly config: EffectiveConfig;
  /** Absolute. */
  readonly cwd: string;
  readonly params: StartFields;
  readonly environment: Readonly<Record<string, string>>;
}

export function startSettings(options: StartOptions): TurnSettings {
  const { config, cwd, params } = options;
  const trusted = config.projectTrusted;
  return {
    model: params.model ?? config.model ?? DEFAULT_MODEL,
    modelProvider: config.modelProvider.id,
    serviceTier: params.serviceTier === undefined ? config.serviceTier : params.serviceTier,
    cwd,
    approvalPolicy: params.approvalPolicy ?? config.approvalPolicy ?? (trusted ? "on-request" : "untrusted"),
    approvalsReviewer: params.approvalsReviewer ?? config.approvalsReviewer,
    ...permissionsOf(options),
    effort: config.reasoningEffort,
    summary: config.reasoningSummary,
    personality: params.personality ?? config.personality,
    collaborationMode: null,
  };
}

/** As `startSettings`, with what the thread's last turn ran with in place of the configuration where nothing is asked. */
export function resumeSettings(options: StartOptions, last: TurnContextRecord | null): TurnSettings {
  const fresh = startSettings(options);
  if (last === null) return fresh;
  const { params } = options;
  const recorded = settingsFromRecord(last);
  return {
    ...fresh,
    ...(params.model || recorded.model === undefined
      ? {}
      : { model: recorded.model, effort: recorded.effort ?? fresh.effort }),
    ...(params.approvalPolicy || recorded.approvalPolicy === undefined
      ? {}
      : { approvalPolicy: recorded.approvalPolicy }),
    ...(params.sandbox || recorded.sandbox === undefined ? {} : withPolicy(fresh, recorded.sandbox)),
    ...(params.personality || recorded.personality === undefined ? {} : { personality: recorded.personality }),
  };
}

/**
 * The settings that a turn/start leaves the thread with. Absent fields change nothing, nor do null ones, but for these:
 * a null service tier is none, and a mode decides on model and effort, with null for the model's own effort.
 */
export function overrideSettings(settings: TurnSettings, params: ParamsOf<"turn/start">): TurnSettings {
  const chosen = params.collaborationMode?.settings;
  const model = chosen?.model ?? params.model ?? settings.model;
  const effort = chosen ? chosen.reasoning_effort ?? null : params.effort ?? settings.effort;
  return {
    ...settings,
    cwd: params.cwd ? joinPath(settings.cwd, params.cwd) : settings.cwd,
    approvalPolicy: params.approvalPolicy ?? settings.approvalPolicy,
    approvalsReviewer: params.approvalsReviewer ?? settings.approvalsReviewer,
    ...(params.sandboxPolicy ? withPolicy(settings, completePolicy(params.sandboxPolicy)) : {}),
    model,
    effort,
    summary: params.summary ?? settings.summary,
    serviceTier: params.serviceTier === undefined ? settings.serviceTier : params.serviceTier,
    personality: params.personality ?? settings.personality,
    collaborationMode: params.collaborationMode ?? withModel(settings.collaborationMode, model, effort),
  };
}

/** A policy that is the profile's own, sent back or read from the record, means the profile; any other ends it. */
function withPolicy(settings: TurnSettings, sandbox: SandboxPolicy): Pick<TurnSettings, "sandbox" | "permissions"> {
  return { sandbox, permissions: isSamePolicy(sandbox, settings.sandbox) ? settings.permissions : null };
}

function isSamePolicy(one: SandboxPolicy, other: SandboxPolicy): boolean {
  const text = (policy: SandboxPolicy): string =>
    JSON.stringify(completePolicy(policy), (_key, value: unknown) => sortedKeys(value));
  return text(one) === text(other);
}

function sortedKeys(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}

/** The mode that goes on, with the model and effort that were chosen outside of it. */
function withModel(
  mode: CollaborationMode | null,
  model: string,
  effort: ReasoningEffort | null,
): CollaborationMode | null {
  return mode && { ...mode, settings: { ...mode.settings, model, reasoning_effort: effort } };
}

interface RecordedSettings {
  readonly model?: string;
  readonly effort: ReasoningEffort | null;
  readonly approvalPolicy?: AskForApproval;
  readonly sandbox?: SandboxPolicy;
  readonly personality?: Personality;
}

const EFFORTS: readonly string[] = ["none", "minimal", "low", "medium", "high", "xhigh"] satisfies ReasoningEffort[];
const PERSONALITIES: readonly string[] = ["none", "friendly", "pragmatic"] satisfies Personality[];
const POLICIES: readonly string[] = ["untrusted", "on-failure", "on-request", "never"] satisfies AskForApproval[];

/** What can be understood of a `turn_context` record; unknown values are left out, so that the configuration holds. */
function settingsFromRecord(record: TurnContextRecord): RecordedSettings {
  const { model, effort, approval_policy: approval, sandbox_policy: sandbox, personality } = record;
  const policy = sandboxPolicyFrom(sandbox);
  return {
    ...(typeof model === "string" ? { model } : {}),
    // Membership in the list is the check that makes each of these casts true.
    effort: typeof effort === "string" && EFFORTS.includes(effort) ? effort as ReasoningEffort : null,
    ...(typeof approval === "string" && POLICIES.includes(approval)
      ? { approvalPolicy: approval as AskForApproval }
      : {}),
    ...(policy === null ? {} : { sandbox: policy }),
    ...(typeof personality === "string" && PERSONALITIES.includes(personality)
      ? { personality: personality as Personality }
      : {}),
  };
}
