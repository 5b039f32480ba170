import assert from "node:assert/strict";
import { createHttp } from "../../../src/host/http.ts";
import { systemClock } from "../../../src/host/clock.ts";
import { CodexError } from "../../../src/base/errors.ts";
import type { ModelEvent, ModelRequest } from "../../../src/model/model_client.ts";
import { ModelError } from "../../../src/model/model_error.ts";
import type { ModelClock, TokenSource } from "../../../src/model/ports.ts";
import type { ModelProvider } from "../../../src/model/provider.ts";
import { createModelClient } from "../../../src/model/responses_client.ts";
import { type Reply, sse, startProvider } from "./_provider_server.ts";

const REQUEST: ModelRequest = {
  model: "gpt-5.4",
  instructions: "Be good",
  input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] }],
  tools: [],
  reasoningEffort: null,
  reasoningSummary: null,
  verbosity: null,
  serviceTier: null,
  outputSchema: null,
  threadId: "thread-1",
  turnId: "turn-1",
};

function provider(baseUrl: string, rest: Partial<ModelProvider> = {}): ModelProvider {
  return {
    id: "mock",
    name: "mock",
    baseUrl,
    envKey: null,
    envKeyInstructions: null,
    bearerToken: null,
    queryParams: {},
    httpHeaders: {},
    envHttpHeaders: {},
    requestMaxRetries: 1,
    streamMaxRetries: 0,
    streamIdleTimeoutMs: 5000,
    requiresOpenaiAuth: false,
    ...rest,
  };
}

/** Real time for the idle watch, no time at all for waits between tries, which it notes. */
function quickClock(waits: number[]): ModelClock {
  return {
    nowMs: systemClock.nowMs,
    sleep(ms, signal): Promise<void> {
      if (ms >= 4000) return systemClock.sleep(ms, signal);
      waits.push(ms);
      return Promise.resolve();
    },
  };
}

interface RunOptions {
  readonly rest?: Partial<ModelProvider>;
  readonly clock?: ModelClock;
  readonly tokens?: TokenSource;
  readonly signal?: AbortSignal;
  readonly request?: Partial<ModelRequest>;
  readonly environment?: Record<string, string>;
  readonly originator?: string;
}

async function run(baseUrl: string, options: RunOptions = {}): Promise<{ events: ModelEvent[]; error: unknown }> {
  using http = createHttp();
  const client = createModelClient({
    provider: provider(baseUrl, options.rest),
    tokens: options.tokens ?? { bearer: () => Promise.resolve(null) },
    http,
    environment: options.environment ?? {},
    userAgent: () => "probe/0.120.0 (Test 1; x86_64) dumb (probe; 1)",
    originator: () => options.originator ?? "probe",
    installationId: "install-1",
    clock: options.clock ?? systemClock,
    random: () => 0.5,
  });
  const events: ModelEvent[] = [];
  try {
    const signal = options.signal ?? new AbortController().signal;
    for await (const event of client.stream({ ...REQUEST, ...options.request }, signal)) events.push(event);
    return { events, error: null };
  } catch (error) {
    return { events, error };
  }
}

const NO_LIMITS: ModelEvent = {
  type: "rateLimits",
  snapshot: { limitId: "codex", limitName: null, primary: null, secondary: null, credits: null, planType: null },
};
const CREATED = { type: "response.created", response: { id: "resp_1" } };
const COMPLETED = {
  type: "response.completed",
  response: {
    id: "resp_1",
    usage: {
      input_tokens: 11,
      input_tokens_details: { cached_tokens: 3 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 18,
    },
  },
};
const MESSAGE = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "Grüße 🎉 日本", annotations: [] }],
};
const WHOLE = sse(
  CREATED,
  { type: "response.in_progress" },
  { type: "response.output_item.added", output_index: 0, item: { ...MESSAGE, content: [] } },
  { type: "response.output_text.delta", item_id: "msg_1", delta: "Grüße 🎉 " },
  { type: "response.output_text.delta", item_id: "msg_1", delta: "日本" },
  { type: "response.output_item.done", output_index: 0, item: MESSAGE },
  COMPLETED,
);
const WHOLE_EVENTS: ModelEvent[] = [
  NO_LIMITS,
  { type: "created" },
  { type: "itemAdded", id: "msg_1", item: { type: "message", id: "msg_1", role: "assistant", content: [] } },
  { type: "textDelta", itemId: "msg_1", delta: "Grüße 🎉 " },
  { type: "textDelta", itemId: "msg_1", delta: "日本" },
  {
    type: "itemDone",
    id: "msg_1",
    item: {
      type: "message",
      id: "msg_1",
      role: "assistant",
      content: [{ type: "output_text", text: "Grüße 🎉 日本" }],
    },
  },
  {
    type: "completed",
    responseId: "resp_1",
    usage: { inputTokens: 11, cachedInputTokens: 3, outputTokens: 7, reasoningOutputTokens: 2, totalTokens: 18 },
  },
];

