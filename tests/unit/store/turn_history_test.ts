// The wanted values are what the reference answers to `thread/read` for the same records.
import assert from "node:assert/strict";
import { parseLine } from "../../../src/store/rollout_line.ts";
import type { RolloutItem } from "../../../src/store/thread_store.ts";
import { answered, completed, event, line, said, started, turnsFromRollout } from "../../support/rollout_lines.ts";

function records(...lines: string[]): RolloutItem[] {
  return lines.join("").split("\n").flatMap((text) => parseLine(text) ?? []);
}

/** Turns in short: id, status, times, error, items. */
function show(...lines: string[]): unknown[] {
  return turnsFromRollout(records(...lines)).map((turn) => [
    turn.id,
    turn.status,
    ...(turn.error === null ? [] : [turn.error]),
    ...(turn.completedAt === null ? [] : [[turn.startedAt, turn.completedAt, turn.durationMs]]),
    ...turn.items.map((item) => {
      const { type, id, ...rest } = item;
      if (type === "userMessage" || type === "agentMessage") {
        return `${type} ${id} ${"text" in item ? item.text : JSON.stringify(Object.values(rest))}`;
      }
      return { type, id, ...rest };
    }),
  ]);
}

const user = (id: string, text: string): string =>
  `userMessage ${id} [[${JSON.stringify({ type: "text", text, text_elements: [] })}]]`;
const DONE = [100, 101, 5];

Deno.test("TurnHistory ends turns as their records say", () => {
  const rows: [title: string, lines: string[], want: unknown[]][] = [
    ["completed", [started("t1"), said("a"), answered("m"), completed("t1")], [
      ["t1", "completed", DONE, user("item-1", "a"), "agentMessage item-2 m"],
    ]],
    ["empty", [started("t1"), completed("t1")], [["t1", "completed", DONE]]],
    ["cut off by a kill", [started("t1"), said("a")], [["t1", "interrupted", user("item-1", "a")]]],
    ["cut off, then another", [started("t1"), said("a"), started("t2"), answered("m"), completed("t2")], [
      ["t1", "interrupted", user("item-1", "a")],
      ["t2", "completed", DONE, "agentMessage item-2 m"],
    ]],
    ["aborted", [
      started("t1"),
      said("a"),
      event("turn_aborted", { turn_id: "t1", reason: "interrupted", completed_at: 9, duration_ms: 3 }),
      started("t2"),
      event("turn_aborted", { reason: "replaced" }),
    ], [["t1", "interrupted", [100, 9, 3], user("item-1", "a")], ["t2", "interrupted"]]],
    ["failed", [
      started("t1"),
      event("error", {
        message: "boom",
        codex_error_info: { response_stream_disconnected: { http_status_code: 401 } },
        additional_details: "more",
      }),
      completed("t1"),
    ], [["t1", "failed", {
      message: "boom",
      codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: 401 } },
      additionalDetails: "more",
    }, DONE]]],
    ["an error that is not the turn's", [
      started("t1"),
      event("error", { message: "no", codex_error_info: "thread_rollback_failed" }),
      completed("t1"),
      event("error", { message: "late", codex_error_info: "usage_limit_exceeded" }),
    ], [["t1", "completed", DONE]]],
    ["rolled back; item numbers go on from what is left", [
      started("t1"),
      said("a"),
      completed("t1"),
      started("t2"),
      said("b"),
      said("b2"),
      completed("t2"),
      event("thread_rolled_back", { num_turns: 1 }),
      started("t3"),
      said("c"),
      completed("t3"),
    ], [["t1", "completed", DONE, user("item-1", "a")], ["t3", "completed", DONE, user("item-2", "c")]]],
    ["rolled back further than there are turns", [
      started("t1"),
      completed("t1"),
      event("thread_rolled_back", { num_turns: 99 }),
    ], []],
  ];
  for (const [title, lines, want] of rows) assert.deepEqual(show(...lines), want, title);
});

Deno.test("TurnHistory reads files without turn records", () => {
  const turns = turnsFromRollout(records(said("a"), answered("m1"), said("b"), event("turn_aborted"), said("c")));
  assert.deepEqual(turns.map((turn) => [turn.status, turn.items.map((item) => item.id)]), [
    ["completed", ["item-1", "item-2"]],
    ["interrupted", ["item-3"]],
    ["completed", ["item-4"]],
  ]);
  assert.equal(new Set(turns.map((turn) => turn.id)).size, 3);
  assert.deepEqual(turnsFromRollout(records(said("a"))), turnsFromRollout(records(said("a"))), "ids are stable");
});

