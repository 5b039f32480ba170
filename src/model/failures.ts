// Why an attempt failed, in the recorded words and codes of the reference, and whether trying again makes sense.
// Keys and query strings (gateways carry keys there) never enter a message.
import { type ErrorObject, errorObjectOf, readErrorObject } from "./error_object.ts";
import { ModelError } from "./model_error.ts";
import { readRateLimits } from "./rate_limits.ts";
import { retryAfterOfHeader, retryAfterOfText } from "./retry.ts";
import { statusText } from "./status_text.ts";
import { usageLimitMessage } from "./usage_limit.ts";

// wire: sentences that clients of the reference show or match.
const HIGH_DEMAND = "We're currently experiencing high demand, which may cause temporary errors.";
const AT_CAPACITY = "Selected model is at capacity. Please try a different model.";
const QUOTA_EXCEEDED = "Quota exceeded. Check your plan and billing details.";
const PLAN_WITHOUT_CODEX = "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.";
const OUT_OF_CONTEXT =
  "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.";
const BEFORE_COMPLETION = "stream disconnected before completion: ";

const DISCONNECTED = { responseStreamDisconnected: { httpStatusCode: null } } as const;
/** Longer bodies are cut in messages. */
const MAX_BODY_CHARACTERS = 1000;

/** The stream ended, broke or told of a failure that another attempt may not meet. */
export function streamFailure(reason: string, options: { retryAfterMs?: number; cause?: unknown } = {}): ModelError {
  return new ModelError(BEFORE_COMPLETION + reason, {
    info: "other",
    retryable: true,
    retryInfo: DISCONNECTED,
    ...options,
  });
}

export function transportCut(cause: unknown): ModelError {
  return streamFailure("Transport error: network error: error decoding response body", { cause });
}

export function closedEarly(): ModelError {
  return streamFailure("stream closed before response.completed");
}

export function idleTimeout(): ModelError {
  return streamFailure("idle timeout waiting for SSE");
}

export function unreachable(url: string, cause: unknown): ModelError {
  return streamFailure(`error sending request for url (${withoutQuery(url)})`, { cause });
}

function final(message: string, info: "usageLimitExceeded" | "serverOverloaded" | "other"): ModelError {
  return new ModelError(message, { info, retryable: false });
}

/** A refused request, read whole. */
export interface RefusedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  readonly url: string;
}

/** What a request that was answered with an error status amounts to, once it is not tried again. */
export function statusFailure(response: RefusedResponse): ModelError {
  const error = errorObjectOf(response.body);
  switch (response.status) {
    case 400:
      return final(response.body, "other");
    case 429:
      return tooManyRequests(response, error);
    case 500:
      return new ModelError(HIGH_DEMAND, { info: "internalServerError", retryable: true, retryInfo: DISCONNECTED });
    case 503:
      if (isOverloaded(error.code)) return final(AT_CAPACITY, "serverOverloaded");
      return unexpectedStatus(response, error);
    default:
      return unexpectedStatus(response, error);
  }
}

function tooManyRequests(response: RefusedResponse, error: ErrorObject): ModelError {
  switch (error.type) {
    case "usage_limit_reached":
      return new ModelError(usageLimitMessage(error.planType, error.resetsAt), {
        info: "usageLimitExceeded",
        retryable: false,
        rateLimits: readRateLimits(response.headers),
      });
    case "usage_not_included":
      return final(PLAN_WITHOUT_CODEX, "usageLimitExceeded");
    case "insufficient_quota":
      return final(QUOTA_EXCEEDED, "usageLimitExceeded");
    default: {
      const id = requestId(response.headers);
      const suffix = id === null ? "" : `, request id: ${id}`;
      return new ModelError(`exceeded retry limit, last status: 429 Too Many Requests${suffix}`, {
        info: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
        retryable: false,
      });
    }
  }
}

/** Whether to send the same request again: server trouble, and a rate limit that passes by itself. */
export function isRetryableStatus(response: RefusedResponse): boolean {
  if (response.status >= 500) return !isOverloaded(errorObjectOf(response.body).code);
  if (response.status !== 429) return false;
  const { type } = errorObjectOf(response.body);
  return type !== "usage_limit_reached" && type !== "usage_not_included" && type !== "insufficient_quota";
}

export function requestedDelayMs(response: RefusedResponse, nowMs: number): number | undefined {
  return retryAfterOfHeader(response.headers.get("retry-after"), nowMs);
}

/** `response.failed`, or an `error` event: the error object inside. */
export function failedResponse(value: unknown, present: boolean): ModelError {
  if (!present) return streamFailure("response.failed event received");
  const error = readErrorObject(value);
  switch (error.code) {
    case "context_length_exceeded":
      return new ModelError(OUT_OF_CONTEXT, { info: "contextWindowExceeded", retryable: false });
    case "insufficient_quota":
      return final(QUOTA_EXCEEDED, "usageLimitExceeded");
    case "usage_not_included":
      return final(PLAN_WITHOUT_CODEX, "usageLimitExceeded");
    case "invalid_prompt":
      return final(error.message ?? "Invalid request.", "other");
    case "server_is_overloaded":
    case "slow_down":
      return final(AT_CAPACITY, "serverOverloaded");
    default: {
      const retryAfterMs = error.code === "rate_limit_exceeded" ? retryAfterOfText(error.message ?? "") : undefined;
      return streamFailure(error.message ?? "", retryAfterMs === undefined ? {} : { retryAfterMs });
    }
  }
}

export function incompleteResponse(reason: string | null): ModelError {
  return streamFailure(`Incomplete response returned, reason: ${reason ?? "unknown"}`);
}

function isOverloaded(code: string | null): boolean {
  return code === "server_is_overloaded" || code === "slow_down";
}

function unexpectedStatus(response: RefusedResponse, error: ErrorObject): ModelError {
  const { status, headers, body } = response;
  const ray = headers.get("cf-ray");
  const id = requestId(headers);
  const blocked = status === 403 && body.includes("Cloudflare") && body.includes("blocked");
  const parts = [
    blocked
      ? `Access blocked by Cloudflare. This usually happens when connecting from a restricted region (status ${
        statusText(status)
      })`
      : `unexpected status ${statusText(status)}: ${shorten(error.message ?? body) || "Unknown error"}`,
    `url: ${withoutQuery(response.url)}`,
    ...(ray === null ? [] : [`cf-ray: ${ray}`]),
    ...(id === null ? [] : [`request id: ${id}`]),
  ];
  return new ModelError(parts.join(", "), {
    info: "other",
    retryable: true,
    retryInfo: { responseStreamDisconnected: { httpStatusCode: status } },
  });
}

function shorten(text: string): string {
  return text.length <= MAX_BODY_CHARACTERS ? text : text.slice(0, MAX_BODY_CHARACTERS) + "...";
}

function requestId(headers: Headers): string | null {
  return headers.get("x-request-id") ?? headers.get("x-oai-request-id");
}

function withoutQuery(url: string): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}
