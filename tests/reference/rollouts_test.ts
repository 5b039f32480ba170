// Session files go both ways: our store reads what the reference writes and damages alike, and the reference lists,
// reads, resumes and continues what our store writes. The reference is a peer process over stdio.
import assert from "node:assert/strict";
import type { ThreadItem } from "../../src/protocol/types/item.ts";
import type { Turn } from "../../src/protocol/types/turn.ts";
import { createThreadStore } from "../../src/store/file_thread_store.ts";
import { recordOfItem } from "../../src/store/item_record.ts";
import {
  taskComplete,
  taskStarted,
  tokenCount,
  turnAborted,
  turnContextRecord,
  turnFailed,
} from "../../src/store/rollout_record.ts";
import type { RolloutItem, ThreadStore } from "../../src/store/thread_store.ts";
import { connectStdio, type RawClient } from "../support/json_rpc.ts";
import { type ModelStandIn, startModelStandIn } from "../support/model_stand_in.ts";
import { referenceCommand } from "../support/reference.ts";
import {
  answered,
  completed,
  event,
  line,
  metaLine,
  said,
  sessionMeta,
  started,
  threadId,
} from "../support/rollout_lines.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

const clock = { nowMs: (): number => Date.now() };

interface Peer extends AsyncDisposable {
  readonly home: string;
  readonly workspace: string;
  readonly store: ThreadStore;
  readonly model: ModelStandIn;
  /** Starts the reference anew over the same home; the one before it is ended. */
  start(): Promise<RawClient>;
}

async function makePeer(): Promise<Peer> {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await makeScratch());
  const model = await startModelStandIn();
  cleanup.defer(() => model.close());
  const workspace = await scratch.workspace();
  const home = await scratch.home("home", { baseUrl: model.baseUrl, trusted: [workspace] });
  const command = await referenceCommand();
  let running: RawClient | undefined;
  cleanup.defer(async () => await running?.close());
  return {
    home,
    workspace,
    model,
    store: createThreadStore({ codexHome: home, clock }),
    async start(): Promise<RawClient> {
      await running?.close();
      const { client } = connectStdio(command, { cwd: workspace, env: testEnv(home) });
      running = client;
      await client.initialize();
      return client;
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

/** Ids that the reference makes up at random when it reads turns without one. */
function withoutMadeUpIds(turns: readonly Turn[]): object[] {
  return turns.map((turn) => turn.startedAt === null ? { ...turn, id: "made up" } : turn);
}

const ITEMS: ThreadItem[] = [
  {
    type: "userMessage",
    id: "item-1",
    content: [
      { type: "text", text: "é do it", text_elements: [{ byteRange: { start: 0, end: 2 }, placeholder: "é" }] },
      { type: "localImage", path: "/tmp/none.png" },
    ],
  },
  { type: "reasoning", id: "item-2", summary: ["first", "second"], content: ["raw"] },
  { type: "agentMessage", id: "item-3", text: "Running it.", phase: "commentary", memoryCitation: null },
  {
    type: "commandExecution",
    id: "call_1",
    command: `/bin/bash -lc "echo it's; rg -n 'a b'"`,
    cwd: "/tmp/ws",
    processId: "42",
    source: "unifiedExecStartup",
    status: "failed",
    commandActions: [{ type: "search", command: "rg -n 'a b'", query: "a b", path: null }],
    aggregatedOutput: "it's\n",
    exitCode: 1,
    durationMs: 12,
  },
  {
    type: "fileChange",
    id: "call_2",
    changes: [
      { path: "/tmp/ws/a", kind: { type: "add" }, diff: "x\n" },
      {
        path: "/tmp/ws/b",
        kind: { type: "update", move_path: "/tmp/ws/c" },
        diff: "@@ -1 +1 @@\n-a\n+b\n\n\nMoved to: /tmp/ws/c",
      },
    ],
    status: "completed",
  },
  {
    type: "mcpToolCall",
    id: "call_3",
    server: "s",
    tool: "t",
    status: "completed",
    arguments: { a: 1 },
    result: { content: [{ type: "text", text: "hi" }], structuredContent: null, _meta: null },
    error: null,
    durationMs: 3,
  },
  { type: "webSearch", id: "call_4", query: "q", action: { type: "search", query: "q", queries: null } },
  { type: "imageView", id: "call_5", path: "/x.png" },
  { type: "contextCompaction", id: "item-4" },
  { type: "plan", id: "turn-plan", text: "1. do" },
  { type: "agentMessage", id: "item-5", text: "Done.", phase: null, memoryCitation: null },
];

/** A thread of ours with a completed, a failed, an interrupted and a cut-off turn. */
function ownRecords(id: string, cwd: string): RolloutItem[] {
  const turnIds = [1, 2, 3, 4].map((n) => threadId(700 + n));
  const open = (turnId: string, at: number): RolloutItem[] => [
    taskStarted({ turnId, startedAt: at, modelContextWindow: 1000 }),
    turnContextRecord({
      turnId,
      cwd,
      approvalPolicy: "on-request",
      sandboxPolicy: { type: "workspaceWrite", writableRoots: [] },
      model: "gpt-5.4",
    }),
  ];
  const end = (turnId: string, at: number): { turnId: string; completedAt: number; durationMs: number } => ({
    turnId,
    completedAt: at + 1,
    durationMs: 900,
  });
  const say = (turnId: string, text: string): RolloutItem[] => [
    { type: "response_item", payload: { type: "message", role: "user", content: [{ type: "input_text", text }] } },
    ...recordOfItem(turnId, { type: "userMessage", id: "x", content: [{ type: "text", text, text_elements: [] }] }, {
      threadId: id,
    }),
  ];
  const usage = { totalTokens: 9, inputTokens: 5, cachedInputTokens: 0, outputTokens: 4, reasoningOutputTokens: 0 };
  const [first = "", second = "", third = "", fourth = ""] = turnIds;
  return [
    ...open(first, 100),
    ...ITEMS.flatMap((item) => recordOfItem(first, item, { threadId: id })),
    tokenCount({ info: { total: usage, last: usage, modelContextWindow: 1000 }, rateLimits: null }),
    taskComplete({ ...end(first, 100), lastAgentMessage: "Done." }),
    ...open(second, 200),
    ...say(second, "fail"),
    turnFailed({
      message: "boom",
      codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: 500 } },
      additionalDetails: null,
    }),
    taskComplete({ ...end(second, 200), lastAgentMessage: null }),
    ...open(third, 300),
    ...say(third, "stop"),
    turnAborted({ ...end(third, 300), reason: "interrupted" }),
    ...open(fourth, 400),
    ...say(fourth, "killed"),
  ];
}

