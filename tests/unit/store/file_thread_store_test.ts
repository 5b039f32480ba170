import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { createThreadStore } from "../../../src/store/file_thread_store.ts";
import { CursorInvalid } from "../../../src/store/list_cursor.ts";
import type { ThreadListQuery, ThreadStore } from "../../../src/store/thread_store.ts";
import { answered, completed, event, line, metaLine, said, started, threadId } from "../../support/rollout_lines.ts";
import { type TempFolder, tempFolder } from "../../support/temp_folder.ts";

const clock = { nowMs: (): number => Date.now() };

interface FileSpec {
  readonly n: number;
  /** Seconds after 19:34:00. */
  readonly at?: number;
  readonly updatedAt?: number;
  readonly meta?: object;
  readonly text?: string;
  readonly folder?: string;
}

const BASE = Date.parse("2026-11-22T19:34:00Z") / 1000;

async function put(home: TempFolder, spec: FileSpec): Promise<string> {
  const { n, at = n, updatedAt = at, meta = {}, text = said(`thread ${n}`), folder = "sessions/2026/11/22" } = spec;
  const second = String(at).padStart(2, "0");
  const path = await home.write(
    `${folder}/rollout-2026-11-22T19-34-${second}-${threadId(n)}.jsonl`,
    metaLine({ id: threadId(n), timestamp: `2026-11-22T19:34:${second}.500Z`, ...meta }) + text,
  );
  await Deno.utime(path, BASE + updatedAt + 0.9, BASE + updatedAt + 0.9);
  return path;
}

const ALL: ThreadListQuery = {
  limit: 25,
  cursor: null,
  sortKey: "created_at",
  modelProviders: null,
  sources: null,
  cwd: null,
  searchTerm: null,
};

async function list(store: ThreadStore, changes: Partial<ThreadListQuery> = {}): Promise<[number[], string | null]> {
  const page = await store.list({ ...ALL, ...changes });
  return [page.threads.map((thread) => Number(thread.id.slice(-12))), page.nextCursor];
}

Deno.test("list() pages from newest to oldest, by creation and by update", async () => {
  await using home = await tempFolder();
  for (const [n, at, updatedAt] of [[1, 1, 9], [2, 2, 8], [3, 3, 7], [4, 3, 7]] as const) {
    await put(home, { n, at, updatedAt });
  }
  const store = createThreadStore({ codexHome: home.path, clock });
  const after3 = `2026-11-22T19:34:03Z|${threadId(3)}`;
  const after2 = `2026-11-22T19:34:08Z|${threadId(2)}`;
  const rows: [Partial<ThreadListQuery>, number[], string | null][] = [
    [{}, [4, 3, 2, 1], null],
    [{ limit: 4 }, [4, 3, 2, 1], null],
    [{ limit: 2 }, [4, 3], after3],
    [{ limit: 2, cursor: after3 }, [2, 1], null],
    [{ cursor: after3.replace("19:34:03Z", "19-34-03") }, [2, 1], null],
    [{ cursor: `2026-11-22T19:34:03Z|${threadId(9)}` }, [4, 3, 2, 1], null],
    [{ limit: 0 }, [4], `2026-11-22T19:34:03Z|${threadId(4)}`],
    [{ limit: 1000 }, [4, 3, 2, 1], null],
    [{ sortKey: "updated_at" }, [1, 2, 4, 3], null],
    [{ sortKey: "updated_at", limit: 2 }, [1, 2], after2],
    [{ sortKey: "updated_at", limit: 2, cursor: after2 }, [4, 3], null],
  ];
  for (const [query, ids, next] of rows) assert.deepEqual(await list(store, query), [ids, next], JSON.stringify(query));
  for (const cursor of ["bogus", "", "2026-11-22T19:34:03Z", `x|${threadId(1)}`, `${after3}|`]) {
    await assert.rejects(list(store, { cursor }), (error) => {
      assert.ok(error instanceof CursorInvalid);
      assert.equal(error.message, `invalid cursor: ${cursor}`);
      return true;
    });
  }
});

