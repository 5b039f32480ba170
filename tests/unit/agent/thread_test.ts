// Threads: what they start with, what a turn changes for good, what comes back from disk.
import assert from "node:assert/strict";
import { SteerRejected, TurnRejected } from "../../../src/agent/threads.ts";
import type { LoadedThread } from "../../../src/store/thread_store.ts";
import { brief, calling, functionCall, Harness, opening, outputsOf, says } from "./_harness.ts";

const ID = "01a204bd-779a-7e03-a54f-e762d79c8ae3";

const STORED: LoadedThread = {
  id: ID,
  path: `/sessions/${ID}.jsonl`,
  preview: "earlier",
  createdAt: 1_600_000_000,
  updatedAt: 1_600_000_100,
  name: null,
  meta: {
    id: ID,
    timestamp: "2020-09-13T12:26:40.000Z",
    cwd: "/old",
    originator: "codex-tui",
    cliVersion: "0.120.0",
    source: "vscode",
    modelProvider: "mock",
    baseInstructions: "Be brief.",
    forkedFromId: null,
    git: { sha: "abc", branch: "main", originUrl: null },
  },
  history: [
    { type: "message", role: "user", content: [{ type: "input_text", text: "earlier" }] },
    { type: "function_call", name: "exec_command", arguments: "{}", call_id: "lost" },
  ],
  turns: [{
    id: "old-turn",
    items: [],
    status: "interrupted",
    error: null,
    startedAt: 1,
    completedAt: 2,
    durationMs: 3,
  }],
  lastTurnContext: {
    turn_id: "old-turn",
    cwd: "/old",
    approval_policy: "never",
    sandbox_policy: { type: "read-only" },
    model: "gpt-5.4-mini",
    effort: "low",
  },
  tokenUsage: {
    total: { totalTokens: 5, inputTokens: 5, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 },
    last: { totalTokens: 5, inputTokens: 5, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 },
    modelContextWindow: 1000,
  },
};

Deno.test("start() answers with the settings that the configuration gives", async () => {
  const harness = new Harness();
  const thread = await harness.start({});
  assert.deepEqual(thread.settings, {
    model: "gpt-5.4",
    modelProvider: "mock",
    serviceTier: null,
    cwd: "/ws",
    approvalPolicy: "on-request",
    approvalsReviewer: "user",
    sandbox: {
      type: "workspaceWrite",
      writableRoots: ["/home/codex/memories"],
      readOnlyAccess: { type: "fullAccess" },
      networkAccess: false,
      excludeTmpdirEnvVar: true,
      excludeSlashTmp: true,
    },
    reasoningEffort: null,
  });
});

Deno.test("start() trusts an untrusted folder with nothing", async () => {
  const harness = new Harness({ config: { approvalPolicy: null, sandboxMode: null, projectTrusted: false } });
  const { settings } = await harness.start({});
  assert.deepEqual([settings.approvalPolicy, settings.sandbox], [
    "untrusted",
    { type: "readOnly", access: { type: "fullAccess" }, networkAccess: false },
  ]);
});

Deno.test("snapshot() shows preview and turns once there are any", async () => {
  const harness = new Harness({ model: [says("Hello.", "m1")] });
  const thread = await harness.start({});
  const fresh = thread.snapshot({ includeTurns: true });
  assert.deepEqual([fresh.preview, fresh.gitInfo, fresh.turns, fresh.status], ["", null, [], { type: "idle" }]);
  assert.equal(fresh.path, `/sessions/${thread.id}.jsonl`);
  await harness.turn(thread, "hi");
  const { preview, turns } = thread.snapshot({ includeTurns: true });
  assert.equal(preview, "hi");
  assert.deepEqual(turns.map(({ status, items }) => [status, items.map(({ type }) => type)]), [
    ["completed", ["userMessage", "agentMessage"]],
  ]);
});

