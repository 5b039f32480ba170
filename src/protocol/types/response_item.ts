// Wire types of the `response_item` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type } from "../schema.ts";

export const ContentItem = Type.Union([
  Type.Object({
    type: Type.Literal("input_text"),
    text: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("input_image"),
    image_url: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("output_text"),
    text: Type.String(),
  }),
]);
export type ContentItem = Static<typeof ContentItem>;

export const MessagePhase = Type.Union([
  Type.Literal("commentary"),
  Type.Literal("final_answer"),
]);
export type MessagePhase = Static<typeof MessagePhase>;

export const ReasoningItemContent = Type.Union([
  Type.Object({
    type: Type.Literal("reasoning_text"),
    text: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("text"),
    text: Type.String(),
  }),
]);
export type ReasoningItemContent = Static<typeof ReasoningItemContent>;

export const ReasoningItemReasoningSummary = Type.Object({
  type: Type.Literal("summary_text"),
  text: Type.String(),
});
export type ReasoningItemReasoningSummary = Static<typeof ReasoningItemReasoningSummary>;

export const LocalShellAction = Type.Object({
  type: Type.Literal("exec"),
  command: Type.Array(Type.String()),
  env: Type.Optional(nullable(Type.Record(Type.String(), Type.String()))),
  timeout_ms: Type.Optional(nullable(Type.Integer({ minimum: 0 }))),
  user: Type.Optional(nullable(Type.String())),
  working_directory: Type.Optional(nullable(Type.String())),
});
export type LocalShellAction = Static<typeof LocalShellAction>;

export const LocalShellStatus = oneOf(["completed", "in_progress", "incomplete"]);
export type LocalShellStatus = Static<typeof LocalShellStatus>;

export const ImageDetail = oneOf(["auto", "low", "high", "original"]);
export type ImageDetail = Static<typeof ImageDetail>;

export const FunctionCallOutputContentItem = Type.Union([
  Type.Object({
    type: Type.Literal("input_text"),
    text: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("input_image"),
    detail: Type.Optional(nullable(ImageDetail)),
    image_url: Type.String(),
  }),
]);
export type FunctionCallOutputContentItem = Static<typeof FunctionCallOutputContentItem>;

export const FunctionCallOutputBody = Type.Union([
  Type.String(),
  Type.Array(FunctionCallOutputContentItem),
]);
export type FunctionCallOutputBody = Static<typeof FunctionCallOutputBody>;

export const ResponsesApiWebSearchAction = Type.Union([
  Type.Object({
    type: Type.Literal("search"),
    queries: Type.Optional(nullable(Type.Array(Type.String()))),
    query: Type.Optional(nullable(Type.String())),
  }),
  Type.Object({
    type: Type.Literal("open_page"),
    url: Type.Optional(nullable(Type.String())),
  }),
  Type.Object({
    type: Type.Literal("find_in_page"),
    pattern: Type.Optional(nullable(Type.String())),
    url: Type.Optional(nullable(Type.String())),
  }),
  Type.Object({
    type: Type.Literal("other"),
  }),
]);
export type ResponsesApiWebSearchAction = Static<typeof ResponsesApiWebSearchAction>;

export const GhostCommit = Type.Object({
  id: Type.String(),
  parent: Type.Optional(nullable(Type.String())),
  preexisting_untracked_dirs: Type.Array(Type.String()),
  preexisting_untracked_files: Type.Array(Type.String()),
});
export type GhostCommit = Static<typeof GhostCommit>;

export const ResponseItem = Type.Union([
  Type.Object({
    type: Type.Literal("message"),
    id: Type.Optional(nullable(Type.String())),
    content: Type.Array(ContentItem),
    end_turn: Type.Optional(nullable(Type.Boolean())),
    phase: Type.Optional(nullable(MessagePhase)),
    role: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("reasoning"),
    content: Type.Optional(nullable(Type.Array(ReasoningItemContent))),
    encrypted_content: Type.Optional(nullable(Type.String())),
    summary: Type.Array(ReasoningItemReasoningSummary),
  }),
  Type.Object({
    type: Type.Literal("local_shell_call"),
    id: Type.Optional(nullable(Type.String())),
    action: LocalShellAction,
    call_id: Type.Optional(nullable(Type.String())),
    status: LocalShellStatus,
  }),
  Type.Object({
    type: Type.Literal("function_call"),
    id: Type.Optional(nullable(Type.String())),
    arguments: Type.String(),
    call_id: Type.String(),
    name: Type.String(),
    namespace: Type.Optional(nullable(Type.String())),
  }),
  Type.Object({
    type: Type.Literal("tool_search_call"),
    id: Type.Optional(nullable(Type.String())),
    arguments: Type.Unknown(),
    call_id: Type.Optional(nullable(Type.String())),
    execution: Type.String(),
    status: Type.Optional(nullable(Type.String())),
  }),
  Type.Object({
    type: Type.Literal("function_call_output"),
    call_id: Type.String(),
    output: FunctionCallOutputBody,
  }),
  Type.Object({
    type: Type.Literal("custom_tool_call"),
    id: Type.Optional(nullable(Type.String())),
    call_id: Type.String(),
    input: Type.String(),
    name: Type.String(),
    status: Type.Optional(nullable(Type.String())),
  }),
  Type.Object({
    type: Type.Literal("custom_tool_call_output"),
    call_id: Type.String(),
    name: Type.Optional(nullable(Type.String())),
    output: FunctionCallOutputBody,
  }),
  Type.Object({
    type: Type.Literal("tool_search_output"),
    call_id: Type.Optional(nullable(Type.String())),
    execution: Type.String(),
    status: Type.String(),
    tools: Type.Array(Type.Unknown()),
  }),
  Type.Object({
    type: Type.Literal("web_search_call"),
    id: Type.Optional(nullable(Type.String())),
    action: Type.Optional(nullable(ResponsesApiWebSearchAction)),
    status: Type.Optional(nullable(Type.String())),
  }),
  Type.Object({
    type: Type.Literal("image_generation_call"),
    id: Type.String(),
    result: Type.String(),
    revised_prompt: Type.Optional(nullable(Type.String())),
    status: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("ghost_snapshot"),
    ghost_commit: GhostCommit,
  }),
  Type.Object({
    type: Type.Literal("compaction"),
    encrypted_content: Type.String(),
  }),
  Type.Object({
    type: Type.Literal("other"),
  }),
]);
export type ResponseItem = Static<typeof ResponseItem>;