Deno.test("stream() gives the same events with every byte in a write of its own", async () => {
  const bytes = new TextEncoder().encode(WHOLE);
  await using server = startProvider([{ parts: Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)) }]);
  assert.deepEqual(await run(server.url), { events: WHOLE_EVENTS, error: null });
});

Deno.test("stream() takes CRLF line ends, comments, a byte order mark and a missing last blank line", async () => {
  const text = "\uFEFF: hello\r\n\r\n" + WHOLE.replaceAll("\n", "\r\n").trimEnd();
  await using server = startProvider([{ parts: [text] }]);
  assert.deepEqual(await run(server.url), { events: WHOLE_EVENTS, error: null });
});

Deno.test("stream() sends the recorded body and headers", async () => {
  await using server = startProvider([{ parts: [WHOLE] }]);
  await run(server.url, {
    rest: {
      queryParams: { "api-version": "2 b" },
      httpHeaders: { "x-fixed": "1" },
      envHttpHeaders: { "x-env": "SET", "x-unset": "UNSET", "x-blank": "BLANK" },
    },
    environment: { SET: "value", BLANK: " " },
    tokens: { bearer: () => Promise.resolve("secret") },
  });
  const [request] = server.requests;
  assert.ok(request);
  assert.equal(`${request.method} ${request.path}`, "POST /v1/responses?api-version=2+b");
  const { body, headers } = request;
  assert.deepEqual(JSON.parse(body), {
    model: "gpt-5.4",
    instructions: "Be good",
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] }],
    tools: [],
    tool_choice: "auto",
    parallel_tool_calls: false,
    reasoning: { effort: "medium" },
    store: false,
    stream: true,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "thread-1",
    text: { verbosity: "low" },
    client_metadata: { "x-codex-installation-id": "install-1" },
  });
  const names = [
    "accept",
    "authorization",
    "content-type",
    "originator",
    "session_id",
    "user-agent",
    "x-blank",
    "x-client-request-id",
    "x-codex-turn-metadata",
    "x-codex-window-id",
    "x-env",
    "x-fixed",
    "x-unset",
  ];
  assert.deepEqual(Object.fromEntries(names.map((name) => [name, headers.get(name)])), {
    accept: "text/event-stream",
    authorization: "Bearer secret",
    "content-type": "application/json",
    originator: "probe",
    session_id: "thread-1",
    "user-agent": "probe/0.120.0 (Test 1; x86_64) dumb (probe; 1)",
    "x-blank": null,
    "x-client-request-id": "thread-1",
    "x-codex-turn-metadata": '{"session_id":"thread-1","turn_id":"turn-1"}',
    "x-codex-window-id": "thread-1:0",
    "x-env": "value",
    "x-fixed": "1",
    "x-unset": null,
  });
});

Deno.test("stream() sends header values as UTF-8, and the originator whole", async () => {
  await using server = startProvider([{ parts: [WHOLE] }]);
  const { error } = await run(server.url, { originator: "中/文", rest: { httpHeaders: { "x-own": "ü" } } });
  assert.equal(error, null);
  const headers = server.requests[0]?.headers;
  const read = (name: string): string =>
    new TextDecoder().decode(Uint8Array.from(headers?.get(name) ?? "", (character) => character.charCodeAt(0)));
  assert.deepEqual([read("originator"), read("x-own")], ["中/文", "ü"]);
});