Deno.test("TurnHistory puts items together and in their turn", () => {
  const exec = (fields: object): string =>
    event("exec_command_end", {
      call_id: "c1",
      process_id: "7",
      turn_id: "t1",
      command: ["/bin/bash", "-lc", "echo x"],
      cwd: "/w",
      parsed_cmd: [
        { type: "read", cmd: "cat f", name: "f", path: "f" },
        { type: "list_files", cmd: "ls", path: null },
        { type: "search", cmd: "rg x", query: "x", path: null },
        { type: "unknown", cmd: "echo x" },
      ],
      source: "unified_exec_startup",
      aggregated_output: "x\n",
      exit_code: 0,
      duration: { secs: 1, nanos: 5_000_000 },
      status: "completed",
      ...fields,
    });
  const command = {
    type: "commandExecution",
    id: "c1",
    command: "/bin/bash -lc 'echo x'",
    cwd: "/w",
    processId: "7",
    source: "unifiedExecStartup",
    status: "completed",
    commandActions: [
      { type: "read", command: "cat f", name: "f", path: "f" },
      { type: "listFiles", command: "ls", path: null },
      { type: "search", command: "rg x", query: "x", path: null },
      { type: "unknown", command: "echo x" },
    ],
    aggregatedOutput: "x\n",
    exitCode: 0,
    durationMs: 1005,
  };
  const rows: [title: string, lines: string[], want: unknown[]][] = [
    ["reasoning parts are one item", [
      started("t1"),
      event("agent_reasoning", { text: "r1" }),
      event("agent_reasoning", { text: "r2" }),
      event("agent_reasoning_raw_content", { text: "raw" }),
      answered("m"),
      event("agent_reasoning", { text: "r3" }),
      completed("t1"),
    ], [[
      "t1",
      "completed",
      DONE,
      { type: "reasoning", id: "item-1", summary: ["r1", "r2"], content: ["raw"] },
      "agentMessage item-2 m",
      {
        type: "reasoning",
        id: "item-3",
        summary: ["r3"],
        content: [],
      },
    ]]],
    ["a command that ends after its turn belongs to it", [
      started("t1"),
      completed("t1"),
      started("t2"),
      exec({}),
      completed("t2"),
    ], [["t1", "completed", DONE, command], ["t2", "completed", DONE]]],
    ["of an unknown turn", [started("t1"), exec({ turn_id: "nope" }), completed("t1")], [["t1", "completed", DONE]]],
    ["the same id again replaces", [
      started("t1"),
      exec({}),
      exec({ aggregated_output: "", exit_code: -1, status: "declined" }),
      completed("t1"),
    ], [["t1", "completed", DONE, { ...command, aggregatedOutput: null, exitCode: -1, status: "declined" }]]],
    ["a patch, sorted by path", [
      started("t1"),
      event("patch_apply_end", {
        call_id: "p1",
        turn_id: "t1",
        success: false,
        changes: {
          "/b": { type: "update", unified_diff: "@@ x\n", move_path: "/z" },
          "/a": { type: "add", content: "q" },
          "/c": { type: "delete", content: "r" },
        },
        status: "declined",
      }),
      completed("t1"),
    ], [["t1", "completed", DONE, {
      type: "fileChange",
      id: "p1",
      changes: [
        { path: "/a", kind: { type: "add" }, diff: "q" },
        { path: "/b", kind: { type: "update", move_path: "/z" }, diff: "@@ x\n\n\nMoved to: /z" },
        { path: "/c", kind: { type: "delete" }, diff: "r" },
      ],
      status: "declined",
    }]]],
    ["other tools", [
      started("t1"),
      event("mcp_tool_call_end", {
        call_id: "m1",
        invocation: { server: "s", tool: "t", arguments: { a: 1 } },
        duration: { secs: 1, nanos: 0 },
        result: { Ok: { content: [{ type: "text", text: "hi" }] } },
      }),
      event("mcp_tool_call_end", {
        call_id: "m2",
        invocation: { server: "s", tool: "t", arguments: null },
        duration: { secs: 1, nanos: 0 },
        result: { Err: "bad" },
      }),
      event("web_search_end", { call_id: "w1", query: "q", action: { type: "search", query: "q" } }),
      event("view_image_tool_call", { call_id: "v1", path: "/x.png" }),
      event("context_compacted"),
      event("item_completed", { turn_id: "t1", item: { type: "Plan", id: "t1-plan", text: "p" } }),
      completed("t1"),
    ], [[
      "t1",
      "completed",
      DONE,
      {
        type: "mcpToolCall",
        id: "m1",
        server: "s",
        tool: "t",
        status: "completed",
        arguments: { a: 1 },
        result: { content: [{ type: "text", text: "hi" }], structuredContent: null, _meta: null },
        error: null,
        durationMs: 1000,
      },
      {
        type: "mcpToolCall",
        id: "m2",
        server: "s",
        tool: "t",
        status: "failed",
        arguments: null,
        result: null,
        error: { message: "bad" },
        durationMs: 1000,
      },
      { type: "webSearch", id: "w1", query: "q", action: { type: "search", query: "q", queries: null } },
      {
        type: "imageView",
        id: "v1",
        path: "/x.png",
      },
      { type: "contextCompaction", id: "item-1" },
      { type: "plan", id: "t1-plan", text: "p" },
    ]]],
    ["nothing of what is unknown or empty", [
      started("t1"),
      answered(""),
      event("agent_reasoning", { text: "" }),
      event("stream_error", { message: "x" }),
      event("from_the_future", { call_id: "x" }),
      completed("t1"),
    ], [["t1", "completed", DONE]]],
  ];
  for (const [title, lines, want] of rows) assert.deepEqual(show(...lines), want, title);
});

Deno.test("TurnHistory reads images and text elements of a message", () => {
  const [turn] = turnsFromRollout(records(event("user_message", {
    message: "hi [img]",
    images: ["data:x"],
    local_images: ["/tmp/l.png"],
    text_elements: [{ byte_range: { start: 3, end: 8 }, placeholder: "[img]" }],
  })));
  assert.deepEqual(turn?.items, [{
    type: "userMessage",
    id: "item-1",
    content: [
      { type: "text", text: "hi [img]", text_elements: [{ byteRange: { start: 3, end: 8 }, placeholder: "[img]" }] },
      { type: "image", url: "data:x" },
      { type: "localImage", path: "/tmp/l.png" },
    ],
  }]);
});

Deno.test("TurnHistory keeps a compaction that stands between turns", () => {
  const turns = turnsFromRollout(
    records(started("t1"), completed("t1"), line("compacted", { message: "m", replacement_history: [] })),
  );
  assert.deepEqual(turns.map((turn) => turn.items), [[], []]);
});