Deno.test("the reference lists, reads and resumes a thread that our store wrote", async () => {
  await using peer = await makePeer();
  const id = threadId(1);
  const writer = peer.store.create(sessionMeta({
    id,
    timestamp: new Date().toISOString(),
    cwd: peer.workspace,
    git: { sha: "b3b5deb840c9a0feca3ea9b4e4b0aa8aa9d532aa", branch: "main", originUrl: null },
  }));
  writer.append(ownRecords(id, peer.workspace));
  await writer.close();
  const ours = await peer.store.load(id);
  assert.deepEqual(ours.turns[0]?.items, ITEMS);
  assert.deepEqual(ours.turns.map((turn) => turn.status), ["completed", "failed", "interrupted", "interrupted"]);

  const reference = await peer.start();
  const listed = await reference.request("thread/list", {});
  assert.deepEqual(
    listed.data.map((thread: { id: string; preview: string; createdAt: number; path: string; gitInfo: object }) => [
      thread.id,
      thread.preview,
      thread.createdAt,
      thread.path,
      thread.gitInfo,
    ]),
    [[id, ours.preview, ours.createdAt, ours.path, ours.meta.git]],
  );
  const read = await reference.request("thread/read", { threadId: id, includeTurns: true });
  assert.deepEqual(read.thread.turns, ours.turns);
  const resumed = await reference.request("thread/resume", { threadId: id });
  assert.deepEqual(resumed.thread.turns, ours.turns);
  assert.equal(resumed.cwd, peer.workspace);

  // The reference goes on in our file; we read the whole again.
  const turn = await reference.turn(id, "go on");
  assert.equal(turn.turn.status, "completed");
  await peer.start();
  const after = await createThreadStore({ codexHome: peer.home, clock }).load(id);
  assert.deepEqual(after.turns.slice(0, 4), ours.turns);
  assert.deepEqual(after.turns[4]?.items.map((item) => item.type), ["userMessage", "agentMessage"]);
  const sent = JSON.stringify(peer.model.requests.at(-1)?.body["input"]);
  for (const text of ["fail", "stop", "killed", "go on"]) {
    assert.ok(sent.includes(`"${text}"`), `the model saw ${text}`);
  }
});