Deno.test("stream() refuses header values that HTTP cannot carry before it connects, and does not show them", async () => {
  for (const value of ["a\nb", "a\u0001b", "\u007f"]) {
    const { error } = await run("http://127.0.0.1:1/v1", { rest: { httpHeaders: { "x-own": value } } });
    assert.ok(error instanceof ModelError);
    assert.equal(error.retryable, false);
    assert.match(error.message, /^Cannot make the request headers for provider "[a-z]+": \P{Cc}+$/u);
  }
});

Deno.test("stream() reads reasoning, tool calls and rate limits, and skips what it does not know", async () => {
  const text = sse(
    CREATED,
    { type: "response.output_item.added", item: { type: "reasoning", id: "rs_1", summary: [] } },
    { type: "response.reasoning_summary_part.added", item_id: "rs_1", summary_index: 1 },
    { type: "response.reasoning_summary_text.delta", item_id: "rs_1", summary_index: 1, delta: "a" },
    { type: "response.reasoning_text.delta", item_id: "rs_1", content_index: 2, delta: "b" },
    { type: "response.output_item.added", item: { type: "from_the_future", id: "x" } },
    { type: "response.future" },
    { type: "response.output_text.delta", item_id: "x" },
  ) + "data: {nope\n\ndata: 3\n\ndata: null\n\nnonsense\n\n" + sse(
    { type: "response.output_item.done", output_index: 3, item: { type: "function_call", name: 3 } },
    {
      type: "response.output_item.done",
      item: { type: "function_call", id: "fc_1", name: "f", arguments: "{}", call_id: "c1", status: "completed" },
    },
    { type: "response.completed", response: { id: "r", usage: null } },
    { type: "response.output_text.delta", item_id: "x", delta: "after the end" },
  );
  await using server = startProvider([{
    parts: [text],
    headers: {
      "x-codex-primary-used-percent": "12.6",
      "x-codex-primary-window-minutes": "300",
      "x-codex-primary-reset-at": "1900000000",
      "x-codex-secondary-used-percent": "nonsense",
      "x-codex-credits-has-credits": "true",
      "x-codex-credits-unlimited": "false",
      "x-codex-credits-balance": "5",
    },
  }]);
  assert.deepEqual(await run(server.url), {
    events: [
      {
        type: "rateLimits",
        snapshot: {
          limitId: "codex",
          limitName: null,
          primary: { usedPercent: 13, windowDurationMins: 300, resetsAt: 1900000000 },
          secondary: null,
          credits: { hasCredits: true, unlimited: false, balance: "5" },
          planType: null,
        },
      },
      { type: "created" },
      { type: "itemAdded", id: "rs_1", item: { type: "reasoning", summary: [] } },
      { type: "reasoningSummaryPartAdded", itemId: "rs_1", summaryIndex: 1 },
      { type: "reasoningSummaryDelta", itemId: "rs_1", summaryIndex: 1, delta: "a" },
      { type: "reasoningTextDelta", itemId: "rs_1", contentIndex: 2, delta: "b" },
      {
        type: "itemDone",
        id: "fc_1",
        item: { type: "function_call", id: "fc_1", name: "f", arguments: "{}", call_id: "c1" },
      },
      { type: "completed", responseId: "r", usage: null },
    ],
    error: null,
  });
});

Deno.test("stream() keeps one id for an item whose provider gives none", async () => {
  const item = { type: "message", role: "assistant", content: [] };
  await using server = startProvider([{
    parts: [sse(
      { type: "response.output_item.added", output_index: 2, item },
      { type: "response.output_text.delta", output_index: 2, delta: "x" },
      { type: "response.output_item.done", output_index: 2, item },
      COMPLETED,
    )],
  }]);
  const { events } = await run(server.url);
  const ids = events.flatMap((event) => "id" in event ? [event.id] : "itemId" in event ? [event.itemId] : []);
  assert.equal(ids.length, 3);
  assert.equal(new Set(ids).size, 1);
  assert.match(ids[0] ?? "", /^[0-9a-f-]{36}$/);
});

