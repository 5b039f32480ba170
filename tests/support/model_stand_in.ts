// A scripted stand-in for a model server: the Responses API over HTTP streaming on a loopback port. It plays the
// replies of a script (`model_script.ts`) as server-sent events and keeps every request it saw. It is not a
// model and says so in its answers.

import {
  directiveScript,
  type InputItem,
  type ModelScript,
  type ModelTurn,
  type Reply,
  type ReplyItem,
  wordDeltas,
} from "./model_script.ts";

/** One request as it arrived. */
export interface RecordedRequest {
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

export interface ModelStandInOptions {
  /** Default: the `%directive` script. */
  script?: ModelScript;
  /** Default 0: any free port. A fixed one only serves to come back after `close()` on the same address. */
  port?: number;
}

export interface ModelStandIn {
  /** What goes into `model_providers.X.base_url`, ending in `/v1`. */
  baseUrl: string;
  port: number;
  /** POSTs to `/v1/responses`, in order. */
  requests: RecordedRequest[];
  /** How many streams the client broke off. */
  brokenOff(): number;
  close(): Promise<void>;
}

const encoder = new TextEncoder();

/** Starts the stand-in; the caller closes it. */
export function startModelStandIn(options: ModelStandInOptions = {}): Promise<ModelStandIn> {
  const script = options.script ?? directiveScript;
  const requests: RecordedRequest[] = [];
  const attempts = new Map<string, number>();
  const closing = new AbortController();
  let brokenOff = 0;
  const onBrokenOff = (): void => {
    brokenOff += 1;
  };
  const ids = makeIds();

  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: options.port ?? 0,
      onListen: () => {},
      onError: () => new Response(null, { status: 500 }),
    },
    async (request) => {
      const path = new URL(request.url).pathname;
      if (request.method !== "POST" || !path.endsWith("/responses")) {
        return Response.json({ error: { message: "The scripted stand-in only answers POST /responses" } }, {
          status: 404,
        });
      }
      // A body that is not JSON is a broken client: Deno.serve answers 500 through onError.
      const body = await request.json() as Record<string, unknown>;
      requests.push({ path, headers: Object.fromEntries(request.headers), body });
      const turn = describeTurn(body, attempts);
      return play(script(turn), { ids, closing: closing.signal, onBrokenOff });
    },
  );
  const port = (server.addr as Deno.NetAddr).port;
  return Promise.resolve({
    baseUrl: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    brokenOff: () => brokenOff,
    async close(): Promise<void> {
      closing.abort();
      await server.shutdown();
    },
  });
}

function describeTurn(body: Record<string, unknown>, attempts: Map<string, number>): ModelTurn {
  // The Responses API allows a bare string as input.
  const input: InputItem[] = Array.isArray(body.input)
    ? body.input as InputItem[]
    : [{ type: "message", role: "user", content: String(body.input ?? "") }];
  let userText = "";
  let userTurns = 0;
  let since = 0;
  input.forEach((item, index) => {
    if (item.role !== "user") return;
    const typed = itemText(item);
    if (typed.trimStart().startsWith("<") || typed.startsWith("# AGENTS.md")) return;
    userText = typed;
    userTurns += 1;
    since = index + 1;
  });
  const outputs: string[] = [];
  let round = 0;
  let inOutputs = false;
  for (const item of input.slice(since)) {
    const isOutput = item.type === "function_call_output" || item.type === "custom_tool_call_output";
    if (isOutput) {
      if (!inOutputs) round += 1;
      outputs.push(outputText(item.output));
    }
    inOutputs = isOutput;
  }
  const key = `${userTurns}/${round}/${userText}`;
  const attempt = attempts.get(key) ?? 0;
  attempts.set(key, attempt + 1);
  return { body, userText, userTurns, round, outputs, attempt };
}

function itemText(item: InputItem): string {
  if (typeof item.content === "string") return item.content;
  return (item.content ?? []).map((part) => part.text ?? "").join("\n");
}

function outputText(output: unknown): string {
  if (typeof output === "string") return output;
  if (Array.isArray(output)) return output.map((part: { text?: string }) => part.text ?? "").join("\n");
  return JSON.stringify(output) ?? "";
}

interface Ids {
  next(prefix: string): string;
}

function makeIds(): Ids {
  let count = 0;
  const run = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  return { next: (prefix) => `${prefix}_standin_${run}_${String(++count).padStart(5, "0")}` };
}

interface Play {
  ids: Ids;
  closing: AbortSignal;
  onBrokenOff: () => void;
}

function play(reply: Reply, { ids, closing, onBrokenOff }: Play): Response {
  if (reply.kind === "http") {
    return Response.json(reply.body, {
      status: reply.status,
      headers: { "x-request-id": ids.next("req"), ...reply.headers },
    });
  }
  const gone = new AbortController();
  const stop = AbortSignal.any([gone.signal, closing]);
  const events = replyEvents(reply, ids, stop);
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const next = await events.next();
      if (next.done) return controller.close();
      if (next.value === CUT) return controller.error(new Error("Cut on purpose"));
      controller.enqueue(encoder.encode(next.value));
    },
    cancel(): void {
      gone.abort();
      onBrokenOff();
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream", "x-request-id": ids.next("req") } });
}

const CUT = Symbol("cut");