Deno.test("our store reads a thread that the reference wrote, and the reference reads on after us", async () => {
  await using peer = await makePeer();
  let reference = await peer.start();
  const { thread } = await reference.request("thread/start", {
    cwd: peer.workspace,
    sandbox: "danger-full-access",
    approvalPolicy: "never",
    persistExtendedHistory: true,
  });
  await reference.turn(thread.id, "hello");
  await reference.turn(thread.id, "%sh:sleep 0.3; echo x");
  await reference.turn(thread.id, "%patch:new.txt");
  reference = await peer.start();
  const theirs = await reference.request("thread/read", { threadId: thread.id, includeTurns: true });
  const loaded = await peer.store.load(thread.id);
  assert.deepEqual(loaded.turns, theirs.thread.turns);
  assert.equal(loaded.turns.length, 3);
  assert.ok(loaded.turns.flatMap((turn) => turn.items).some((item) => item.type === "fileChange"));
  const listed = await reference.request("thread/list", {});
  const ours = await peer.store.list({
    limit: 25,
    cursor: null,
    sortKey: "created_at",
    modelProviders: null,
    sources: null,
    cwd: null,
    searchTerm: null,
  });
  const facts = ["id", "path", "preview", "createdAt", "updatedAt"] as const;
  assert.deepEqual(
    ours.threads.map((entry) => facts.map((name) => entry[name])),
    listed.data.map((entry: Record<string, unknown>) => facts.map((name) => entry[name])),
  );

  const writer = await peer.store.reopen(loaded);
  const turnId = threadId(800);
  writer.append([
    taskStarted({ turnId, startedAt: 500, modelContextWindow: null }),
    ...recordOfItem(
      turnId,
      { type: "agentMessage", id: "x", text: "from us", phase: null, memoryCitation: null },
      { threadId: thread.id },
    ),
    taskComplete({ turnId, lastAgentMessage: "from us", completedAt: 501, durationMs: 1 }),
  ]);
  await writer.close();
  reference = await peer.start();
  const again = await reference.request("thread/read", { threadId: thread.id, includeTurns: true });
  assert.deepEqual(again.thread.turns, (await peer.store.load(thread.id)).turns);
  assert.equal(again.thread.turns.length, 4);
});

Deno.test("our store and the reference read odd and damaged files alike", async () => {
  const rows: [title: string, text: string][] = [
    [
      "torn lines and unknown records",
      started("t1") + said("a") + '{"timestamp":"20\n[]\nnull\n' + line("new", {}) + answered("m") + completed("t1"),
    ],
    ["a torn last line", started("t1") + said("a") + answered("m").slice(0, 50)],
    ["killed in a turn", started("t1") + said("a") + completed("t1") + started("t2") + said("b")],
    [
      "no turn records",
      said("a") + answered("m") + said("b") + event("turn_aborted", { reason: "interrupted" }) + said("c"),
    ],
    [
      "rolled back",
      started("t1") + said("a") + completed("t1") + started("t2") + said("b") + said("c") + completed("t2") +
      event("thread_rolled_back", { num_turns: 1 }) + started("t3") + said("d") + completed("t3"),
    ],
    [
      "failed without an end",
      started("t1") + said("a") + event("error", { message: "boom", codex_error_info: "other" }) + started("t2") +
      said("b"),
    ],
    [
      "an error between turns",
      started("t1") + said("a") + completed("t1") +
      event("error", { message: "late", codex_error_info: "usage_limit_exceeded" }),
    ],
    [
      "a compaction between turns",
      started("t1") + said("a") + completed("t1") + line("compacted", { message: "m", replacement_history: [] }) +
      started("t2") + completed("t2"),
    ],
    [
      "reasoning in parts",
      started("t1") + event("agent_reasoning", { text: "a" }) + event("agent_reasoning", { text: "b" }) +
      event("agent_reasoning_raw_content", { text: "c" }) + answered("m") + answered("") +
      event("agent_reasoning", { text: "d" }) + completed("t1"),
    ],
    [
      "review",
      started("t1") +
      event("entered_review_mode", { target: { type: "custom", instructions: "i" }, user_facing_hint: "hint" }) +
      event("exited_review_mode", {
        review_output: {
          findings: [],
          overall_correctness: "",
          overall_explanation: "e",
          overall_confidence_score: 0.5,
        },
      }) + completed("t1"),
    ],
    [
      "other ends of a turn",
      started("t1") + said("a") + started("t2") + said("b") + completed("t1") + answered("m") +
      event("turn_aborted", { turn_id: "t2", reason: "interrupted", completed_at: 9, duration_ms: 3 }),
    ],
  ];
  await using peer = await makePeer();
  for (const [index, [, text]] of rows.entries()) {
    const id = threadId(index + 1);
    const folder = `${peer.home}/sessions/2026/11/22`;
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/rollout-2026-11-22T19-34-15-${id}.jsonl`, metaLine({ id }) + text);
  }
  const reference = await peer.start();
  for (const [index, [title]] of rows.entries()) {
    const id = threadId(index + 1);
    const read = await reference.request("thread/read", { threadId: id, includeTurns: true });
    const ours = await peer.store.load(id);
    assert.deepEqual(withoutMadeUpIds(ours.turns), withoutMadeUpIds(read.thread.turns), title);
    assert.equal(ours.createdAt, read.thread.createdAt, title);
  }
});
