// Turns as clients see them: whole event lists for plain answers, tools, failures, steering and interruption.
import assert from "node:assert/strict";
import { ModelError } from "../../../src/model/model_error.ts";
import type { ModelEvent } from "../../../src/model/model_client.ts";
import {
  brief,
  calling,
  closing,
  functionCall,
  Harness,
  LIMITS,
  message,
  opening,
  outputsOf,
  saying,
  says,
} from "./_harness.ts";

const BEGIN = [
  "thread/status/changed active",
  "turn/started T1",
  'item/started userMessage "hi"',
  'item/completed userMessage "hi"',
];

const END = ["thread/status/changed idle", "turn/completed T1 completed"];

Deno.test("runTurn() tells a plain answer as recorded, usage and limits included", async () => {
  const harness = new Harness({ model: [says("Hello.", "msg_1")] });
  const log = await harness.turn(await harness.start(), "hi");
  const usage = {
    turnId: "T1",
    tokenUsage: {
      total: { totalTokens: 12, inputTokens: 10, cachedInputTokens: 0, outputTokens: 2, reasoningOutputTokens: 0 },
      last: { totalTokens: 12, inputTokens: 10, cachedInputTokens: 0, outputTokens: 2, reasoningOutputTokens: 0 },
      modelContextWindow: 1000,
    },
  };
  const said = { type: "userMessage", id: "U", content: [{ type: "text", text: "hi", text_elements: [] }] };
  const answer = { type: "agentMessage", id: "msg_1", phase: null, memoryCitation: null };
  const turn = { id: "T1", items: [], error: null, startedAt: 1_700_000_000 };
  assert.deepEqual(log, [
    ["thread/status/changed", { status: { type: "active", activeFlags: [] } }],
    ["turn/started", { turn: { ...turn, status: "inProgress", completedAt: null, durationMs: null } }],
    ["item/started", { turnId: "T1", item: said }],
    ["item/completed", { turnId: "T1", item: said }],
    ["account/rateLimits/updated", { rateLimits: LIMITS }],
    ["item/started", { turnId: "T1", item: { ...answer, text: "" } }],
    ["item/agentMessage/delta", { turnId: "T1", itemId: "msg_1", delta: "Hello." }],
    ["item/completed", { turnId: "T1", item: { ...answer, text: "Hello." } }],
    ["thread/tokenUsage/updated", usage],
    ["account/rateLimits/updated", { rateLimits: LIMITS }],
    ["thread/status/changed", { status: { type: "idle" } }],
    ["turn/completed", { turn: { ...turn, status: "completed", completedAt: 1_700_000_000, durationMs: 0 } }],
  ]);
});

Deno.test("runTurn() repeats the known usage at each later response", async () => {
  const harness = new Harness({ model: [says("one"), says("two")] });
  const thread = await harness.start();
  await harness.turn(thread, "hi");
  const log = await harness.turn(thread, "again");
  const totals = log.flatMap(([method, detail]) =>
    method === "thread/tokenUsage/updated"
      ? [(detail as { tokenUsage: { total: { totalTokens: number } } }).tokenUsage.total.totalTokens]
      : []
  );
  assert.deepEqual(totals, [12, 24]);
});

Deno.test("runTurn() tells reasoning with its parts and deltas", async () => {
  const id = "rs_1";
  const events: ModelEvent[] = [
    { type: "itemAdded", id, item: { type: "reasoning", summary: [] } },
    { type: "reasoningSummaryPartAdded", itemId: id, summaryIndex: 0 },
    { type: "reasoningSummaryDelta", itemId: id, summaryIndex: 0, delta: "**Plan**" },
    { type: "reasoningTextDelta", itemId: id, contentIndex: 0, delta: "raw" },
    {
      type: "itemDone",
      id,
      item: { type: "reasoning", summary: [{ type: "summary_text", text: "**Plan**" }], content: null },
    },
  ];
  const harness = new Harness({ model: [[...opening(), ...events, ...saying("ok", "m"), closing()]] });
  const log = await harness.turn(await harness.start(), "hi");
  assert.deepEqual(
    log.filter(([method, detail]) =>
      /reasoning/.test(method + JSON.stringify(detail)) && method !== "thread/tokenUsage/updated"
    ),
    [
      ["item/started", { turnId: "T1", item: { type: "reasoning", id, summary: [], content: [] } }],
      ["item/reasoning/summaryPartAdded", { turnId: "T1", itemId: id, summaryIndex: 0 }],
      ["item/reasoning/summaryTextDelta", { turnId: "T1", itemId: id, delta: "**Plan**", summaryIndex: 0 }],
      ["item/reasoning/textDelta", { turnId: "T1", itemId: id, delta: "raw", contentIndex: 0 }],
      ["item/completed", { turnId: "T1", item: { type: "reasoning", id, summary: ["**Plan**"], content: ["raw"] } }],
    ],
  );
});

