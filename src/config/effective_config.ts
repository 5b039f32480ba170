// The configuration after all layers are laid over each other: what agent, server and cli read.
import type {
  ApprovalsReviewer,
  AskForApproval,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  ServiceTier,
  Verbosity,
} from "../protocol/types/policy.ts";

/**
 * One `[model_providers.ID]` table; defaults filled in. Field for field the model room's `ModelProvider`: neither room may
 * import the other, and the agent, which hands one over as the other, does not compile when they part.
 */
export interface ModelProviderConfig {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly envKey: string | null;
  readonly envKeyInstructions: string | null;
  readonly bearerToken: string | null;
  readonly queryParams: Readonly<Record<string, string>>;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly envHttpHeaders: Readonly<Record<string, string>>;
  readonly requestMaxRetries: number;
  readonly streamMaxRetries: number;
  readonly streamIdleTimeoutMs: number;
  readonly requiresOpenaiAuth: boolean;
}

export interface SandboxWorkspaceWriteConfig {
  readonly writableRoots: readonly string[];
  readonly networkAccess: boolean;
  readonly excludeTmpdirEnvVar: boolean;
  readonly excludeSlashTmp: boolean;
}

export interface ShellEnvironmentPolicyConfig {
  readonly inherit: "all" | "core" | "none";
  readonly ignoreDefaultExcludes: boolean;
  readonly exclude: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly includeOnly: readonly string[];
}

export interface EffectiveConfig {
  readonly codexHome: string;
  /** Null: the catalog's default. */
  readonly model: string | null;
  readonly modelProvider: ModelProviderConfig;
  readonly modelContextWindow: number | null;
  readonly reasoningEffort: ReasoningEffort | null;
  readonly reasoningSummary: ReasoningSummary | null;
  readonly verbosity: Verbosity | null;
  readonly serviceTier: ServiceTier | null;
  readonly personality: Personality | null;
  /** Replaces the built-in system prompt (`model_instructions_file`, its text). */
  readonly baseInstructions: string | null;
  readonly developerInstructions: string | null;
  /** Null: on-request in trusted folders, else untrusted. */
  readonly approvalPolicy: AskForApproval | null;
  readonly approvalsReviewer: ApprovalsReviewer;
  /** Null: workspace-write in trusted folders, else read-only. */
  readonly sandboxMode: SandboxMode | null;
  readonly sandboxWorkspaceWrite: SandboxWorkspaceWriteConfig;
  readonly shellEnvironmentPolicy: ShellEnvironmentPolicyConfig;
  readonly allowLoginShell: boolean;
  readonly projectTrusted: boolean;
  readonly projectRootMarkers: readonly string[];
  readonly projectDocMaxBytes: number;
  readonly projectDocFallbackFilenames: readonly string[];
  readonly toolOutputTokenLimit: number | null;
  readonly hideAgentReasoning: boolean;
  readonly showRawAgentReasoning: boolean;
}