// Each row: a reply, then what the recorded reference said. `tries` counts requests with one request retry allowed.
const json = (value: unknown): readonly string[] => [JSON.stringify(value)];
const failed = (error: unknown): Reply => ({
  parts: [sse(CREATED, { type: "response.failed", response: { error } })],
});
const stream = "stream disconnected before completion: ";
const disconnected = (httpStatusCode: number | null) => ({ responseStreamDisconnected: { httpStatusCode } });
const rid = { "x-request-id": "req_mock" };
interface ErrorRow {
  readonly name: string;
  readonly reply: Reply;
  readonly message: string;
  readonly info?: unknown;
  readonly retryInfo?: unknown;
  readonly tries?: number;
  readonly retryAfterMs?: number;
}
const CAPACITY = "Selected model is at capacity. Please try a different model.";
const ERRORS: readonly ErrorRow[] = [
  {
    name: "401",
    reply: { status: 401, headers: rid, parts: json({ error: { message: "Incorrect API key provided (mock)." } }) },
    message: "unexpected status 401 Unauthorized: Incorrect API key provided (mock)., url: $URL, request id: req_mock",
    retryInfo: disconnected(401),
  },
  {
    name: "404 without a body",
    reply: { status: 404 },
    message: "unexpected status 404 Not Found: Unknown error, url: $URL",
    retryInfo: disconnected(404),
  },
  {
    name: "403 from Cloudflare",
    reply: { status: 403, headers: { "cf-ray": "CF1" }, parts: ["<html>Cloudflare blocked</html>"] },
    message: "Access blocked by Cloudflare. This usually happens when connecting from a restricted region " +
      "(status 403 Forbidden), url: $URL, cf-ray: CF1",
    retryInfo: disconnected(403),
  },
  {
    name: "400",
    reply: { status: 400, parts: ['{"error":{"message":"Bad request (mock)."}}'] },
    message: '{"error":{"message":"Bad request (mock)."}}',
  },
  {
    name: "429",
    reply: { status: 429, headers: rid, parts: json({ error: { code: "rate_limit_exceeded" } }) },
    message: "exceeded retry limit, last status: 429 Too Many Requests, request id: req_mock",
    info: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
    tries: 2,
  },
  {
    name: "429 with a wait of an hour is not waited for",
    reply: { status: 429, headers: { "retry-after": "3600" } },
    message: "exceeded retry limit, last status: 429 Too Many Requests",
    info: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
  },
  {
    name: "429 usage limit",
    reply: { status: 429, parts: json({ error: { type: "usage_limit_reached", plan_type: "plus" } }) },
    message: "You've hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), " +
      "visit https://chatgpt.com/codex/settings/usage to purchase more credits or try again later.",
    info: "usageLimitExceeded",
  },
  {
    name: "429 quota",
    reply: { status: 429, parts: json({ error: { type: "insufficient_quota" } }) },
    message: "Quota exceeded. Check your plan and billing details.",
    info: "usageLimitExceeded",
  },
  {
    name: "500",
    reply: { status: 500, parts: ["boom"] },
    message: "We're currently experiencing high demand, which may cause temporary errors.",
    info: "internalServerError",
    retryInfo: disconnected(null),
    tries: 2,
  },
  {
    name: "503 overloaded",
    reply: { status: 503, parts: json({ error: { code: "server_is_overloaded" } }) },
    message: CAPACITY,
    info: "serverOverloaded",
  },
  {
    name: "529",
    reply: { status: 529, parts: ["x"] },
    message: "unexpected status 529 <unknown status code>: x, url: $URL",
    retryInfo: disconnected(529),
    tries: 2,
  },
  {
    name: "failed: server error",
    reply: failed({ code: "server_error", message: "mock response.failed" }),
    message: stream + "mock response.failed",
    retryInfo: disconnected(null),
  },
  {
    name: "failed: nothing said",
    reply: failed(undefined),
    message: stream + "response.failed event received",
    retryInfo: disconnected(null),
  },
  {
    name: "failed: context length",
    reply: failed({ code: "context_length_exceeded", message: "m" }),
    message: "Codex ran out of room in the model's context window. " +
      "Start a new thread or clear earlier history before retrying.",
    info: "contextWindowExceeded",
  },
  {
    name: "failed: quota",
    reply: failed({ code: "insufficient_quota", message: "m" }),
    message: "Quota exceeded. Check your plan and billing details.",
    info: "usageLimitExceeded",
  },
  {
    name: "failed: plan",
    reply: failed({ code: "usage_not_included" }),
    message: "To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.",
    info: "usageLimitExceeded",
  },
  {
    name: "failed: prompt",
    reply: failed({ code: "invalid_prompt", message: "Invalid prompt (mock)." }),
    message: "Invalid prompt (mock).",
  },
  { name: "failed: overloaded", reply: failed({ code: "slow_down" }), message: CAPACITY, info: "serverOverloaded" },
  {
    name: "failed: rate limit",
    reply: failed({ code: "rate_limit_exceeded", message: "Please try again in 1.054s. Visit x" }),
    message: stream + "Please try again in 1.054s. Visit x",
    retryInfo: disconnected(null),
    retryAfterMs: 1054,
  },
  {
    name: "error event",
    reply: { parts: [sse({ type: "error", error: { message: "boom" } })] },
    message: stream + "boom",
    retryInfo: disconnected(null),
  },
  {
    name: "incomplete",
    reply: {
      parts: [sse({
        type: "response.incomplete",
        response: { incomplete_details: { reason: "max_output_tokens" } },
      })],
    },
    message: stream + "Incomplete response returned, reason: max_output_tokens",
    retryInfo: disconnected(null),
  },
  {
    name: "cut",
    reply: { parts: [sse(CREATED)], then: "cut" },
    message: stream + "Transport error: network error: error decoding response body",
    retryInfo: disconnected(null),
  },
  {
    name: "cut inside a character",
    reply: { parts: [new TextEncoder().encode('data: "ü').subarray(0, 8)], then: "cut" },
    message: stream + "Transport error: network error: error decoding response body",
    retryInfo: disconnected(null),
  },
  {
    name: "closed early",
    reply: { parts: [sse(CREATED)] },
    message: stream + "stream closed before response.completed",
    retryInfo: disconnected(null),
  },
  {
    name: "completed without an id",
    reply: { parts: [sse({ type: "response.completed", response: {} })] },
    message: stream + "failed to parse ResponseCompleted: missing field `id`",
    retryInfo: disconnected(null),
  },
];

