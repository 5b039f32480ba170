// Token counts of a thread, the last response's and the sum, and the account's limits as last told.
import type { ModelUsage } from "../model/model_client.ts";
import type { RateLimitSnapshot } from "../protocol/types/account.ts";
import type { ThreadTokenUsage, TokenUsageBreakdown } from "../protocol/types/thread.ts";
import { renameKeys, toSnakeCase } from "../store/json_value.ts";
import { tokenCount } from "../store/rollout_record.ts";
import type { LoadedThread, RolloutItem } from "../store/thread_store.ts";

/** What is known before a provider said anything. */
const NO_RATE_LIMITS: RateLimitSnapshot = {
  limitId: "codex",
  limitName: null,
  primary: null,
  secondary: null,
  credits: null,
  planType: null,
};

const ZERO: TokenUsageBreakdown = {
  totalTokens: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningOutputTokens: 0,
};

function sum(a: TokenUsageBreakdown, b: TokenUsageBreakdown): TokenUsageBreakdown {
  return {
    totalTokens: a.totalTokens + b.totalTokens,
    inputTokens: a.inputTokens + b.inputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    reasoningOutputTokens: a.reasoningOutputTokens + b.reasoningOutputTokens,
  };
}

export class TokenUsage {
  #current: ThreadTokenUsage | null;
  #limits: RateLimitSnapshot = NO_RATE_LIMITS;

  constructor(stored: LoadedThread["tokenUsage"] = null) {
    this.#current = stored;
  }

  /** Null until a response reported its usage. */
  get current(): ThreadTokenUsage | null {
    return this.#current;
  }

  get limits(): RateLimitSnapshot {
    return this.#limits;
  }

  noteLimits(limits: RateLimitSnapshot): void {
    this.#limits = limits;
  }

  add(usage: ModelUsage, modelContextWindow: number | null): void {
    const last: TokenUsageBreakdown = { ...usage };
    this.#current = { total: sum(this.#current?.total ?? ZERO, last), last, modelContextWindow };
  }

  /** The provider refused the request as too long: the window counts as full. */
  fill(modelContextWindow: number): void {
    const before = this.#current?.total.totalTokens ?? 0;
    this.#current = {
      total: { ...ZERO, totalTokens: modelContextWindow },
      last: { ...ZERO, totalTokens: Math.max(0, modelContextWindow - before) },
      modelContextWindow,
    };
  }

  /** The `token_count` record of this moment. */
  toRecord(): RolloutItem {
    return tokenCount({ info: this.#current, rateLimits: renameKeys(this.#limits, toSnakeCase) });
  }
}