Deno.test("runTurn() tells each retry and goes on with the stream that comes", async () => {
  const cut = new ModelError("stream disconnected before completion: cut", {
    info: "other",
    retryable: true,
    retryInfo: { responseStreamDisconnected: { httpStatusCode: null } },
  });
  const harness = new Harness({
    model: [[...opening(), ...saying("half", "m1").slice(0, 2), cut], says("whole", "m2")],
  });
  const log = await harness.turn(await harness.start(), "hi");
  assert.deepEqual(brief(log), [
    ...BEGIN,
    'item/started agentMessage ""',
    'item/agentMessage/delta "half"',
    'item/completed agentMessage "half"',
    "error retry Reconnecting... 1/2",
    'item/started agentMessage ""',
    'item/agentMessage/delta "whole"',
    'item/completed agentMessage "whole"',
    ...END,
  ]);
  assert.deepEqual(log.find(([method]) => method === "error")?.[1], {
    turnId: "T1",
    error: {
      message: "Reconnecting... 1/2",
      codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } },
      additionalDetails: "stream disconnected before completion: cut",
    },
    willRetry: true,
  });
  // What was cut is asked for again, not sent back.
  assert.equal(harness.model.requests[1]?.input.some((item) => JSON.stringify(item).includes("half")), false);
});

Deno.test("runTurn() fails the turn when the retries are used up, in the recorded order", async () => {
  const refused = (): ModelError =>
    new ModelError("unexpected status 401", { info: "other", retryable: true, retryInfo: "unauthorized" });
  const harness = new Harness({ model: [[refused()], [refused()], [refused()]] });
  const log = await harness.turn(await harness.start(), "hi");
  const error = { message: "unexpected status 401", codexErrorInfo: "other", additionalDetails: null };
  assert.deepEqual(brief(log), [
    ...BEGIN,
    "error retry Reconnecting... 1/2",
    "error retry Reconnecting... 2/2",
    "thread/status/changed systemError",
    "error final unexpected status 401",
    "turn/completed T1 failed",
  ]);
  assert.deepEqual(log.at(-2)?.[1], { turnId: "T1", error, willRetry: false });
  assert.deepEqual((log.at(-1)?.[1] as { turn: { error: unknown } }).turn.error, error);
});

Deno.test("runTurn() counts the window as full when the request was too long", async () => {
  const tooLong = new ModelError("too long", { info: "contextWindowExceeded", retryable: false });
  const harness = new Harness({ model: [[...opening(), tooLong]] });
  const log = await harness.turn(await harness.start(), "hi");
  const usage = log.find(([method]) => method === "thread/tokenUsage/updated")?.[1];
  assert.equal((usage as { tokenUsage: { total: { totalTokens: number } } }).tokenUsage.total.totalTokens, 1000);
  assert.deepEqual(brief(log).slice(-3), [
    "thread/status/changed systemError",
    "error final too long",
    "turn/completed T1 failed",
  ]);
});

Deno.test("runTurn() runs the calls of one response together and gives outputs in their order", async () => {
  const first = Promise.withResolvers<void>();
  const harness = new Harness({
    model: [
      calling(functionCall("exec_command", { cmd: "slow" }, "c1"), functionCall("exec_command", { cmd: "fast" }, "c2")),
      says("done", "m"),
    ],
    commands: (cmd) => cmd === "slow" ? { prints: ["slow\n"], until: first.promise } : { prints: ["fast\n"] },
  });
  const thread = await harness.start();
  const turn = harness.turn(thread, "hi");
  await harness.when("item/completed", (detail) => JSON.stringify(detail).includes("fast"));
  first.resolve();
  assert.deepEqual(brief(await turn), [
    ...BEGIN,
    "item/started commandExecution inProgress",
    'item/commandExecution/outputDelta "slow\\n"',
    "item/started commandExecution inProgress",
    'item/commandExecution/outputDelta "fast\\n"',
    'item/completed commandExecution completed 0 "fast\\n"',
    'item/completed commandExecution completed 0 "slow\\n"',
    'item/started agentMessage ""',
    'item/agentMessage/delta "done"',
    'item/completed agentMessage "done"',
    ...END,
  ]);
  const outputs = outputsOf(harness.model.requests[1]).map((output) => String(output).split("\n").at(-2));
  assert.deepEqual(outputs, ["slow", "fast"]);
});