for (const row of ERRORS) {
  Deno.test(`stream() tells of ${row.name} as recorded`, async () => {
    await using server = startProvider([row.reply]);
    const { error } = await run(server.url, { clock: quickClock([]) });
    assert.ok(error instanceof ModelError);
    const info = row.info ?? "other";
    assert.deepEqual(
      {
        message: error.message,
        info: error.info,
        retryable: error.retryable,
        retryInfo: error.retryInfo,
        retryAfterMs: error.retryAfterMs,
        tries: server.requests.length,
      },
      {
        message: row.message.replace("$URL", `${server.url}/responses`),
        info,
        retryable: row.retryInfo !== undefined,
        retryInfo: row.retryInfo ?? info,
        retryAfterMs: row.retryAfterMs,
        tries: row.tries ?? 1,
      },
    );
  });
}

Deno.test("stream() tells of a usage limit with the limits and the reset time", async () => {
  const resetsAt = new Date(2030, 2, 17, 17, 46).getTime() / 1000;
  await using server = startProvider([{
    status: 429,
    headers: { "x-codex-primary-used-percent": "100" },
    parts: json({ error: { type: "usage_limit_reached", plan_type: "pro", resets_at: resetsAt } }),
  }]);
  const { error } = await run(server.url);
  assert.ok(error instanceof ModelError);
  assert.equal(
    error.message,
    "You've hit your usage limit. Visit https://chatgpt.com/codex/settings/usage to purchase more credits " +
      "or try again at Mar 17th, 2030 5:46 PM.",
  );
  assert.equal(error.rateLimits?.primary?.usedPercent, 100);
});

