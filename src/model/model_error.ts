// Why an attempt failed, in the wire's own terms, and whether the turn loop may try again.
import { CodexError } from "../base/errors.ts";
import type { RateLimitSnapshot } from "../protocol/types/account.ts";
import type { CodexErrorInfo } from "../protocol/types/turn.ts";

export interface ModelErrorOptions {
  readonly info: CodexErrorInfo;
  /** The turn loop may open a new stream (counted against `stream_max_retries`). */
  readonly retryable: boolean;
  /** The `codexErrorInfo` and detail to report with "Reconnecting... n/max" while it retries. */
  readonly retryInfo?: CodexErrorInfo;
  /** The server asked to wait this long first. */
  readonly retryAfterMs?: number;
  /** The limits that the refusal told of. */
  readonly rateLimits?: RateLimitSnapshot;
  readonly cause?: unknown;
}

export class ModelError extends CodexError {
  override readonly name = "ModelError";
  readonly info: CodexErrorInfo;
  readonly retryable: boolean;
  readonly retryInfo: CodexErrorInfo;
  readonly retryAfterMs: number | undefined;
  readonly rateLimits: RateLimitSnapshot | undefined;

  constructor(message: string, options: ModelErrorOptions) {
    super("MODEL_FAILED", message, { cause: options.cause });
    this.info = options.info;
    this.retryable = options.retryable;
    this.retryInfo = options.retryInfo ?? options.info;
    this.retryAfterMs = options.retryAfterMs;
    this.rateLimits = options.rateLimits;
  }
}