Deno.test("start() keeps an ephemeral thread off the disk", async () => {
  const harness = new Harness({ model: [says("Hello.")] });
  const thread = await harness.start({ ephemeral: true });
  await harness.turn(thread, "hi");
  assert.deepEqual(harness.writers, []);
  const { path, ephemeral } = thread.snapshot({ includeTurns: false });
  assert.deepEqual([path, ephemeral], [null, true]);
});

Deno.test("startTurn() overrides hold for later turns, and the model is told of them once", async () => {
  const harness = new Harness({ model: [says("1"), says("2"), says("3")] });
  const thread = await harness.start({});
  await harness.turn(thread, "one");
  await harness.turn(thread, "two", {
    cwd: "/elsewhere",
    approvalPolicy: "never",
    sandboxPolicy: { type: "readOnly" },
    model: "gpt-5.4-mini",
    effort: "high",
  });
  await harness.turn(thread, "three");
  const { model, cwd, approvalPolicy, sandbox, reasoningEffort } = thread.settings;
  assert.deepEqual({ model, cwd, approvalPolicy, sandbox, reasoningEffort }, {
    model: "gpt-5.4-mini",
    cwd: "/elsewhere",
    approvalPolicy: "never",
    sandbox: { type: "readOnly", access: { type: "fullAccess" }, networkAccess: false },
    reasoningEffort: "high",
  });
  const [first, second, third] = harness.model.requests;
  assert.deepEqual([second?.model, second?.reasoningEffort, third?.model], ["gpt-5.4-mini", "high", "gpt-5.4-mini"]);
  const roles = (request: typeof first): string[] =>
    (request?.input ?? []).map((item) => item.type === "message" ? item.role : item.type);
  assert.deepEqual(roles(first), ["developer", "user", "user"]);
  assert.deepEqual(roles(second).slice(4), ["developer", "user", "user"]);
  assert.deepEqual(roles(third).slice(8), ["user"]);
  const update = JSON.stringify(second?.input[4]);
  assert.match(update, /<model_switch>.*gpt-5\.4.*<permissions instructions>/s);
  assert.match(JSON.stringify(second?.input[5]), /<cwd>\/elsewhere<\/cwd>/);
});

Deno.test("steer() refuses with the recorded messages", async () => {
  const gate = Promise.withResolvers<void>();
  const harness = new Harness({ model: [[...opening(), gate.promise, ...says("x")]] });
  const thread = await harness.start({});
  const input = [{ type: "text" as const, text: "x" }];
  const steer = (expectedTurnId: string, what: typeof input = input): () => string => () =>
    thread.steer({ threadId: thread.id, expectedTurnId, input: what });
  assert.throws(steer("x"), new SteerRejected("no active turn to steer"));
  const { id } = thread.startTurn({ threadId: thread.id, input });
  assert.throws(steer(""), new SteerRejected("expectedTurnId must not be empty"));
  assert.throws(steer(id, []), new SteerRejected("input must not be empty"));
  assert.throws(steer("wrong"), new SteerRejected(`expected active turn id \`wrong\` but found \`${id}\``));
  gate.resolve();
  await harness.ended(id);
  assert.throws(steer(id), new SteerRejected("no active turn to steer"));
});

Deno.test("resume() brings back history, turns, usage and the last turn's settings", async () => {
  const harness = new Harness({ stored: STORED, model: [says("again")] });
  const thread = await harness.agent.resume({ threadId: ID });
  const { settings } = thread;
  assert.deepEqual([settings.cwd, settings.model, settings.approvalPolicy, settings.sandbox.type], [
    "/old",
    "gpt-5.4-mini",
    "never",
    "readOnly",
  ]);
  assert.equal(settings.reasoningEffort, "low");
  const snapshot = thread.snapshot({ includeTurns: true });
  assert.deepEqual([snapshot.preview, snapshot.createdAt, snapshot.updatedAt, snapshot.gitInfo, snapshot.turns], [
    "earlier",
    1_600_000_000,
    1_600_000_100,
    STORED.meta.git,
    STORED.turns,
  ]);
  const log = await harness.turn(thread, "more");
  const request = harness.model.requests[0];
  assert.equal(request?.instructions, "Be brief.");
  assert.deepEqual(outputsOf(request), ["aborted"]);
  const usages = log.filter(([method]) => method === "thread/tokenUsage/updated").map(([, detail]) =>
    (detail as { tokenUsage: { total: { totalTokens: number } } }).tokenUsage.total.totalTokens
  );
  assert.deepEqual(usages, [5, 17]);
  assert.equal(await harness.agent.resume({ threadId: ID }), thread);
});

