// Wire types of the `config` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type } from "../schema.ts";
import {
  AbsolutePathBuf,
  ApprovalsReviewer,
  AskForApproval,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  ServiceTier,
  Verbosity,
} from "./policy.ts";

export const ConfigReadParams = Type.Object({
  cwd: Type.Optional(nullable(Type.String())),
  includeLayers: Type.Optional(Type.Boolean()),
});
export type ConfigReadParams = Static<typeof ConfigReadParams>;

export const AnalyticsConfig = Type.Object({
  enabled: nullable(Type.Boolean()),
});
export type AnalyticsConfig = Static<typeof AnalyticsConfig>;

export const AppsDefaultConfig = Type.Object({
  destructive_enabled: Type.Boolean(),
  enabled: Type.Boolean(),
  open_world_enabled: Type.Boolean(),
});
export type AppsDefaultConfig = Static<typeof AppsDefaultConfig>;

export const AppsConfig = Type.Object({
  _default: nullable(AppsDefaultConfig),
});
export type AppsConfig = Static<typeof AppsConfig>;

export const ForcedLoginMethod = oneOf(["chatgpt", "api"]);
export type ForcedLoginMethod = Static<typeof ForcedLoginMethod>;

export const WebSearchContextSize = oneOf(["low", "medium", "high"]);
export type WebSearchContextSize = Static<typeof WebSearchContextSize>;

export const WebSearchLocation = Type.Object({
  city: nullable(Type.String()),
  country: nullable(Type.String()),
  region: nullable(Type.String()),
  timezone: nullable(Type.String()),
});
export type WebSearchLocation = Static<typeof WebSearchLocation>;

export const WebSearchToolConfig = Type.Object({
  allowed_domains: nullable(Type.Array(Type.String())),
  context_size: nullable(WebSearchContextSize),
  location: nullable(WebSearchLocation),
});
export type WebSearchToolConfig = Static<typeof WebSearchToolConfig>;

export const ToolsV2 = Type.Object({
  view_image: nullable(Type.Boolean()),
  web_search: nullable(WebSearchToolConfig),
});
export type ToolsV2 = Static<typeof ToolsV2>;

export const WebSearchMode = oneOf(["disabled", "cached", "live"]);
export type WebSearchMode = Static<typeof WebSearchMode>;

export const ProfileV2 = Type.Object({
  approval_policy: nullable(AskForApproval),
  approvals_reviewer: nullable(ApprovalsReviewer),
  chatgpt_base_url: nullable(Type.String()),
  model: nullable(Type.String()),
  model_provider: nullable(Type.String()),
  model_reasoning_effort: nullable(ReasoningEffort),
  model_reasoning_summary: nullable(ReasoningSummary),
  model_verbosity: nullable(Verbosity),
  service_tier: nullable(ServiceTier),
  tools: nullable(ToolsV2),
  web_search: nullable(WebSearchMode),
});
export type ProfileV2 = Static<typeof ProfileV2>;

export const SandboxWorkspaceWrite = Type.Object({
  exclude_slash_tmp: Type.Boolean(),
  exclude_tmpdir_env_var: Type.Boolean(),
  network_access: Type.Boolean(),
  writable_roots: Type.Array(Type.String()),
});
export type SandboxWorkspaceWrite = Static<typeof SandboxWorkspaceWrite>;

export const Config = Type.Object({
  analytics: nullable(AnalyticsConfig),
  approval_policy: nullable(AskForApproval),
  approvals_reviewer: nullable(ApprovalsReviewer),
  apps: nullable(AppsConfig),
  compact_prompt: nullable(Type.String()),
  developer_instructions: nullable(Type.String()),
  forced_chatgpt_workspace_id: nullable(Type.String()),
  forced_login_method: nullable(ForcedLoginMethod),
  instructions: nullable(Type.String()),
  model: nullable(Type.String()),
  model_auto_compact_token_limit: nullable(Type.Integer()),
  model_context_window: nullable(Type.Integer()),
  model_provider: nullable(Type.String()),
  model_reasoning_effort: nullable(ReasoningEffort),
  model_reasoning_summary: nullable(ReasoningSummary),
  model_verbosity: nullable(Verbosity),
  profile: nullable(Type.String()),
  profiles: Type.Record(Type.String(), ProfileV2),
  review_model: nullable(Type.String()),
  sandbox_mode: nullable(SandboxMode),
  sandbox_workspace_write: nullable(SandboxWorkspaceWrite),
  service_tier: nullable(ServiceTier),
  tools: nullable(ToolsV2),
  web_search: nullable(WebSearchMode),
});
export type Config = Static<typeof Config>;

export const ConfigLayerSource = Type.Union([
  Type.Object({
    type: Type.Literal("mdm"),
    domain: Type.String(),
    key: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("system"),
    file: AbsolutePathBuf,
  }),
  Type.Object({
    type: Type.Literal("user"),
    file: AbsolutePathBuf,
  }),
  Type.Object({
    type: Type.Literal("project"),
    dotCodexFolder: AbsolutePathBuf,
  }),
  Type.Object({
    type: Type.Literal("sessionFlags"),
  }),
  Type.Object({
    type: Type.Literal("legacyManagedConfigTomlFromFile"),
    file: AbsolutePathBuf,
  }),
  Type.Object({
    type: Type.Literal("legacyManagedConfigTomlFromMdm"),
  }),
]);
export type ConfigLayerSource = Static<typeof ConfigLayerSource>;

export const ConfigLayer = Type.Object({
  config: Type.Unknown(),
  disabledReason: Type.Optional(nullable(Type.String())),
  name: ConfigLayerSource,
  version: Type.String(),
});
export type ConfigLayer = Static<typeof ConfigLayer>;

export const ConfigLayerMetadata = Type.Object({
  name: ConfigLayerSource,
  version: Type.String(),
});
export type ConfigLayerMetadata = Static<typeof ConfigLayerMetadata>;

export const ConfigReadResponse = Type.Object({
  config: Config,
  layers: Type.Optional(nullable(Type.Array(ConfigLayer))),
  origins: Type.Record(Type.String(), ConfigLayerMetadata),
});
export type ConfigReadResponse = Static<typeof ConfigReadResponse>;

export const TextPosition = Type.Object({
  column: Type.Integer({ minimum: 0 }),
  line: Type.Integer({ minimum: 0 }),
});
export type TextPosition = Static<typeof TextPosition>;

export const TextRange = Type.Object({
  end: TextPosition,
  start: TextPosition,
});
export type TextRange = Static<typeof TextRange>;

export const ConfigWarningNotification = Type.Object({
  details: nullable(Type.String()),
  path: Type.Optional(nullable(Type.String())),
  range: Type.Optional(nullable(TextRange)),
  summary: Type.String(),
});
export type ConfigWarningNotification = Static<typeof ConfigWarningNotification>;

export const DeprecationNoticeNotification = Type.Object({
  details: nullable(Type.String()),
  summary: Type.String(),
});
export type DeprecationNoticeNotification = Static<typeof DeprecationNoticeNotification>;