Deno.test("runTurn() answers unknown tools and bad arguments as recorded", async () => {
  const harness = new Harness({
    model: [
      calling(functionCall("no_such_tool", { a: 1 }, "c1"), functionCall("exec_command", '{"nope":true}', "c2")),
      says("ok"),
    ],
  });
  const log = await harness.turn(await harness.start(), "hi");
  assert.deepEqual(outputsOf(harness.model.requests[1]), [
    "unsupported call: no_such_tool",
    "failed to parse function arguments: missing field `cmd` at line 1 column 13",
  ]);
  assert.equal(brief(log).some((line) => line.includes("commandExecution")), false);
});

Deno.test("runTurn() takes steered input at the next safe point", async () => {
  const gate = Promise.withResolvers<void>();
  const harness = new Harness({
    model: [[...opening(), ...saying("first", "m1"), gate.promise, closing()], says("second", "m2")],
  });
  const thread = await harness.start();
  const turn = harness.turn(thread, "hi");
  await harness.when("item/completed", (detail) => JSON.stringify(detail).includes("first"));
  const id = thread.snapshot({ includeTurns: true }).turns.at(-1)?.id ?? "";
  assert.equal(thread.steer({ threadId: thread.id, expectedTurnId: id, input: [{ type: "text", text: "also" }] }), id);
  gate.resolve();
  assert.deepEqual(brief(await turn), [
    ...BEGIN,
    'item/started agentMessage ""',
    'item/agentMessage/delta "first"',
    'item/completed agentMessage "first"',
    'item/started userMessage "also"',
    'item/completed userMessage "also"',
    'item/started agentMessage ""',
    'item/agentMessage/delta "second"',
    'item/completed agentMessage "second"',
    ...END,
  ]);
});

Deno.test("runTurn() records steered input that a failure came before, and tells it ahead of the end", async () => {
  const gate = Promise.withResolvers<void>();
  const refused = new ModelError("refused", { info: "other", retryable: false, retryInfo: "other" });
  const harness = new Harness({ model: [[...opening(), gate.promise, refused], says("ok")] });
  const thread = await harness.start();
  const turn = harness.turn(thread, "hi");
  await harness.when("account/rateLimits/updated");
  const id = thread.snapshot({ includeTurns: true }).turns.at(-1)?.id ?? "";
  thread.steer({ threadId: thread.id, expectedTurnId: id, input: [{ type: "text", text: "also" }] });
  gate.resolve();
  assert.deepEqual(brief(await turn), [
    ...BEGIN,
    'item/started userMessage "also"',
    'item/completed userMessage "also"',
    "thread/status/changed systemError",
    "error final refused",
    "turn/completed T1 failed",
  ]);
  await harness.turn(thread, "again");
  const said = harness.model.requests[1]?.input.slice(-2).map((item) => item.type === "message" ? item.content : item);
  assert.deepEqual(said, [[{ type: "input_text", text: "also" }], [{ type: "input_text", text: "again" }]]);
  const records = harness.writer.records.map(({ payload }) => "type" in payload ? payload.type : "");
  assert.ok(records.lastIndexOf("user_message") > records.indexOf("task_complete"));
  assert.ok(JSON.stringify(harness.writer.records.slice(0, records.indexOf("task_complete"))).includes('"also"'));
});

