// Wire types of the `item` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type } from "../schema.ts";
import { ReasoningEffort } from "./policy.ts";
import { MessagePhase } from "./response_item.ts";

export const ByteRange = Type.Object({
  end: Type.Integer({ minimum: 0 }),
  start: Type.Integer({ minimum: 0 }),
});
export type ByteRange = Static<typeof ByteRange>;

export const TextElement = Type.Object({
  byteRange: ByteRange,
  placeholder: Type.Optional(nullable(Type.String())),
}, { title: "TextElement" });
export type TextElement = Static<typeof TextElement>;

export const UserInput = Type.Union([
  Type.Object({
    type: Type.Literal("text"),
    text: Type.String(),
    text_elements: Type.Optional(Type.Array(TextElement)),
  }),
  Type.Object({
    type: Type.Literal("image"),
    url: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("localImage"),
    path: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("skill"),
    name: Type.String(),
    path: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("mention"),
    name: Type.String(),
    path: Type.String(),
  }),
], { title: "UserInput" });
export type UserInput = Static<typeof UserInput>;

export const HookPromptFragment = Type.Object({
  hookRunId: Type.String(),
  text: Type.String(),
});
export type HookPromptFragment = Static<typeof HookPromptFragment>;

export const MemoryCitationEntry = Type.Object({
  lineEnd: Type.Integer({ minimum: 0 }),
  lineStart: Type.Integer({ minimum: 0 }),
  note: Type.String(),
  path: Type.String(),
});
export type MemoryCitationEntry = Static<typeof MemoryCitationEntry>;

export const MemoryCitation = Type.Object({
  entries: Type.Array(MemoryCitationEntry),
  threadIds: Type.Array(Type.String()),
});
export type MemoryCitation = Static<typeof MemoryCitation>;

export const CommandAction = Type.Union([
  Type.Object({
    type: Type.Literal("read"),
    command: Type.String(),
    name: Type.String(),
    path: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("listFiles"),
    command: Type.String(),
    path: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal("search"),
    command: Type.String(),
    path: nullable(Type.String()),
    query: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal("unknown"),
    command: Type.String(),
  }),
]);
export type CommandAction = Static<typeof CommandAction>;

export const CommandExecutionSource = oneOf(["agent", "userShell", "unifiedExecStartup", "unifiedExecInteraction"]);
export type CommandExecutionSource = Static<typeof CommandExecutionSource>;

export const CommandExecutionStatus = oneOf(["inProgress", "completed", "failed", "declined"]);
export type CommandExecutionStatus = Static<typeof CommandExecutionStatus>;

export const PatchChangeKind = Type.Union([
  Type.Object({
    type: Type.Literal("add"),
  }),
  Type.Object({
    type: Type.Literal("delete"),
  }),
  Type.Object({
    type: Type.Literal("update"),
    move_path: nullable(Type.String()),
  }),
]);
export type PatchChangeKind = Static<typeof PatchChangeKind>;

export const FileUpdateChange = Type.Object({
  diff: Type.String(),
  kind: PatchChangeKind,
  path: Type.String(),
});
export type FileUpdateChange = Static<typeof FileUpdateChange>;

export const PatchApplyStatus = oneOf(["inProgress", "completed", "failed", "declined"]);
export type PatchApplyStatus = Static<typeof PatchApplyStatus>;

export const McpToolCallError = Type.Object({
  message: Type.String(),
});
export type McpToolCallError = Static<typeof McpToolCallError>;

export const McpToolCallResult = Type.Object({
  _meta: Type.Unknown(),
  content: Type.Array(Type.Unknown()),
  structuredContent: Type.Unknown(),
});
export type McpToolCallResult = Static<typeof McpToolCallResult>;

export const McpToolCallStatus = oneOf(["inProgress", "completed", "failed"]);
export type McpToolCallStatus = Static<typeof McpToolCallStatus>;

export const DynamicToolCallOutputContentItem = Type.Union([
  Type.Object({
    type: Type.Literal("inputText"),
    text: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("inputImage"),
    imageUrl: Type.String(),
  }),
]);
export type DynamicToolCallOutputContentItem = Static<typeof DynamicToolCallOutputContentItem>;

export const DynamicToolCallStatus = oneOf(["inProgress", "completed", "failed"]);
export type DynamicToolCallStatus = Static<typeof DynamicToolCallStatus>;

export const CollabAgentStatus = oneOf([
  "pendingInit",
  "running",
  "interrupted",
  "completed",
  "errored",
  "shutdown",
  "notFound",
]);
export type CollabAgentStatus = Static<typeof CollabAgentStatus>;

export const CollabAgentState = Type.Object({
  message: nullable(Type.String()),
  status: CollabAgentStatus,
});
export type CollabAgentState = Static<typeof CollabAgentState>;

export const CollabAgentToolCallStatus = oneOf(["inProgress", "completed", "failed"]);
export type CollabAgentToolCallStatus = Static<typeof CollabAgentToolCallStatus>;

export const CollabAgentTool = oneOf(["spawnAgent", "sendInput", "resumeAgent", "wait", "closeAgent"]);
export type CollabAgentTool = Static<typeof CollabAgentTool>;

