// Wire types of the `thread` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type, u32 } from "../schema.ts";
import {
  ApprovalsReviewer,
  AskForApproval,
  Personality,
  ReasoningEffort,
  SandboxMode,
  SandboxPolicy,
  ServiceTier,
} from "./policy.ts";
import { ResponseItem } from "./response_item.ts";
import { Turn } from "./turn.ts";

export const GitInfo = Type.Object({
  branch: nullable(Type.String()),
  originUrl: nullable(Type.String()),
  sha: nullable(Type.String()),
});
export type GitInfo = Static<typeof GitInfo>;

export const AgentPath = Type.String();
export type AgentPath = Static<typeof AgentPath>;

export const ThreadId = Type.String();
export type ThreadId = Static<typeof ThreadId>;

export const SubAgentSource = Type.Union([
  oneOf(["review", "compact", "memory_consolidation"]),
  Type.Object({
    thread_spawn: Type.Object({
      agent_nickname: nullable(Type.String()),
      agent_path: nullable(AgentPath),
      agent_role: nullable(Type.String()),
      depth: Type.Integer(),
      parent_thread_id: ThreadId,
    }),
  }),
  Type.Object({
    other: Type.String(),
  }),
]);
export type SubAgentSource = Static<typeof SubAgentSource>;

export const SessionSource = Type.Union([
  oneOf(["cli", "vscode", "exec", "appServer", "unknown"]),
  Type.Object({
    custom: Type.String(),
  }),
  Type.Object({
    subAgent: SubAgentSource,
  }),
]);
export type SessionSource = Static<typeof SessionSource>;

export const ThreadActiveFlag = oneOf(["waitingOnApproval", "waitingOnUserInput"]);
export type ThreadActiveFlag = Static<typeof ThreadActiveFlag>;

export const ThreadStatus = Type.Union([
  Type.Object({
    type: Type.Literal("notLoaded"),
  }),
  Type.Object({
    type: Type.Literal("idle"),
  }),
  Type.Object({
    type: Type.Literal("systemError"),
  }),
  Type.Object({
    type: Type.Literal("active"),
    activeFlags: Type.Array(ThreadActiveFlag),
  }),
]);
export type ThreadStatus = Static<typeof ThreadStatus>;

export const Thread = Type.Object({
  id: Type.String(),
  agentNickname: nullable(Type.String()),
  agentRole: nullable(Type.String()),
  cliVersion: Type.String(),
  createdAt: Type.Integer(),
  cwd: Type.String(),
  ephemeral: Type.Boolean(),
  forkedFromId: nullable(Type.String()),
  gitInfo: nullable(GitInfo),
  modelProvider: Type.String(),
  name: nullable(Type.String()),
  path: nullable(Type.String()),
  preview: Type.String(),
  source: SessionSource,
  status: ThreadStatus,
  turns: Type.Array(Turn),
  updatedAt: Type.Integer(),
});
export type Thread = Static<typeof Thread>;

export const DynamicToolSpec = Type.Object({
  deferLoading: Type.Optional(Type.Boolean()),
  description: Type.String(),
  inputSchema: Type.Unknown(),
  name: Type.String(),
});
export type DynamicToolSpec = Static<typeof DynamicToolSpec>;

export const ThreadStartSource = oneOf(["startup", "clear"]);
export type ThreadStartSource = Static<typeof ThreadStartSource>;

export const ThreadStartParams = Type.Object({
  approvalPolicy: Type.Optional(nullable(AskForApproval)),
  approvalsReviewer: Type.Optional(nullable(ApprovalsReviewer)),
  baseInstructions: Type.Optional(nullable(Type.String())),
  config: Type.Optional(nullable(Type.Record(Type.String(), Type.Unknown()))),
  cwd: Type.Optional(nullable(Type.String())),
  developerInstructions: Type.Optional(nullable(Type.String())),
  dynamicTools: Type.Optional(nullable(Type.Array(DynamicToolSpec))),
  ephemeral: Type.Optional(nullable(Type.Boolean())),
  experimentalRawEvents: Type.Optional(Type.Boolean()),
  mockExperimentalField: Type.Optional(nullable(Type.String())),
  model: Type.Optional(nullable(Type.String())),
  modelProvider: Type.Optional(nullable(Type.String())),
  persistExtendedHistory: Type.Optional(Type.Boolean()),
  personality: Type.Optional(nullable(Personality)),
  sandbox: Type.Optional(nullable(SandboxMode)),
  serviceName: Type.Optional(nullable(Type.String())),
  serviceTier: Type.Optional(nullable(ServiceTier)),
  sessionStartSource: Type.Optional(nullable(ThreadStartSource)),
});
export type ThreadStartParams = Static<typeof ThreadStartParams>;

export const ThreadStartResponse = Type.Object({
  approvalPolicy: AskForApproval,
  approvalsReviewer: ApprovalsReviewer,
  cwd: Type.String(),
  model: Type.String(),
  modelProvider: Type.String(),
  reasoningEffort: nullable(ReasoningEffort),
  sandbox: SandboxPolicy,
  serviceTier: nullable(ServiceTier),
  thread: Thread,
});
export type ThreadStartResponse = Static<typeof ThreadStartResponse>;