Deno.test("resume() of a history of the client's makes a thread that is called by its first words", async () => {
  const harness = new Harness({});
  const content = [{ type: "input_text" as const, text: "from elsewhere" }];
  const thread = await harness.agent.resume({ threadId: "any", history: [{ type: "message", role: "user", content }] });
  assert.equal(thread.snapshot({ includeTurns: false }).preview, "from elsewhere");
});

Deno.test("resume() takes what the request asks for over what was", async () => {
  const harness = new Harness({ stored: STORED });
  const { settings } = await harness.agent.resume({
    threadId: ID,
    model: "gpt-5.4",
    approvalPolicy: "on-request",
    sandbox: "workspace-write",
    cwd: "/new",
  });
  assert.deepEqual([settings.cwd, settings.model, settings.approvalPolicy, settings.sandbox.type], [
    "/new",
    "gpt-5.4",
    "on-request",
    "workspaceWrite",
  ]);
});

Deno.test("resume() takes the configured effort where the last turn named none", async () => {
  const context = { turn_id: "old-turn", cwd: "/old", model: "gpt-5.4" };
  for (const [recorded, expected] of [[{ effort: "low" }, "low"], [{}, "high"]] as const) {
    const harness = new Harness({
      stored: { ...STORED, lastTurnContext: { ...context, ...recorded } },
      config: { reasoningEffort: "high" },
    });
    assert.equal((await harness.agent.resume({ threadId: ID })).settings.reasoningEffort, expected);
  }
});

Deno.test("resume() of an unknown thread is refused", async () => {
  const harness = new Harness();
  await assert.rejects(harness.agent.resume({ threadId: ID }), { code: "THREAD_NOT_FOUND" });
});

Deno.test("interrupt() of a waiting turn ends it without running it", async () => {
  const gate = Promise.withResolvers<void>();
  const harness = new Harness({ model: [[...opening(), gate.promise, ...says("x", "m")]] });
  const thread = await harness.start({});
  const input = [{ type: "text" as const, text: "x" }];
  const first = thread.startTurn({ threadId: thread.id, input });
  const second = thread.startTurn({ threadId: thread.id, input });
  await thread.interrupt(second.id);
  gate.resolve();
  await harness.ended(first.id);
  assert.deepEqual(brief(harness.log).filter((line) => line.startsWith("turn/")), [
    "turn/started T1",
    "turn/completed T2 interrupted",
    "turn/completed T1 completed",
  ]);
});

