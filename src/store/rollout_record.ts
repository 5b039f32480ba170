/**
 * Builders for the records that the agent appends while it works: turn life, messages, usage, errors.
 * Field names are those on disk. Finished items are in item_record.ts; reading back is in turn_history.ts.
 * Source: recorded session files, and what the reference reads back from them.
 */
import type { UserInput } from "../protocol/types/item.ts";
import type { SandboxPolicy } from "../protocol/types/policy.ts";
import { sandboxPolicyOnDisk } from "./sandbox_policy_record.ts";
import type { CodexErrorInfo, TurnError } from "../protocol/types/turn.ts";
import { asObject, renameKeys, toCamelCase, toSnakeCase } from "./json_value.ts";
import type { EventMsg, RolloutItem, StoredUsage, TurnContextRecord } from "./thread_store.ts";

/** An `event_msg` of any type; the functions below give the ones with known fields. */
export function eventRecord(type: string, fields: Readonly<Record<string, unknown>>): RolloutItem {
  const payload: EventMsg = { type, ...fields };
  return { type: "event_msg", payload };
}

/** Times are Unix seconds. */
export interface TaskStarted {
  readonly turnId: string;
  readonly startedAt: number;
  readonly modelContextWindow: number | null;
  /** Default "default". */
  readonly collaborationMode?: string;
}

export function taskStarted(turn: TaskStarted): RolloutItem {
  return eventRecord("task_started", {
    turn_id: turn.turnId,
    started_at: turn.startedAt,
    model_context_window: turn.modelContextWindow,
    collaboration_mode_kind: turn.collaborationMode ?? "default",
  });
}

export interface TaskEnd {
  readonly turnId: string;
  readonly completedAt: number;
  readonly durationMs: number;
}

export function taskComplete(turn: TaskEnd & { readonly lastAgentMessage: string | null }): RolloutItem {
  return eventRecord("task_complete", {
    turn_id: turn.turnId,
    last_agent_message: turn.lastAgentMessage,
    completed_at: turn.completedAt,
    duration_ms: turn.durationMs,
  });
}

export function turnAborted(
  turn: TaskEnd & { readonly reason: "interrupted" | "replaced" | "review_ended" },
): RolloutItem {
  return eventRecord("turn_aborted", {
    turn_id: turn.turnId,
    reason: turn.reason,
    completed_at: turn.completedAt,
    duration_ms: turn.durationMs,
  });
}

/** The turn's failure; it makes the turn `failed` when it is read back. Follow it with `taskComplete`. */
export function turnFailed(error: TurnError): RolloutItem {
  return eventRecord("error", {
    message: error.message,
    codex_error_info: errorInfoOnDisk(error.codexErrorInfo),
    ...(error.additionalDetails === null ? {} : { additional_details: error.additionalDetails }),
  });
}

function errorInfoOnDisk(info: CodexErrorInfo | null): unknown {
  return typeof info === "string" ? toSnakeCase(info) : renameKeys(info, toSnakeCase);
}

/** The wire's error kind for what `error` records carry; null for what is not one. */
export function errorInfoFrom(value: unknown): CodexErrorInfo | null {
  // The reference writes its own enumeration here; an unknown one is passed on, clients ignore what they do not know.
  if (typeof value === "string") return toCamelCase(value) as CodexErrorInfo;
  return asObject(value) === null ? null : renameKeys(value, toCamelCase) as CodexErrorInfo;
}

const encoder = new TextEncoder();

/**
 * What a person said, from `turn/start` or `turn/steer`. Texts are put together; the byte ranges of their elements
 * move along. Skills and mentions reach the model through its own items and are not part of this record.
 */
export function userMessageRecord(content: readonly UserInput[]): RolloutItem {
  let message = "";
  const images: string[] = [];
  const localImages: string[] = [];
  const textElements: unknown[] = [];
  for (const input of content) {
    if (input.type === "image") images.push(input.url);
    else if (input.type === "localImage") localImages.push(input.path);
    else if (input.type === "text") {
      const offset = encoder.encode(message).length;
      const bytes = encoder.encode(input.text);
      for (const { byteRange: { start, end }, placeholder } of input.text_elements ?? []) {
        textElements.push({
          byte_range: { start: offset + start, end: offset + end },
          placeholder: placeholder ?? new TextDecoder().decode(bytes.subarray(start, end)),
        });
      }
      message += input.text;
    }
  }
  return eventRecord("user_message", { message, images, local_images: localImages, text_elements: textElements });
}

/** `rateLimits` goes to disk as it is (snake_case fields of the wire's snapshot); null where nothing is known. */
export interface TokenCount {
  /** Null before the first response of the model. */
  readonly info: {
    readonly total: StoredUsage;
    readonly last: StoredUsage;
    readonly modelContextWindow: number | null;
  } | null;
  readonly rateLimits: unknown;
}

export function tokenCount(usage: TokenCount): RolloutItem {
  return eventRecord("token_count", {
    info: usage.info === null ? null : {
      total_token_usage: usageOnDisk(usage.info.total),
      last_token_usage: usageOnDisk(usage.info.last),
      model_context_window: usage.info.modelContextWindow,
    },
    rate_limits: usage.rateLimits,
  });
}

function usageOnDisk(usage: StoredUsage): Readonly<Record<string, number>> {
  return {
    input_tokens: usage.inputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    reasoning_output_tokens: usage.reasoningOutputTokens,
    total_tokens: usage.totalTokens,
  };
}

/** Settings of a turn in the wire's names; what is not given is left out of the record. */
export interface TurnContext {
  readonly turnId: string;
  readonly cwd: string;
  readonly currentDate?: string;
  readonly timezone?: string;
  readonly approvalPolicy: unknown;
  readonly sandboxPolicy: SandboxPolicy;
  readonly model: string;
  readonly personality?: string | null;
  readonly effort?: string | null;
  /** Reasoning summary; default "none". */
  readonly summary?: string | null;
  /** As on the wire: its field names are snake_case there too. */
  readonly collaborationMode?: unknown;
  readonly truncationTokens?: number;
}

export function turnContextRecord(context: TurnContext): RolloutItem {
  const payload: TurnContextRecord = {
    turn_id: context.turnId,
    cwd: context.cwd,
    ...(context.currentDate === undefined ? {} : { current_date: context.currentDate }),
    ...(context.timezone === undefined ? {} : { timezone: context.timezone }),
    approval_policy: context.approvalPolicy,
    sandbox_policy: sandboxPolicyOnDisk(context.sandboxPolicy),
    model: context.model,
    ...(context.personality ? { personality: context.personality } : {}),
    ...(context.collaborationMode === undefined ? {} : { collaboration_mode: context.collaborationMode }),
    realtime_active: false,
    ...(context.effort ? { effort: context.effort } : {}),
    summary: context.summary ?? "none",
    ...(context.truncationTokens === undefined
      ? {}
      : { truncation_policy: { mode: "tokens", limit: context.truncationTokens } }),
  };
  return { type: "turn_context", payload };
}