Deno.test("snapshot() of a running turn has the text and the output so far", async () => {
  const never = new Promise<void>(() => {});
  const harness = new Harness({
    model: [
      [...opening(), ...saying("so far", "m1").slice(0, 2), never],
      calling(functionCall("exec_command", { cmd: "sleep 99" }, "c1")),
    ],
    commands: () => ({ prints: ["printed\n"], until: never }),
  });
  const thread = await harness.start();
  const openItem = (): unknown => thread.snapshot({ includeTurns: true }).turns.at(-1)?.items.at(-1);
  const first = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "hi" }] });
  await harness.when("item/agentMessage/delta");
  assert.partialDeepStrictEqual(openItem(), { type: "agentMessage", text: "so far" });
  await thread.interrupt(first.id);
  const second = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "run" }] });
  await harness.when("item/commandExecution/outputDelta");
  await new Promise((nextTask) => setTimeout(nextTask));
  assert.partialDeepStrictEqual(openItem(), {
    type: "commandExecution",
    status: "inProgress",
    aggregatedOutput: "printed\n",
  });
  await thread.interrupt(second.id);
});

Deno.test("interrupt() keeps the text so far, on the wire, on disk and for the model", async () => {
  const never = new Promise<void>(() => {});
  const harness = new Harness({ model: [[...opening(), ...saying("so far", "m1").slice(0, 2), never], says("next")] });
  const thread = await harness.start();
  const from = harness.log.length;
  const { id } = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "hi" }] });
  await harness.when("item/agentMessage/delta");
  await thread.interrupt(id);
  assert.deepEqual(brief(harness.log.slice(from)), [
    ...BEGIN,
    'item/started agentMessage ""',
    'item/agentMessage/delta "so far"',
    'item/completed agentMessage "so far"',
    "thread/status/changed idle",
    "turn/completed T1 interrupted",
  ]);
  const records = harness.writer.records.map(({ type, payload }) =>
    `${type}/${(payload as { type?: string }).type ?? ""}`
  );
  assert.deepEqual(records.slice(-5), [
    "event_msg/token_count",
    "event_msg/agent_message",
    "response_item/message",
    "response_item/message",
    "event_msg/turn_aborted",
  ]);
  assert.equal(harness.writer.saved, harness.writer.records.length);
  await harness.turn(thread, "more");
  assert.ok(JSON.stringify(harness.model.requests[1]?.input).includes("so far"));
});

Deno.test("interrupt() ends the running command and its item before the turn", async () => {
  const harness = new Harness({
    model: [calling(functionCall("exec_command", { cmd: "sleep 99" }, "c1"))],
    commands: () => ({ prints: ["tick\n"], until: new Promise(() => {}) }),
  });
  const thread = await harness.start();
  const { id } = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "hi" }] });
  await harness.when("item/commandExecution/outputDelta");
  harness.nowMs += 1800;
  await thread.interrupt(id);
  assert.deepEqual(brief(harness.log).slice(4), [
    "item/started commandExecution inProgress",
    'item/commandExecution/outputDelta "tick\\n"',
    'item/completed commandExecution failed 143 "tick\\n"',
    "thread/status/changed idle",
    "turn/completed T1 interrupted",
  ]);
  assert.deepEqual(harness.exec.terminated, ["100"]);
  const output = harness.writer.records.find(({ payload }) =>
    (payload as { type?: string }).type === "function_call_output"
  );
  assert.deepEqual(output?.payload, {
    type: "function_call_output",
    call_id: "c1",
    output: "aborted by user after 1.8s",
  });
});

Deno.test("interrupt() of another turn's id settles at once and changes nothing", async () => {
  const harness = new Harness({ model: [says("ok")] });
  const thread = await harness.start();
  await thread.interrupt("no such turn");
  assert.deepEqual(harness.log, []);
});

Deno.test("startTurn() queues behind a running turn under an id of its own", async () => {
  const gate = Promise.withResolvers<void>();
  const harness = new Harness({
    model: [[...opening(), gate.promise, ...saying("one", "m1"), closing()], says("two", "m2")],
  });
  const thread = await harness.start();
  const first = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "hi" }] });
  const second = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "later" }] });
  assert.notEqual(first.id, second.id);
  gate.resolve();
  await harness.ended(first.id);
  await harness.ended(second.id);
  assert.deepEqual(brief(harness.log).filter((line) => /turn|userMessage|status/.test(line)), [
    ...BEGIN,
    ...END,
    "thread/status/changed active",
    "turn/started T2",
    'item/started userMessage "later"',
    'item/completed userMessage "later"',
    "thread/status/changed idle",
    "turn/completed T2 completed",
  ]);
});

