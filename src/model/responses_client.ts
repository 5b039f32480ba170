// The model client for providers that speak the Responses API over HTTP with server-sent events. Requests that got no
// stream are tried again here; a stream that breaks is the turn loop's to open anew (`retry.ts`).
import { CodexError } from "../base/errors.ts";
import { type IdleWatch, readEventData, watchIdle } from "./event_stream.ts";
import {
  closedEarly,
  idleTimeout,
  isRetryableStatus,
  type RefusedResponse,
  requestedDelayMs,
  statusFailure,
  unreachable,
} from "./failures.ts";
import type { ModelClient, ModelEvent, ModelRequest } from "./model_client.ts";
import { ModelError } from "./model_error.ts";
import type { HttpClient, ModelClock, TokenSource } from "./ports.ts";
import type { ModelProvider } from "./provider.ts";
import { readRateLimits } from "./rate_limits.ts";
import { toRequestBody } from "./request_body.ts";
import { requestHeaders, requestUrl } from "./request_headers.ts";
import { ResponseEventReader } from "./response_events.ts";
import { MAX_DELAY_MS, retryDelayMs } from "./retry.ts";

export interface ModelClientOptions {
  readonly provider: ModelProvider;
  readonly tokens: TokenSource;
  readonly http: HttpClient;
  /** For `envHttpHeaders`. */
  readonly environment: Readonly<Record<string, string>>;
  /** What is sent as `user-agent` and as `originator`. Asked once a request. */
  readonly userAgent: () => string;
  readonly originator: () => string;
  /** Sent as client metadata. Default: none is sent. */
  readonly installationId?: string;
  readonly clock: ModelClock;
  /** 0 ≤ x < 1, for the jitter of waits. Default `Math.random`. */
  readonly random?: () => number;
}

/** More of a refusal's body is not read. */
const MAX_REFUSAL_BYTES = 64 * 1024;

export function createModelClient(options: ModelClientOptions): ModelClient {
  return { stream: (request, signal) => streamAttempt(options, request, signal) };
}

/** Why the client itself ended a request: told apart from the caller's abort. */
class IdleEnd extends Error {}

async function* streamAttempt(
  options: ModelClientOptions,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  signal.throwIfAborted();
  const end = new AbortController();
  const onAbort = (): void => end.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const init = await requestInit(options, request);
    const { response, watch } = await openStream(options, init, end);
    using _watch = watch;
    yield { type: "rateLimits", snapshot: readRateLimits(response.headers) };
    if (response.body === null) throw closedEarly();
    const reader = new ResponseEventReader();
    for await (const data of readEventData(response.body, watch)) {
      signal.throwIfAborted();
      const event = reader.read(data);
      if (event === null) continue;
      yield event;
      if (event.type === "completed") return;
    }
    throw closedEarly();
  } catch (error) {
    // A read that was cancelled fails like a cut one; what cancelled it is the cause.
    if (signal.aborted) throw signal.reason;
    if (end.signal.reason instanceof IdleEnd) throw idleTimeout();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Ends the request when the caller stopped early; after a whole answer there is nothing left to end.
    end.abort();
  }
}

async function requestInit(options: ModelClientOptions, request: ModelRequest): Promise<RequestInit> {
  const { provider, tokens, environment } = options;
  try {
    const token = await tokens.bearer(provider);
    const headers = requestHeaders({
      provider,
      request,
      environment,
      userAgent: options.userAgent(),
      originator: options.originator(),
      token,
    });
    return { method: "POST", headers, body: JSON.stringify(toRequestBody(request, options.installationId)) };
  } catch (error) {
    if (error instanceof CodexError) {
      throw new ModelError(error.message, { info: "other", retryable: false, cause: error });
    }
    if (error instanceof TypeError) {
      // The runtime's message quotes the value, which may be a key: only the provider is named.
      throw new ModelError(
        `Cannot make the request headers for provider "${provider.id}": a name or value has characters that HTTP does not allow`,
        { info: "other", retryable: false },
      );
    }
    throw error;
  }
}

/** One response with a good status, after as many tries as the provider's `requestMaxRetries` allows. */
async function openStream(
  options: ModelClientOptions,
  init: RequestInit,
  end: AbortController,
): Promise<{ response: Response; watch: IdleWatch }> {
  const { provider, http, clock } = options;
  const url = requestUrl(provider);
  for (let attempt = 1;; attempt++) {
    const mayRetry = attempt <= provider.requestMaxRetries;
    const watch = watchIdle(provider.streamIdleTimeoutMs, clock, () => end.abort(new IdleEnd()));
    let keep = false;
    let delayMs: number | undefined;
    try {
      const response = await http.fetch(url, { ...init, signal: end.signal });
      if (response.ok) {
        watch.rest();
        keep = true;
        return { response, watch };
      }
      const refused: RefusedResponse = {
        status: response.status,
        headers: response.headers,
        body: await readRefusal(response),
        url,
      };
      delayMs = requestedDelayMs(refused, clock.nowMs());
      const tooLong = delayMs !== undefined && delayMs > MAX_DELAY_MS;
      if (!mayRetry || tooLong || !isRetryableStatus(refused)) throw statusFailure(refused);
    } catch (error) {
      if (error instanceof ModelError || end.signal.aborted) throw error;
      if (!mayRetry) throw unreachable(url, error);
    } finally {
      if (!keep) watch[Symbol.dispose]();
    }
    await clock.sleep(retryDelayMs(attempt, delayMs, options.random), end.signal);
  }
}

/** The start of a refusal's body; what breaks off is left out. */
async function readRefusal(response: Response): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = "";
  try {
    for (let bytes = 0; bytes < MAX_REFUSAL_BYTES;) {
      const part = await reader.read();
      if (part.done) break;
      bytes += part.value.length;
      text += decoder.decode(part.value, { stream: true });
    }
    return text + decoder.decode();
  } catch {
    return text;
  } finally {
    await reader.cancel().catch(() => {});
  }
}
