/**
 * Finished items as records: `recordOfItem`. The other direction is event_item.ts.
 * Items that need no record: hook prompts (they are in the model's own history) and agent-to-agent calls (their
 * threads have files of their own). Source: recorded session files.
 */
import { splitShellWords } from "../base/shell_words.ts";
import type { CommandAction, FileUpdateChange, MemoryCitation, ThreadItem } from "../protocol/types/item.ts";
import { type JsonObject, renameKeys, toSnakeCase } from "./json_value.ts";
import { eventRecord, userMessageRecord } from "./rollout_record.ts";
import type { RolloutItem } from "./thread_store.ts";

export interface ItemRecordExtra {
  /** Plans carry it. */
  readonly threadId: string;
  /** The argument vector of a command; default: the item's command line split into words. */
  readonly argv?: readonly string[];
  /** What a patch printed. */
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The records of a finished item, in order; none for an item that is still in progress. */
export function recordOfItem(turnId: string, item: ThreadItem, extra: ItemRecordExtra): RolloutItem[] {
  switch (item.type) {
    case "userMessage":
      return [userMessageRecord(item.content)];
    case "agentMessage":
      return [eventRecord("agent_message", {
        message: item.text,
        phase: item.phase,
        memory_citation: item.memoryCitation === null ? null : citationOnDisk(item.memoryCitation),
      })];
    case "reasoning":
      return [
        ...item.summary.map((text) => eventRecord("agent_reasoning", { text })),
        ...item.content.map((text) => eventRecord("agent_reasoning_raw_content", { text })),
      ];
    case "plan":
      return [eventRecord("item_completed", {
        thread_id: extra.threadId,
        turn_id: turnId,
        item: { type: "Plan", id: item.id, text: item.text },
      })];
    case "commandExecution":
      return item.status === "inProgress" ? [] : [commandRecord(turnId, item, extra)];
    case "fileChange":
      if (item.status === "inProgress") return [];
      return [eventRecord("patch_apply_end", {
        call_id: item.id,
        turn_id: turnId,
        stdout: extra.stdout ?? "",
        stderr: extra.stderr ?? "",
        success: item.status === "completed",
        changes: Object.fromEntries(item.changes.map((change) => [change.path, changeOnDisk(change)])),
        status: item.status,
      })];
    case "mcpToolCall":
      if (item.status === "inProgress") return [];
      return [eventRecord("mcp_tool_call_end", {
        call_id: item.id,
        invocation: { server: item.server, tool: item.tool, arguments: item.arguments },
        duration: durationOnDisk(item.durationMs),
        result: item.error === null ? { Ok: mcpResult(item) } : { Err: item.error.message },
      })];
    case "dynamicToolCall":
      if (item.status === "inProgress") return [];
      return [eventRecord("dynamic_tool_call_response", {
        call_id: item.id,
        turn_id: turnId,
        tool: item.tool,
        arguments: item.arguments,
        content_items: item.contentItems ?? [],
        success: item.success ?? item.status === "completed",
        error: null,
        duration: durationOnDisk(item.durationMs),
      })];
    case "webSearch":
      return [eventRecord("web_search_end", {
        call_id: item.id,
        query: item.query,
        action: item.action === null ? { type: "other" } : { ...item.action, type: toSnakeCase(item.action.type) },
      })];
    case "imageView":
      return [eventRecord("view_image_tool_call", { call_id: item.id, path: item.path })];
    case "imageGeneration":
      return [eventRecord("image_generation_end", {
        call_id: item.id,
        status: item.status,
        revised_prompt: item.revisedPrompt,
        result: item.result,
        ...(item.savedPath ? { saved_path: item.savedPath } : {}),
      })];
    case "enteredReviewMode":
      return [eventRecord("entered_review_mode", {
        target: { type: "custom", instructions: item.review },
        user_facing_hint: item.review,
      })];
    case "exitedReviewMode":
      return [eventRecord("exited_review_mode", {
        review_output: {
          findings: [],
          overall_correctness: "",
          overall_explanation: item.review,
          overall_confidence_score: 0,
        },
      })];
    case "contextCompaction":
      return [eventRecord("context_compacted", {})];
    case "hookPrompt":
    case "collabAgentToolCall":
      return [];
    default:
      return item satisfies never;
  }
}

type CommandItem = Extract<ThreadItem, { type: "commandExecution" }>;

function commandRecord(turnId: string, item: CommandItem, extra: ItemRecordExtra): RolloutItem {
  return eventRecord("exec_command_end", {
    call_id: item.id,
    ...(item.processId === null ? {} : { process_id: item.processId }),
    turn_id: turnId,
    command: extra.argv ?? splitShellWords(item.command) ?? [item.command],
    cwd: item.cwd,
    parsed_cmd: item.commandActions.map(actionOnDisk),
    source: toSnakeCase(item.source),
    stdout: "",
    stderr: "",
    aggregated_output: item.aggregatedOutput ?? "",
    exit_code: item.exitCode ?? -1,
    duration: durationOnDisk(item.durationMs),
    formatted_output: "",
    status: item.status,
    ...(item.sandboxDenials === undefined ? {} : { sandbox_denials: item.sandboxDenials }),
  });
}

function actionOnDisk(action: CommandAction): JsonObject {
  const { type, command, ...fields } = action;
  return { type: toSnakeCase(type), cmd: command, ...fields };
}

function changeOnDisk(change: FileUpdateChange): JsonObject {
  switch (change.kind.type) {
    case "add":
    case "delete":
      return { type: change.kind.type, content: change.diff };
    case "update": {
      const { move_path } = change.kind;
      const suffix = move_path === null ? "" : movedSuffix(move_path);
      const hunks = suffix !== "" && change.diff.endsWith(suffix) ? change.diff.slice(0, -suffix.length) : change.diff;
      return { type: "update", unified_diff: hunks, move_path };
    }
  }
}

/** What the wire's diff of a moved file ends with; the record has the path in a field of its own. */
export function movedSuffix(path: string): string {
  return `\n\nMoved to: ${path}`;
}

function mcpResult(item: Extract<ThreadItem, { type: "mcpToolCall" }>): JsonObject {
  return {
    content: item.result?.content ?? [],
    ...(item.result?.structuredContent == null ? {} : { structuredContent: item.result.structuredContent }),
    ...(item.result?._meta == null ? {} : { _meta: item.result._meta }),
    ...(item.status === "failed" ? { isError: true } : {}),
  };
}

function citationOnDisk(citation: MemoryCitation): JsonObject {
  return { entries: renameKeys(citation.entries, toSnakeCase), rollout_ids: citation.threadIds };
}

function durationOnDisk(durationMs: number | null): JsonObject {
  const ms = Math.max(0, Math.round(durationMs ?? 0));
  return { secs: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
}