Deno.test("exec_command leaves a command running, write_stdin reaches it, its item ends with it", async () => {
  const end = Promise.withResolvers<void>();
  const harness = new Harness({
    model: [
      calling(functionCall("exec_command", { cmd: "cat", tty: true }, "c1")),
      calling(functionCall("write_stdin", { session_id: 100, chars: "hey\n" }, "c2")),
      says("left running"),
      calling(functionCall("write_stdin", { session_id: 7 }, "c3")),
      says("ok"),
    ],
    commands: () => ({ prints: ["ready\n"], until: end.promise, answers: (chars) => `got ${chars}` }),
  });
  const thread = await harness.start({});
  const from = harness.log.length;
  const turn = harness.turn(thread, "hi");
  await harness.when("item/commandExecution/outputDelta");
  await harness.passTime();
  await turn;
  const outputs = outputsOf(harness.model.requests[2]).map((output) =>
    String(output).replace(/^Chunk ID: \w{6}\n/, "")
  );
  assert.deepEqual(outputs, [
    "Wall time: 0.0000 seconds\nProcess running with session ID 100\nOriginal token count: 2\nOutput:\nready\n",
    "Wall time: 0.0000 seconds\nProcess running with session ID 100\nOriginal token count: 2\nOutput:\ngot hey\n",
  ]);
  assert.deepEqual(brief(harness.log.slice(from)).slice(4, 8), [
    "item/started commandExecution inProgress",
    'item/commandExecution/outputDelta "ready\\n"',
    "item/commandExecution/terminalInteraction",
    'item/commandExecution/outputDelta "got hey\\n"',
  ]);
  end.resolve();
  await harness.when("item/completed", (detail) => JSON.stringify(detail).includes("commandExecution"));
  assert.equal(brief(harness.log).at(-1), 'item/completed commandExecution completed 0 "ready\\ngot hey\\n"');
  await harness.turn(thread, "again");
  assert.match(String(outputsOf(harness.model.requests[4]).at(-1)), /^write_stdin failed: .*session id 7$/);
});

Deno.test("interrupt() ends the commands that the turn left in the background, and only those", async () => {
  const asked = Promise.withResolvers<void>();
  const harness = new Harness({
    model: [
      calling(functionCall("exec_command", { cmd: "old" }, "c1")),
      says("left"),
      calling(functionCall("exec_command", { cmd: "new" }, "c2")),
      [() => asked.resolve(), ...opening(), new Promise(() => {})],
    ],
    commands: () => ({ prints: ["up\n"], until: new Promise(() => {}) }),
  });
  const thread = await harness.start({});
  const first = harness.turn(thread, "one");
  await harness.when("item/commandExecution/outputDelta");
  await harness.passTime();
  await first;
  const { id } = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "two" }] });
  await harness.when("item/commandExecution/outputDelta", (detail) => (detail as { turnId: string }).turnId === "T2");
  await harness.passTime();
  await asked.promise;
  await thread.interrupt(id);
  assert.deepEqual(harness.exec.terminated, ["101"]);
  assert.deepEqual(brief(harness.log).slice(-3), [
    'item/completed commandExecution failed 143 "up\\n"',
    "thread/status/changed idle",
    "turn/completed T2 interrupted",
  ]);
  await harness.agent.unload(thread.id);
  assert.deepEqual(harness.exec.terminated, ["101", "100"]);
});

Deno.test("shutdown() waits for running turns until it may not", async () => {
  const harness = new Harness({ model: [[...opening(), new Promise(() => {})]] });
  const thread = await harness.start({});
  thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "hi" }] });
  await harness.when("account/rateLimits/updated");
  const patience = new AbortController();
  const done = harness.agent.shutdown(patience.signal);
  assert.equal(thread.status.type, "active");
  patience.abort();
  await done;
  assert.equal(brief(harness.log).at(-1), "turn/completed T1 interrupted");
  assert.deepEqual(harness.agent.loadedIds(), []);
});

/** Throws while a turn is prepared, as long as it is armed. */
function fragile(): { environment: Readonly<Record<string, string>>; arm(isArmed: boolean): void } {
  let isArmed = false;
  const environment = new Proxy<Record<string, string>>({}, {
    get: (_target, key) => {
      if (isArmed && key === "SHELL") throw new RangeError("no such thing");
      return undefined;
    },
  });
  return { environment, arm: (on) => void (isArmed = on) };
}

const UNPREPARED = [
  "thread/status/changed active",
  "turn/started T1",
  'item/started userMessage "one"',
  'item/completed userMessage "one"',
  "thread/status/changed systemError",
  "error final no such thing",
  "turn/completed T1 failed",
];

