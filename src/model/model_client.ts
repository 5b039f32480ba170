// The port between the turn loop and a model provider: one request, one attempt, a stream of events.
import type { RateLimitSnapshot } from "../protocol/types/account.ts";
import type { ReasoningEffort, ReasoningSummary, Verbosity } from "../protocol/types/policy.ts";
import type { ResponseItem } from "../protocol/types/response_item.ts";

/** A tool as the Responses API advertises it. */
export type ToolSpec =
  | {
    readonly type: "function";
    readonly name: string;
    readonly description: string;
    readonly strict: boolean;
    readonly parameters: Readonly<Record<string, unknown>>;
  }
  | {
    readonly type: "custom";
    readonly name: string;
    readonly description: string;
    readonly format: { readonly type: "grammar"; readonly syntax: "lark"; readonly definition: string };
  }
  | { readonly type: "web_search"; readonly external_web_access: boolean };

export interface ModelRequest {
  readonly model: string;
  readonly instructions: string;
  readonly input: readonly ResponseItem[];
  readonly tools: readonly ToolSpec[];
  readonly reasoningEffort: ReasoningEffort | null;
  readonly reasoningSummary: ReasoningSummary | null;
  readonly verbosity: Verbosity | null;
  readonly serviceTier: "fast" | "flex" | null;
  /** A JSON Schema for the final message. */
  readonly outputSchema: unknown;
  readonly threadId: string;
  readonly turnId: string;
}

export interface ModelUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
  readonly totalTokens: number;
}

export type ModelEvent =
  /** Always first: what the response's headers say of the account's limits (all null when they say nothing). */
  | { readonly type: "rateLimits"; readonly snapshot: RateLimitSnapshot }
  /** The provider accepted the request. */
  | { readonly type: "created" }
  /** An output item began; `id` is the provider's item id. */
  | { readonly type: "itemAdded"; readonly id: string; readonly item: ResponseItem }
  | { readonly type: "textDelta"; readonly itemId: string; readonly delta: string }
  | { readonly type: "reasoningSummaryPartAdded"; readonly itemId: string; readonly summaryIndex: number }
  | {
    readonly type: "reasoningSummaryDelta";
    readonly itemId: string;
    readonly summaryIndex: number;
    readonly delta: string;
  }
  | {
    readonly type: "reasoningTextDelta";
    readonly itemId: string;
    readonly contentIndex: number;
    readonly delta: string;
  }
  /** An output item is whole. */
  | { readonly type: "itemDone"; readonly id: string; readonly item: ResponseItem }
  /** The last event of a good attempt. */
  | { readonly type: "completed"; readonly responseId: string; readonly usage: ModelUsage | null };

export interface ModelClient {
  /**
   * Streams one attempt (requests that never got a response body are retried inside, per the provider's
   * `request_max_retries`). Ends after `completed`.
   * @throws ModelError when the attempt failed; the abort reason when `signal` fires.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
}