export const WebSearchAction = Type.Union([
  Type.Object({
    type: Type.Literal("search"),
    queries: nullable(Type.Array(Type.String())),
    query: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal("openPage"),
    url: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal("findInPage"),
    pattern: nullable(Type.String()),
    url: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal("other"),
  }),
]);
export type WebSearchAction = Static<typeof WebSearchAction>;

export const ThreadItem = Type.Union([
  Type.Object({
    type: Type.Literal("userMessage"),
    id: Type.String(),
    content: Type.Array(UserInput),
  }),
  Type.Object({
    type: Type.Literal("hookPrompt"),
    id: Type.String(),
    fragments: Type.Array(HookPromptFragment),
  }),
  Type.Object({
    type: Type.Literal("agentMessage"),
    id: Type.String(),
    memoryCitation: nullable(MemoryCitation),
    phase: nullable(MessagePhase),
    text: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("plan"),
    id: Type.String(),
    text: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("reasoning"),
    id: Type.String(),
    content: Type.Array(Type.String()),
    summary: Type.Array(Type.String()),
  }),
  Type.Object({
    type: Type.Literal("commandExecution"),
    id: Type.String(),
    aggregatedOutput: nullable(Type.String()),
    command: Type.String(),
    commandActions: Type.Array(CommandAction),
    cwd: Type.String(),
    durationMs: nullable(Type.Integer()),
    exitCode: nullable(Type.Integer()),
    processId: nullable(Type.String()),
    // Ours: what the sandbox refused the command, by which rule, and what opens it; one line each.
    sandboxDenials: Type.Optional(Type.Array(Type.String())),
    source: CommandExecutionSource,
    status: CommandExecutionStatus,
  }),
  Type.Object({
    type: Type.Literal("fileChange"),
    id: Type.String(),
    changes: Type.Array(FileUpdateChange),
    status: PatchApplyStatus,
  }),
  Type.Object({
    type: Type.Literal("mcpToolCall"),
    id: Type.String(),
    arguments: Type.Unknown(),
    durationMs: nullable(Type.Integer()),
    error: nullable(McpToolCallError),
    result: nullable(McpToolCallResult),
    server: Type.String(),
    status: McpToolCallStatus,
    tool: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("dynamicToolCall"),
    id: Type.String(),
    arguments: Type.Unknown(),
    contentItems: nullable(Type.Array(DynamicToolCallOutputContentItem)),
    durationMs: nullable(Type.Integer()),
    status: DynamicToolCallStatus,
    success: nullable(Type.Boolean()),
    tool: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("collabAgentToolCall"),
    id: Type.String(),
    agentsStates: Type.Record(Type.String(), CollabAgentState),
    model: nullable(Type.String()),
    prompt: nullable(Type.String()),
    reasoningEffort: nullable(ReasoningEffort),
    receiverThreadIds: Type.Array(Type.String()),
    senderThreadId: Type.String(),
    status: CollabAgentToolCallStatus,
    tool: CollabAgentTool,
  }),
  Type.Object({
    type: Type.Literal("webSearch"),
    id: Type.String(),
    action: nullable(WebSearchAction),
    query: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("imageView"),
    id: Type.String(),
    path: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("imageGeneration"),
    id: Type.String(),
    result: Type.String(),
    revisedPrompt: nullable(Type.String()),
    savedPath: Type.Optional(nullable(Type.String())),
    status: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("enteredReviewMode"),
    id: Type.String(),
    review: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("exitedReviewMode"),
    id: Type.String(),
    review: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("contextCompaction"),
    id: Type.String(),
  }),
]);
export type ThreadItem = Static<typeof ThreadItem>;

export const ItemStartedNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  item: ThreadItem,
});
export type ItemStartedNotification = Static<typeof ItemStartedNotification>;

export const ItemCompletedNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  item: ThreadItem,
});
export type ItemCompletedNotification = Static<typeof ItemCompletedNotification>;

export const AgentMessageDeltaNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  delta: Type.String(),
});
export type AgentMessageDeltaNotification = Static<typeof AgentMessageDeltaNotification>;

export const CommandExecutionOutputDeltaNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  delta: Type.String(),
});
export type CommandExecutionOutputDeltaNotification = Static<typeof CommandExecutionOutputDeltaNotification>;

export const TerminalInteractionNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  processId: Type.String(),
  stdin: Type.String(),
});
export type TerminalInteractionNotification = Static<typeof TerminalInteractionNotification>;

export const FileChangeOutputDeltaNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  delta: Type.String(),
});
export type FileChangeOutputDeltaNotification = Static<typeof FileChangeOutputDeltaNotification>;

export const ReasoningSummaryTextDeltaNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  delta: Type.String(),
  summaryIndex: Type.Integer(),
});
export type ReasoningSummaryTextDeltaNotification = Static<typeof ReasoningSummaryTextDeltaNotification>;

export const ReasoningSummaryPartAddedNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  summaryIndex: Type.Integer(),
});
export type ReasoningSummaryPartAddedNotification = Static<typeof ReasoningSummaryPartAddedNotification>;

export const ReasoningTextDeltaNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  itemId: Type.String(),
  contentIndex: Type.Integer(),
  delta: Type.String(),
});
export type ReasoningTextDeltaNotification = Static<typeof ReasoningTextDeltaNotification>;