/** The SSE text of a reply, in pieces; ends early when the client goes away or the server closes. */
async function* replyEvents(
  reply: Exclude<Reply, { kind: "http" }>,
  ids: Ids,
  stop: AbortSignal,
): AsyncGenerator<string | typeof CUT> {
  const id = ids.next("resp");
  let sequence = 0;
  const event = (type: string, fields: Record<string, unknown>): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
  const response = { id, object: "response", status: "in_progress", output: [] };
  yield event("response.created", { response });

  if (reply.kind === "failed") {
    const error = { code: reply.code, message: reply.message };
    yield event("response.failed", { response: { ...response, status: "failed", error } });
    return;
  }
  const output: unknown[] = [];
  for (const [index, item] of reply.items.entries()) {
    const broken = reply.kind !== "items";
    yield* itemEvents(item, { index, event, ids, stop, broken, output });
    if (stop.aborted) return;
  }
  if (reply.kind === "cut") {
    // One turn of the event loop, so that what was sent before leaves the socket.
    await pause(20, stop);
    yield CUT;
    return;
  }
  if (reply.kind === "stall") {
    await pause(10 * 60_000, stop);
    return;
  }
  const usage = reply.usage ?? { input: 120, cached: 80, output: 15, reasoning: 4 };
  yield event("response.completed", {
    response: {
      ...response,
      status: "completed",
      output,
      usage: {
        input_tokens: usage.input,
        input_tokens_details: { cached_tokens: usage.cached },
        output_tokens: usage.output,
        output_tokens_details: { reasoning_tokens: usage.reasoning },
        total_tokens: usage.input + usage.output,
      },
    },
  });
}

interface ItemContext {
  index: number;
  event: (type: string, fields: Record<string, unknown>) => string;
  ids: Ids;
  stop: AbortSignal;
  /** True: the item is left unfinished, because the stream breaks off inside it. */
  broken: boolean;
  output: unknown[];
}

async function* itemEvents(item: ReplyItem, context: ItemContext): AsyncGenerator<string> {
  switch (item.kind) {
    case "text":
      return yield* textEvents(item, context);
    case "reasoning":
      return yield* reasoningEvents(item, context);
    case "call": {
      const call = { type: "function_call", name: item.name, call_id: context.ids.next("call") };
      const added = { ...call, id: context.ids.next("fc") };
      return yield* argumentEvents(
        "response.function_call_arguments",
        "arguments",
        JSON.stringify(item.arguments),
        added,
        context,
      );
    }
    case "custom": {
      const call = { type: "custom_tool_call", name: item.name, call_id: context.ids.next("call") };
      const added = { ...call, id: context.ids.next("ctc") };
      return yield* argumentEvents("response.custom_tool_call_input", "input", item.input, added, context);
    }
  }
}

async function* textEvents(item: Extract<ReplyItem, { kind: "text" }>, context: ItemContext): AsyncGenerator<string> {
  const { event, index } = context;
  const id = context.ids.next("msg");
  const phase = item.phase === undefined ? {} : { phase: item.phase };
  const message = { type: "message", id, role: "assistant", ...phase };
  const place = { item_id: id, output_index: index, content_index: 0 };
  yield event("response.output_item.added", {
    output_index: index,
    item: { ...message, status: "in_progress", content: [] },
  });
  yield event("response.content_part.added", { ...place, part: { type: "output_text", text: "", annotations: [] } });
  // Fast streams go out in pieces of many events, as a server that writes at full speed does.
  let piece = "";
  for (const delta of item.deltas ?? wordDeltas(item.text)) {
    piece += event("response.output_text.delta", { ...place, delta });
    if (item.delayMs !== undefined || piece.length > 8192) {
      yield piece;
      piece = "";
    }
    if (item.delayMs !== undefined) await pause(item.delayMs, context.stop);
    if (context.stop.aborted) return;
  }
  if (piece !== "") yield piece;
  if (context.broken) return;
  const part = { type: "output_text", text: item.text, annotations: [] };
  yield event("response.output_text.done", { ...place, text: item.text });
  yield event("response.content_part.done", { ...place, part });
  const done = { ...message, status: "completed", content: [part] };
  context.output.push(done);
  yield event("response.output_item.done", { output_index: index, item: done });
}

async function* reasoningEvents(
  item: Extract<ReplyItem, { kind: "reasoning" }>,
  context: ItemContext,
): AsyncGenerator<string> {
  const { event, index } = context;
  const id = context.ids.next("rs");
  const place = { item_id: id, output_index: index, summary_index: 0 };
  yield event("response.output_item.added", { output_index: index, item: { type: "reasoning", id, summary: [] } });
  yield event("response.reasoning_summary_part.added", { ...place, part: { type: "summary_text", text: "" } });
  for (const delta of wordDeltas(item.summary)) {
    yield event("response.reasoning_summary_text.delta", { ...place, delta });
  }
  yield event("response.reasoning_summary_text.done", { ...place, text: item.summary });
  const summary = [{ type: "summary_text", text: item.summary }];
  yield event("response.reasoning_summary_part.done", { ...place, part: summary[0] });
  const done = { type: "reasoning", id, summary, encrypted_content: btoa("stand-in") };
  context.output.push(done);
  yield event("response.output_item.done", { output_index: index, item: done });
}

async function* argumentEvents(
  type: string,
  field: string,
  value: string,
  added: Record<string, unknown>,
  context: ItemContext,
): AsyncGenerator<string> {
  const { event, index } = context;
  const place = { item_id: added.id, output_index: index };
  yield event("response.output_item.added", {
    output_index: index,
    item: { ...added, [field]: "", status: "in_progress" },
  });
  for (let at = 0; at < value.length; at += 24) {
    yield event(`${type}.delta`, { ...place, delta: value.slice(at, at + 24) });
  }
  yield event(`${type}.done`, { ...place, [field]: value });
  const done = { ...added, [field]: value, status: "completed" };
  context.output.push(done);
  yield event("response.output_item.done", { output_index: index, item: done });
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    const timer = setTimeout(finish, ms);
    stop.addEventListener("abort", finish, { once: true });
    function finish(): void {
      clearTimeout(timer);
      stop.removeEventListener("abort", finish);
      resolve();
    }
  });
}