Deno.test("stream() sends the request again after server trouble, waiting as asked", async () => {
  const waits: number[] = [];
  await using server = startProvider([
    { status: 500 },
    { status: 429, headers: { "retry-after": "2" } },
    { status: 502 },
    { parts: [WHOLE] },
  ]);
  const { events, error } = await run(server.url, { rest: { requestMaxRetries: 4 }, clock: quickClock(waits) });
  assert.deepEqual([events, error, waits], [WHOLE_EVENTS, null, [200, 2000, 800]]);
});

Deno.test("stream() tells of a server that cannot be reached, without the query", async () => {
  const waits: number[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/v1`;
  listener.close();
  const { error } = await run(url, {
    rest: { requestMaxRetries: 2, queryParams: { key: "secret" } },
    clock: quickClock(waits),
  });
  assert.ok(error instanceof ModelError);
  assert.equal(error.message, `${stream}error sending request for url (${url}/responses)`);
  assert.deepEqual([error.retryable, error.retryInfo, waits], [true, disconnected(null), [200, 400]]);
});

for (const then of ["stall", "silence"] as const) {
  Deno.test(`stream() ends a request after the idle timeout: ${then}`, async () => {
    await using server = startProvider([{ parts: [sse(CREATED)], then }]);
    const { events, error } = await run(server.url, { rest: { streamIdleTimeoutMs: 60 } });
    assert.ok(error instanceof ModelError);
    assert.equal(error.message, `${stream}idle timeout waiting for SSE`);
    assert.equal(error.retryable, true);
    assert.deepEqual(events, then === "stall" ? [NO_LIMITS, { type: "created" }] : []);
  });

  Deno.test(`stream() ends with the abort reason at once: ${then}`, async () => {
    await using server = startProvider([{ parts: [sse(CREATED)], then }]);
    const stop = new AbortController();
    const reason = new Error("the person pressed Esc");
    const client = run(server.url, { signal: stop.signal });
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    stop.abort(reason);
    assert.equal((await client).error, reason);
  });
}

Deno.test("stream() does not count a slow reader as the server's silence", async () => {
  await using server = startProvider([{ parts: [WHOLE] }]);
  using http = createHttp();
  const client = createModelClient({
    provider: provider(server.url, { streamIdleTimeoutMs: 40 }),
    tokens: { bearer: () => Promise.resolve(null) },
    http,
    environment: {},
    userAgent: () => "x",
    originator: () => "x",
    clock: systemClock,
  });
  let count = 0;
  for await (const _ of client.stream(REQUEST, new AbortController().signal)) {
    if (count++ === 1) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(count, WHOLE_EVENTS.length);
});

Deno.test("stream() frees the connection when its reader stops early", async () => {
  await using server = startProvider([{ parts: [sse(CREATED)], then: "stall" }]);
  using http = createHttp();
  const client = createModelClient({
    provider: provider(server.url),
    tokens: { bearer: () => Promise.resolve(null) },
    http,
    environment: {},
    userAgent: () => "x",
    originator: () => "x",
    clock: systemClock,
  });
  for await (const event of client.stream(REQUEST, new AbortController().signal)) {
    if (event.type === "created") break;
  }
  assert.equal(server.requests.length, 1);
});

Deno.test("stream() makes a missing credential a turn error, not to be tried again", async () => {
  const { error } = await run("http://127.0.0.1:1", {
    tokens: { bearer: () => Promise.reject(new CodexError("AUTH_SETUP", "Missing environment variable: `K`.")) },
  });
  assert.ok(error instanceof ModelError);
  assert.deepEqual(
    [error.message, error.info, error.retryable],
    ["Missing environment variable: `K`.", "other", false],
  );
});

Deno.test("stream() keeps a malformed key out of the message", async () => {
  const { error } = await run("http://127.0.0.1:1", { tokens: { bearer: () => Promise.resolve("se\ncret") } });
  assert.ok(error instanceof ModelError);
  assert.equal(error.retryable, false);
  assert.doesNotMatch(error.message, /cret/);
});
