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
  readonly allowGitWrites: boolean;
  readonly allowUnixSockets: readonly string[];
  readonly allowLoopbackPorts: readonly number[];
}

/** One `[permissions.NAME]` table. Field for field the sandbox room's `PermissionProfile`, as with providers. */
export interface PermissionProfileConfig {
  readonly name: string;
  readonly files: readonly {
    readonly target:
      | { readonly kind: "path"; readonly path: string }
      | { readonly kind: "projectRoots"; readonly below: string | null }
      | { readonly kind: "root" | "minimal" | "tmpdir" };
    readonly access: "read" | "write" | "none";
  }[];
  readonly network: {
    readonly enabled: boolean;
    readonly rules: {
      readonly mode: "limited" | "full";
      readonly domains: readonly { readonly pattern: string; readonly access: "allow" | "deny" }[];
      readonly httpListen: string | null;
      readonly socksListen: string | null;
      readonly useUpstreamProxy: boolean;
      readonly allowLocalBinding: boolean;
      readonly allowNonLoopbackListen: boolean;
    } | null;
    readonly unixSockets: "all" | readonly string[];
    readonly loopbackPorts: readonly number[];
  };
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
  /** The profile that `default_permissions` names, where it wins over `sandbox_mode`; else null. */
  readonly permissions: PermissionProfileConfig | null;
  /** `features.use_legacy_landlock`: no namespaces, for containers that allow none. */
  readonly legacyLandlock: boolean;
  /** `[windows]`: means something on Windows only. */
  readonly windowsSandbox: { readonly level: "elevated" | "unelevated"; readonly privateDesktop: boolean };
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