Deno.test("list() filters by source, provider, folder and words", async () => {
  await using home = await tempFolder();
  await put(home, { n: 1 });
  await put(home, { n: 2, meta: { source: "exec" } });
  await put(home, { n: 3, meta: { source: "mcp" } });
  await put(home, { n: 4, meta: { source: { subagent: "review" } } });
  await put(home, {
    n: 5,
    meta: { source: { subagent: { thread_spawn: { parent_thread_id: threadId(1), depth: 1 } } } },
  });
  await put(home, { n: 6, meta: { source: "something-new" } });
  await put(home, { n: 7, meta: { source: "cli", model_provider: "openai", cwd: "/tmp/other/" } });
  await put(home, { n: 8, meta: { source: { custom: "zed" } } });
  await home.write(
    "session_index.jsonl",
    [
      JSON.stringify({ id: threadId(1), thread_name: "old name", updated_at: "x" }),
      "torn {",
      JSON.stringify({ id: threadId(1), thread_name: "My Name", updated_at: "y" }),
    ].join("\n"),
  );
  const store = createThreadStore({ codexHome: home.path, clock });
  const rows: [Partial<ThreadListQuery>, number[]][] = [
    [{}, [7, 1]],
    [{ sources: [] }, [7, 1]],
    [{ sources: ["exec", "appServer"] }, [3, 2]],
    [{ sources: ["subAgent"] }, [5, 4]],
    [{ sources: ["subAgentReview"] }, [4]],
    [{ sources: ["subAgentThreadSpawn", "unknown"] }, [6, 5]],
    [{ modelProviders: [] }, [7, 1]],
    [{ modelProviders: ["openai"] }, [7]],
    [{ cwd: "/tmp/ws/" }, [1]],
    [{ cwd: "/tmp/other" }, [7]],
    [{ cwd: "/nope" }, []],
    [{ searchTerm: "THREAD 7" }, [7]],
    [{ searchTerm: "my name" }, [1]],
    [{ searchTerm: "old name" }, []],
  ];
  for (const [query, ids] of rows) assert.deepEqual((await list(store, query))[0], ids, JSON.stringify(query));
  assert.equal((await store.list({ ...ALL, searchTerm: "my name" })).threads[0]?.name, "My Name");
});

Deno.test("list() shows what a thread is about, and leaves out what nobody has spoken in", async () => {
  await using home = await tempFolder();
  await put(home, { n: 1, text: said("  \n spaces\n kept inside  ") });
  await put(home, { n: 2, text: said("context\n## My request for Codex:\nthe request") });
  await put(home, { n: 3, text: started("t1") });
  await put(home, {
    n: 4,
    text: line("response_item", {
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "only for the model" }],
    }),
  });
  await put(home, { n: 5, text: event("user_message", { message: "", images: ["data:x"] }) });
  const long = line("response_item", {
    type: "message",
    role: "developer",
    content: [{ type: "input_text", text: "x".repeat(90_000) }],
  });
  await put(home, { n: 6, text: long.repeat(20) + said("far down") });
  await put(home, { n: 7, text: said("broken head") });
  await home.write(`sessions/2026/11/22/rollout-2026-11-22T19-34-08-${threadId(8)}.jsonl`, "not a session\n");
  await home.write("sessions/2026/11/22/notes.txt", "not a rollout");
  const seventh = `${home.path}/sessions/2026/11/22/rollout-2026-11-22T19-34-07-${threadId(7)}.jsonl`;
  await Deno.writeTextFile(seventh, `garbage\n${await Deno.readTextFile(seventh)}`);

  await put(home, { n: 9, text: said("  ") + said("the first words") });

  const store = createThreadStore({ codexHome: home.path, clock });
  const previews = (await store.list(ALL)).threads.map((thread) => thread.preview);
  assert.deepEqual(previews, [
    "the first words",
    "broken head",
    "far down",
    "",
    "the request",
    "spaces\n kept inside",
  ]);
  assert.equal((await store.load(threadId(9))).preview, "the first words");
});

Deno.test("list() follows files that come, grow and go", async () => {
  await using home = await tempFolder();
  const store = createThreadStore({ codexHome: home.path, clock });
  assert.deepEqual(await list(store), [[], null]);
  const first = await put(home, { n: 1, text: started("t1") });
  assert.deepEqual((await list(store))[0], []);
  await Deno.writeTextFile(first, said("now"), { append: true });
  assert.deepEqual((await list(store))[0], [1]);
  await put(home, { n: 2 });
  await put(home, { n: 3, folder: "sessions/2026/11/23" });
  await put(home, { n: 4, folder: "archived_sessions" });
  assert.deepEqual((await list(store))[0], [3, 2, 1]);
  assert.deepEqual((await list(store, { archived: true }))[0], [4]);
  await Deno.utime(first, BASE + 50, BASE + 50);
  assert.equal((await store.list(ALL)).threads[2]?.updatedAt, BASE + 50);
  await Deno.remove(first);
  assert.deepEqual((await list(store))[0], [3, 2]);
});

