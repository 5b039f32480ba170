// Wire types of the `policy` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { ABSOLUTE_PATH_PATTERN } from "../../base/absolute_path.ts";
import { nullable, oneOf, Type } from "../schema.ts";

/** A relative one would have to be meant from somewhere: it is refused. */
export const AbsolutePathBuf = Type.String({ title: "AbsolutePathBuf", pattern: ABSOLUTE_PATH_PATTERN });
export type AbsolutePathBuf = Static<typeof AbsolutePathBuf>;

export const ReadOnlyAccess = Type.Union([
  Type.Object({
    type: Type.Literal("restricted"),
    includePlatformDefaults: Type.Optional(Type.Boolean()),
    readableRoots: Type.Optional(Type.Array(AbsolutePathBuf)),
  }),
  Type.Object({
    type: Type.Literal("fullAccess"),
  }),
], { title: "ReadOnlyAccess" });
export type ReadOnlyAccess = Static<typeof ReadOnlyAccess>;

export const NetworkAccess = oneOf(["restricted", "enabled"]);
export type NetworkAccess = Static<typeof NetworkAccess>;

export const SandboxPolicy = Type.Union([
  Type.Object({
    type: Type.Literal("dangerFullAccess"),
  }),
  Type.Object({
    type: Type.Literal("readOnly"),
    access: Type.Optional(ReadOnlyAccess),
    networkAccess: Type.Optional(Type.Boolean()),
  }),
  Type.Object({
    type: Type.Literal("externalSandbox"),
    networkAccess: Type.Optional(NetworkAccess),
  }),
  Type.Object({
    type: Type.Literal("workspaceWrite"),
    excludeSlashTmp: Type.Optional(Type.Boolean()),
    excludeTmpdirEnvVar: Type.Optional(Type.Boolean()),
    networkAccess: Type.Optional(Type.Boolean()),
    readOnlyAccess: Type.Optional(ReadOnlyAccess),
    writableRoots: Type.Optional(Type.Array(AbsolutePathBuf)),
  }),
]);
export type SandboxPolicy = Static<typeof SandboxPolicy>;

export const AskForApproval = Type.Union([
  oneOf(["untrusted", "on-failure", "on-request"]),
  Type.Object({
    granular: Type.Object({
      sandbox_approval: Type.Boolean(),
      rules: Type.Boolean(),
      skill_approval: Type.Optional(Type.Boolean()),
      request_permissions: Type.Optional(Type.Boolean()),
      mcp_elicitations: Type.Boolean(),
    }),
  }),
  Type.Literal("never"),
]);
export type AskForApproval = Static<typeof AskForApproval>;

export const ApprovalsReviewer = oneOf(["user", "guardian_subagent"]);
export type ApprovalsReviewer = Static<typeof ApprovalsReviewer>;

export const SandboxMode = oneOf(["read-only", "workspace-write", "danger-full-access"]);
export type SandboxMode = Static<typeof SandboxMode>;

export const ModeKind = oneOf(["plan", "default"]);
export type ModeKind = Static<typeof ModeKind>;

export const ReasoningEffort = oneOf(["none", "minimal", "low", "medium", "high", "xhigh"]);
export type ReasoningEffort = Static<typeof ReasoningEffort>;

export const Settings = Type.Object({
  developer_instructions: Type.Optional(nullable(Type.String())),
  model: Type.String(),
  reasoning_effort: Type.Optional(nullable(ReasoningEffort)),
});
export type Settings = Static<typeof Settings>;

export const CollaborationMode = Type.Object({
  mode: ModeKind,
  settings: Settings,
});
export type CollaborationMode = Static<typeof CollaborationMode>;

export const Personality = oneOf(["none", "friendly", "pragmatic"]);
export type Personality = Static<typeof Personality>;

export const ReasoningSummary = Type.Union([
  oneOf(["auto", "concise", "detailed"]),
  Type.Literal("none"),
]);
export type ReasoningSummary = Static<typeof ReasoningSummary>;

export const ServiceTier = oneOf(["fast", "flex"]);
export type ServiceTier = Static<typeof ServiceTier>;

export const Verbosity = oneOf(["low", "medium", "high"]);
export type Verbosity = Static<typeof Verbosity>;