export const ThreadResumeParams = Type.Object({
  threadId: Type.String(),
  approvalPolicy: Type.Optional(nullable(AskForApproval)),
  approvalsReviewer: Type.Optional(nullable(ApprovalsReviewer)),
  baseInstructions: Type.Optional(nullable(Type.String())),
  config: Type.Optional(nullable(Type.Record(Type.String(), Type.Unknown()))),
  cwd: Type.Optional(nullable(Type.String())),
  developerInstructions: Type.Optional(nullable(Type.String())),
  history: Type.Optional(nullable(Type.Array(ResponseItem))),
  model: Type.Optional(nullable(Type.String())),
  modelProvider: Type.Optional(nullable(Type.String())),
  path: Type.Optional(nullable(Type.String())),
  persistExtendedHistory: Type.Optional(Type.Boolean()),
  personality: Type.Optional(nullable(Personality)),
  sandbox: Type.Optional(nullable(SandboxMode)),
  serviceTier: Type.Optional(nullable(ServiceTier)),
});
export type ThreadResumeParams = Static<typeof ThreadResumeParams>;

export const ThreadResumeResponse = Type.Object({
  approvalPolicy: AskForApproval,
  approvalsReviewer: ApprovalsReviewer,
  cwd: Type.String(),
  model: Type.String(),
  modelProvider: Type.String(),
  reasoningEffort: nullable(ReasoningEffort),
  sandbox: SandboxPolicy,
  serviceTier: nullable(ServiceTier),
  thread: Thread,
});
export type ThreadResumeResponse = Static<typeof ThreadResumeResponse>;

export const ThreadReadParams = Type.Object({
  threadId: Type.String(),
  includeTurns: Type.Optional(Type.Boolean()),
});
export type ThreadReadParams = Static<typeof ThreadReadParams>;

export const ThreadReadResponse = Type.Object({
  thread: Thread,
});
export type ThreadReadResponse = Static<typeof ThreadReadResponse>;

export const ThreadSortKey = oneOf(["created_at", "updated_at"]);
export type ThreadSortKey = Static<typeof ThreadSortKey>;

export const ThreadSourceKind = oneOf([
  "cli",
  "vscode",
  "exec",
  "appServer",
  "subAgent",
  "subAgentReview",
  "subAgentCompact",
  "subAgentThreadSpawn",
  "subAgentOther",
  "unknown",
]);
export type ThreadSourceKind = Static<typeof ThreadSourceKind>;

export const ThreadListParams = Type.Object({
  archived: Type.Optional(nullable(Type.Boolean())),
  cursor: Type.Optional(nullable(Type.String())),
  cwd: Type.Optional(nullable(Type.String())),
  limit: Type.Optional(nullable(u32())),
  modelProviders: Type.Optional(nullable(Type.Array(Type.String()))),
  searchTerm: Type.Optional(nullable(Type.String())),
  sortKey: Type.Optional(nullable(ThreadSortKey)),
  sourceKinds: Type.Optional(nullable(Type.Array(ThreadSourceKind))),
});
export type ThreadListParams = Static<typeof ThreadListParams>;

export const ThreadListResponse = Type.Object({
  data: Type.Array(Thread),
  nextCursor: nullable(Type.String()),
});
export type ThreadListResponse = Static<typeof ThreadListResponse>;

export const ThreadLoadedListParams = Type.Object({
  cursor: Type.Optional(nullable(Type.String())),
  limit: Type.Optional(nullable(u32())),
});
export type ThreadLoadedListParams = Static<typeof ThreadLoadedListParams>;

export const ThreadLoadedListResponse = Type.Object({
  data: Type.Array(Type.String()),
  nextCursor: nullable(Type.String()),
});
export type ThreadLoadedListResponse = Static<typeof ThreadLoadedListResponse>;

export const ThreadUnsubscribeParams = Type.Object({
  threadId: Type.String(),
});
export type ThreadUnsubscribeParams = Static<typeof ThreadUnsubscribeParams>;

export const ThreadUnsubscribeStatus = oneOf(["notLoaded", "notSubscribed", "unsubscribed"]);
export type ThreadUnsubscribeStatus = Static<typeof ThreadUnsubscribeStatus>;

export const ThreadUnsubscribeResponse = Type.Object({
  status: ThreadUnsubscribeStatus,
});
export type ThreadUnsubscribeResponse = Static<typeof ThreadUnsubscribeResponse>;

export const ThreadStartedNotification = Type.Object({
  thread: Thread,
});
export type ThreadStartedNotification = Static<typeof ThreadStartedNotification>;

export const ThreadStatusChangedNotification = Type.Object({
  threadId: Type.String(),
  status: ThreadStatus,
});
export type ThreadStatusChangedNotification = Static<typeof ThreadStatusChangedNotification>;

export const ThreadClosedNotification = Type.Object({
  threadId: Type.String(),
});
export type ThreadClosedNotification = Static<typeof ThreadClosedNotification>;

export const TokenUsageBreakdown = Type.Object({
  cachedInputTokens: Type.Integer(),
  inputTokens: Type.Integer(),
  outputTokens: Type.Integer(),
  reasoningOutputTokens: Type.Integer(),
  totalTokens: Type.Integer(),
});
export type TokenUsageBreakdown = Static<typeof TokenUsageBreakdown>;

export const ThreadTokenUsage = Type.Object({
  last: TokenUsageBreakdown,
  modelContextWindow: nullable(Type.Integer()),
  total: TokenUsageBreakdown,
});
export type ThreadTokenUsage = Static<typeof ThreadTokenUsage>;

export const ThreadTokenUsageUpdatedNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  tokenUsage: ThreadTokenUsage,
});
export type ThreadTokenUsageUpdatedNotification = Static<typeof ThreadTokenUsageUpdatedNotification>;