Deno.test("load() gives back everything that resume needs", async () => {
  await using home = await tempFolder();
  const message = (role: string, text: string): object => ({
    type: "message",
    role,
    content: [{ type: role === "assistant" ? "output_text" : "input_text", text }],
  });
  const item = (payload: object): string => line("response_item", payload);
  const usage = (total: number): object => ({
    input_tokens: total - 1,
    cached_input_tokens: 0,
    output_tokens: 1,
    reasoning_output_tokens: 0,
    total_tokens: total,
  });
  const path = await put(home, {
    n: 1,
    meta: { git: { commit_hash: "abc", branch: "main" }, forked_from_id: threadId(9) },
    text: [
      started("t1"),
      item(message("developer", "rules")),
      line("turn_context", { turn_id: "t1", cwd: "/one", model: "a" }),
      item(message("user", "hi")),
      said("hi"),
      event("token_count", { info: null }),
      item(message("assistant", "hello")),
      answered("hello"),
      event("token_count", {
        info: { total_token_usage: usage(10), last_token_usage: usage(4), model_context_window: 99 },
      }),
      completed("t1"),
      // A fork carries the session of its origin along.
      metaLine({ id: threadId(9), cwd: "/origin" }),
      started("t2"),
      line("turn_context", { turn_id: "t2", cwd: "/two", model: "b" }),
    ].join(""),
  });
  const store = createThreadStore({ codexHome: home.path, clock });
  const loaded = await store.load(threadId(1));
  const zero = { cachedInputTokens: 0, reasoningOutputTokens: 0, outputTokens: 1 };
  assert.deepEqual(loaded, {
    id: threadId(1),
    path,
    preview: "hi",
    createdAt: BASE + 1,
    updatedAt: BASE + 1,
    meta: {
      id: threadId(1),
      timestamp: "2026-11-22T19:34:01.500Z",
      cwd: "/tmp/ws",
      originator: "codex-tui",
      cliVersion: "0.120.0",
      source: "vscode",
      modelProvider: "mock",
      baseInstructions: "Be brief.",
      forkedFromId: threadId(9),
      git: { sha: "abc", branch: "main", originUrl: null },
    },
    name: null,
    history: [message("developer", "rules"), message("user", "hi"), message("assistant", "hello")],
    turns: [
      {
        id: "t1",
        items: [
          { type: "userMessage", id: "item-1", content: [{ type: "text", text: "hi", text_elements: [] }] },
          { type: "agentMessage", id: "item-2", text: "hello", phase: null, memoryCitation: null },
        ],
        status: "completed",
        error: null,
        startedAt: 100,
        completedAt: 101,
        durationMs: 5,
      },
      { id: "t2", items: [], status: "interrupted", error: null, startedAt: 100, completedAt: null, durationMs: null },
    ],
    lastTurnContext: { turn_id: "t2", cwd: "/two", model: "b" },
    tokenUsage: {
      total: { ...zero, totalTokens: 10, inputTokens: 9 },
      last: { ...zero, totalTokens: 4, inputTokens: 3 },
      modelContextWindow: 99,
    },
  });
  assert.deepEqual(await store.load(path), loaded, "by path");
  assert.deepEqual(await store.load(threadId(1).toUpperCase()), loaded, "in any case");
});

Deno.test("load() passes over broken lines and keeps what is around them", async () => {
  await using home = await tempFolder();
  await put(home, {
    n: 1,
    text: started("t1") + said("a") + '{"timestamp":"2026-1\n[]\nnull\n\n' + line("from_the_future", {}) +
      '{"type":"event_msg","payload":7}\n' + answered("after") + completed("t1"),
  });
  const loaded = await createThreadStore({ codexHome: home.path, clock }).load(threadId(1));
  assert.deepEqual(loaded.turns[0]?.items.map((item) => item.type), ["userMessage", "agentMessage"]);
});

Deno.test("load() says what it did not find", async () => {
  await using home = await tempFolder();
  const empty = await home.write("empty.jsonl", "");
  const store = createThreadStore({ codexHome: home.path, clock });
  const rows = [
    [threadId(7), `no rollout found for thread id ${threadId(7)}`],
    ["/nope.jsonl", "failed to load rollout `/nope.jsonl`: No such file or directory (os error 2)"],
    [empty, `failed to load rollout \`${empty}\`: it has no session_meta record`],
  ] as const;
  for (const [key, message] of rows) {
    await assert.rejects(store.load(key), (error) => {
      assert.ok(error instanceof CodexError);
      assert.deepEqual([error.code, error.message], ["THREAD_NOT_FOUND", message]);
      return true;
    });
  }
});