Deno.test("startTurn() ends a turn that cannot be prepared, and keeps what was said", async () => {
  const { environment, arm } = fragile();
  const harness = new Harness({ environment, model: [says("ok")] });
  const thread = await harness.start({});
  arm(true);
  assert.deepEqual(brief(await harness.turn(thread, "one")), UNPREPARED);
  assert.deepEqual(thread.status, { type: "systemError" });
  const records = harness.writer.records.map(({ payload }) => "type" in payload ? payload.type : "");
  assert.deepEqual(records, ["task_started", "message", "user_message", "error", "task_complete"]);
  arm(false);
  assert.equal(brief(await harness.turn(thread, "two")).at(-1), "turn/completed T2 completed");
  assert.match(JSON.stringify(harness.model.requests[0]?.input), /"one".*"two"/);
});

Deno.test("startTurn() ends a waiting turn that cannot be prepared, and runs the next", async () => {
  const { environment, arm } = fragile();
  const gate = Promise.withResolvers<void>();
  const harness = new Harness({ environment, model: [[...opening(), gate.promise, ...says("x")], says("ok")] });
  const thread = await harness.start({});
  const start = (text: string): string => thread.startTurn({ threadId: thread.id, input: [{ type: "text", text }] }).id;
  const [first, second, third] = [start("one"), start("two"), start("three")];
  arm(true);
  gate.resolve();
  await harness.ended(first);
  await harness.when("thread/status/changed", (detail) => JSON.stringify(detail).includes("systemError"));
  arm(false);
  await harness.ended(second);
  await harness.ended(third);
  assert.deepEqual(brief(harness.log).filter((line) => line.startsWith("turn/")), [
    "turn/started T1",
    "turn/completed T1 completed",
    "turn/started T2",
    "turn/completed T2 failed",
    "turn/started T3",
    "turn/completed T3 completed",
  ]);
});

Deno.test("startTurn() takes a null service tier as none, and an absent one as the one before", async () => {
  const harness = new Harness({ config: { serviceTier: "fast" }, model: [says("1"), says("2"), says("3"), says("4")] });
  const thread = await harness.start({});
  await harness.turn(thread, "one", { serviceTier: "flex" });
  await harness.turn(thread, "two");
  await harness.turn(thread, "three", { serviceTier: null });
  await harness.turn(thread, "four");
  assert.deepEqual(harness.model.requests.map(({ serviceTier }) => serviceTier), ["flex", "flex", null, null]);
  assert.equal((await harness.start({})).settings.serviceTier, "fast");
  assert.equal((await harness.start({ serviceTier: null })).settings.serviceTier, null);
});

Deno.test("startTurn() lets a mode decide on the effort, and a mode without instructions end the one before", async () => {
  const harness = new Harness({ model: [says("1"), says("2"), says("3"), says("4")] });
  const thread = await harness.start({});
  const mode = (mode: "plan" | "default", settings: object): object => ({
    collaborationMode: { mode, settings: { model: "gpt-5.4", ...settings } },
  });
  await harness.turn(thread, "one", mode("plan", { reasoning_effort: "high", developer_instructions: "Only plan." }));
  await harness.turn(thread, "two");
  await harness.turn(thread, "three", { effort: "low" });
  await harness.turn(thread, "four", {
    effort: "xhigh",
    ...mode("default", { reasoning_effort: null, developer_instructions: null }),
  });
  const { requests } = harness.model;
  assert.deepEqual(requests.map(({ reasoningEffort }) => reasoningEffort), ["high", "high", "low", "medium"]);
  assert.equal(thread.settings.reasoningEffort, null);
  const notes = (requests[3]?.input ?? []).filter((item) => JSON.stringify(item).includes("<collaboration_mode>"));
  assert.equal(notes.length, 2);
  assert.match(JSON.stringify(notes[1]), /"developer".*is over/);
  const contexts = harness.writer.records.flatMap(({ type, payload }) => type === "turn_context" ? [payload] : []);
  assert.deepEqual(contexts.map((context) => context["collaboration_mode"]), [
    { mode: "plan", settings: { model: "gpt-5.4", reasoning_effort: "high", developer_instructions: "Only plan." } },
    { mode: "plan", settings: { model: "gpt-5.4", reasoning_effort: "high", developer_instructions: "Only plan." } },
    { mode: "plan", settings: { model: "gpt-5.4", reasoning_effort: "low", developer_instructions: "Only plan." } },
    { mode: "default", settings: { model: "gpt-5.4", reasoning_effort: null, developer_instructions: null } },
  ]);
});