Deno.test("runTurn() has an item on disk before it tells its completion", async () => {
  const harness = new Harness({
    model: [calling(functionCall("exec_command", { cmd: "ls" }, "c1")), says("done")],
    commands: () => ({ prints: ["a\n"] }),
  });
  const thread = await harness.start();
  const unsaved: string[] = [];
  const { emit } = harness.ports.events;
  harness.ports.events.emit = (threadId, event): void => {
    const { records, saved } = harness.writer;
    if (/completed$/.test(event.method) && saved !== records.length) unsaved.push(event.method);
    emit(threadId, event);
  };
  await harness.turn(thread, "hi");
  assert.deepEqual(unsaved, []);
});

Deno.test("runTurn() fails the turn when the record cannot be written", async () => {
  const harness = new Harness({ model: [says("lost")] });
  const thread = await harness.start();
  const { CodexError } = await import("../../../src/base/errors.ts");
  const turn = harness.turn(thread, "hi");
  await harness.when("item/started", (detail) => JSON.stringify(detail).includes("agentMessage"));
  harness.writer.trouble = new CodexError("STORE_FAILED", "Cannot write the session: disk full", { hint: "Make room" });
  const log = await turn;
  assert.deepEqual(brief(log).slice(4), [
    'item/started agentMessage ""',
    'item/agentMessage/delta "lost"',
    "thread/status/changed systemError",
    "error final Cannot write the session: disk full",
    "turn/completed T1 failed",
  ]);
  assert.deepEqual(log.at(-2)?.[1], {
    turnId: "T1",
    error: { message: "Cannot write the session: disk full", codexErrorInfo: "other", additionalDetails: "Make room" },
    willRetry: false,
  });
});

Deno.test("runTurn() records a turn in the order of the recorded files", async () => {
  const harness = new Harness({
    model: [calling(functionCall("exec_command", { cmd: "cat hello.txt" }, "c1")), says("done")],
    commands: () => ({ prints: ["hello\n"] }),
  });
  await harness.turn(await harness.start(), "hi");
  assert.deepEqual(
    harness.writer.records.map(({ type, payload }) =>
      [type, (payload as { type?: string }).type, (payload as { role?: string }).role].filter(Boolean).join("/")
    ),
    [
      "event_msg/task_started",
      "response_item/message/developer",
      "response_item/message/user",
      "turn_context",
      "response_item/message/user",
      "event_msg/user_message",
      "event_msg/token_count",
      "response_item/function_call",
      "event_msg/token_count",
      "event_msg/exec_command_end",
      "response_item/function_call_output",
      "event_msg/token_count",
      "event_msg/agent_message",
      "response_item/message/assistant",
      "event_msg/token_count",
      "event_msg/task_complete",
    ],
  );
  assert.deepEqual(message("x").type, "message");
});

Deno.test("runTurn() lets a call that must run alone wait for those before it, and those after it wait", async () => {
  const first = Promise.withResolvers<void>();
  const harness = new Harness({
    model: [
      calling(
        functionCall("exec_command", { cmd: "one" }, "c1"),
        functionCall("update_plan", { plan: [] }, "c2"),
        functionCall("exec_command", { cmd: "two" }, "c3"),
      ),
      says("done"),
    ],
    commands: (cmd) => cmd === "one" ? { until: first.promise } : {},
  });
  const turn = harness.turn(await harness.start(), "hi");
  await harness.when("item/started", (detail) => JSON.stringify(detail).includes("one"));
  first.resolve();
  const lines = brief(await turn).filter((line) => /commandExecution|plan/.test(line));
  assert.deepEqual(lines, [
    "item/started commandExecution inProgress",
    "item/completed commandExecution completed 0 null",
    "turn/plan/updated",
    "item/started commandExecution inProgress",
    "item/completed commandExecution completed 0 null",
  ]);
});

Deno.test("runTurn() does not begin the calls of a response that failed for good", async () => {
  const refused = new ModelError("bad", { info: "badRequest", retryable: false });
  const script = calling(functionCall("exec_command", { cmd: "ls" }, "c1")).slice(0, -1);
  const harness = new Harness({ model: [[...script, refused], says("next")] });
  const thread = await harness.start();
  await harness.turn(thread, "hi");
  assert.deepEqual(harness.exec.requests, []);
  await harness.turn(thread, "again");
  assert.deepEqual(outputsOf(harness.model.requests[1]), ["not run: the response was not completed"]);
});