Deno.test("snapshot() tells where the thread began, its settings where it is", async () => {
  const harness = new Harness({ stored: STORED, model: [says("1"), says("2")] });
  const fresh = await harness.start({});
  await harness.turn(fresh, "hi", { cwd: "/tmp" });
  assert.deepEqual([fresh.snapshot({ includeTurns: false }).cwd, fresh.settings.cwd], ["/ws", "/tmp"]);
  const resumed = await harness.agent.resume({ threadId: ID, cwd: "/new" });
  assert.deepEqual([resumed.snapshot({ includeTurns: false }).cwd, resumed.settings.cwd], ["/old", "/new"]);
});

Deno.test("startTurn() and steer() refuse what would wait without end, and lose nothing that they took", async () => {
  const gate = Promise.withResolvers<void>();
  const harness = new Harness({ model: [[...opening(), gate.promise, ...says("x", "m")]] });
  const thread = await harness.start({});
  const input = [{ type: "text" as const, text: "x" }];
  const { id } = thread.startTurn({ threadId: thread.id, input });
  await harness.when("account/rateLimits/updated");
  const steer = (): string => thread.steer({ threadId: thread.id, expectedTurnId: id, input });
  for (let count = 0; count < 64; count++) {
    steer();
    thread.startTurn({ threadId: thread.id, input });
  }
  assert.throws(steer, new SteerRejected("too many inputs wait for the active turn: 64; retry later"));
  const refusal = new TurnRejected(`too many turns wait on thread ${thread.id}: 64; retry later`);
  assert.throws(() => thread.startTurn({ threadId: thread.id, input }), refusal);
  gate.resolve();
  await harness.when("turn/completed", (detail) => (detail as { turn: { id: string } }).turn.id === "T65");
  const heard = brief(harness.log).filter((line) => line.startsWith("item/completed userMessage"));
  assert.equal(heard.length, 1 + 64 + 64);
});

Deno.test("write_stdin finds no command that another call still waits for, and gives up when interrupted", async () => {
  const harness = new Harness({
    model: [
      calling(
        functionCall("exec_command", { cmd: "one", yield_time_ms: 30_000 }, "c1"),
        functionCall("write_stdin", { session_id: 100, chars: "x" }, "c2"),
      ),
      calling(functionCall("write_stdin", { session_id: 100, chars: "x" }, "c3")),
    ],
    commands: () => ({ prints: ["up\n"], until: new Promise(() => {}), answers: () => "" }),
  });
  const thread = await harness.start({});
  const { id } = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text: "hi" }] });
  await harness.when("item/commandExecution/outputDelta");
  const session = harness.exec.find("100");
  assert.ok(session !== undefined);
  // Its terminal is full, and it does not read.
  session.write = () => new Promise(() => {});
  await harness.passTime();
  await harness.when("item/commandExecution/terminalInteraction");
  assert.match(String(outputsOf(harness.model.requests[1])[1]), /^write_stdin failed: .*session id 100$/);
  await thread.interrupt(id);
  assert.deepEqual(brief(harness.log).slice(-3), [
    'item/completed commandExecution failed 143 "up\\n"',
    "thread/status/changed idle",
    "turn/completed T1 interrupted",
  ]);
});
