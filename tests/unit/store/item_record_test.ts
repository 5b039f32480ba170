import assert from "node:assert/strict";
import type { ThreadItem } from "../../../src/protocol/types/item.ts";
import type { TurnError } from "../../../src/protocol/types/turn.ts";
import { recordOfItem } from "../../../src/store/item_record.ts";
import { formatLine, parseLine } from "../../../src/store/rollout_line.ts";
import {
  taskComplete,
  taskStarted,
  tokenCount,
  turnAborted,
  turnContextRecord,
  turnFailed,
} from "../../../src/store/rollout_record.ts";
import { sandboxPolicyFrom, sandboxPolicyOnDisk } from "../../../src/store/sandbox_policy_record.ts";
import type { RolloutItem } from "../../../src/store/thread_store.ts";
import { turnsFromRollout } from "../../support/rollout_lines.ts";

const EXTRA = { threadId: "th" };

/** Through the text of a file and back. */
function readBack(items: readonly RolloutItem[]): RolloutItem[] {
  return items.flatMap((item) => parseLine(formatLine(item, "2026-11-22T19:34:16.784Z").trimEnd()) ?? []);
}

const ITEMS: ThreadItem[] = [
  {
    type: "userMessage",
    id: "item-1",
    content: [
      { type: "text", text: "é hi", text_elements: [{ byteRange: { start: 0, end: 2 }, placeholder: "é" }] },
      { type: "image", url: "data:x" },
      { type: "localImage", path: "/l.png" },
    ],
  },
  { type: "reasoning", id: "item-2", summary: ["a", "b"], content: ["raw"] },
  {
    type: "agentMessage",
    id: "item-3",
    text: "m",
    phase: "commentary",
    memoryCitation: { entries: [{ path: "/m", lineStart: 1, lineEnd: 2, note: "n" }], threadIds: ["x"] },
  },
  { type: "plan", id: "t1-plan", text: "do it" },
  {
    type: "commandExecution",
    id: "c1",
    command: `/bin/bash -lc "echo 'it'"`,
    cwd: "/w",
    processId: "12",
    source: "unifiedExecStartup",
    status: "failed",
    commandActions: [{ type: "search", command: "rg", query: null, path: "/p" }],
    aggregatedOutput: "out\n",
    exitCode: 3,
    durationMs: 1234,
    sandboxDenials: ["write to /etc/x refused: outside the writable folders"],
  },
  {
    type: "fileChange",
    id: "p1",
    changes: [
      { path: "/a", kind: { type: "add" }, diff: "x\n" },
      { path: "/b", kind: { type: "update", move_path: null }, diff: "@@ -1 +1 @@\n-a\n+b\n" },
      { path: "/c", kind: { type: "update", move_path: "/d" }, diff: "@@ -1 +1 @@\n-a\n+b\n\n\nMoved to: /d" },
      { path: "/e", kind: { type: "delete" }, diff: "gone\n" },
    ],
    status: "completed",
  },
  {
    type: "mcpToolCall",
    id: "m1",
    server: "s",
    tool: "t",
    status: "completed",
    arguments: { a: [1] },
    result: { content: [{ type: "text", text: "hi" }], structuredContent: { b: 2 }, _meta: null },
    error: null,
    durationMs: 7,
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
    durationMs: 0,
  },
  {
    type: "dynamicToolCall",
    id: "d1",
    tool: "tt",
    arguments: {},
    status: "completed",
    contentItems: [{ type: "inputText", text: "x" }],
    success: true,
    durationMs: 1,
  },
  { type: "webSearch", id: "w1", query: "q", action: { type: "openPage", url: "https://example.org" } },
  { type: "imageView", id: "v1", path: "/x.png" },
  { type: "imageGeneration", id: "g1", status: "completed", revisedPrompt: null, result: "zz", savedPath: "/p" },
  { type: "enteredReviewMode", id: "item-4", review: "hint" },
  { type: "exitedReviewMode", id: "item-5", review: "verdict" },
  { type: "contextCompaction", id: "item-6" },
];

Deno.test("recordOfItem() and TurnHistory agree on every kind of item", () => {
  const records = [
    taskStarted({ turnId: "t1", startedAt: 5, modelContextWindow: null }),
    ...ITEMS.flatMap((item) => recordOfItem("t1", item, EXTRA)),
    taskComplete({ turnId: "t1", lastAgentMessage: "m", completedAt: 9, durationMs: 4000 }),
  ];
  assert.deepEqual(turnsFromRollout(readBack(records)), [{
    id: "t1",
    items: ITEMS,
    status: "completed",
    error: null,
    startedAt: 5,
    completedAt: 9,
    durationMs: 4000,
  }]);
});

Deno.test("recordOfItem() records nothing for what is still going on or recorded elsewhere", () => {
  const rows: ThreadItem[] = [
    ...ITEMS.flatMap((item): ThreadItem[] =>
      item.type === "commandExecution" || item.type === "fileChange" || item.type === "mcpToolCall"
        ? [{ ...item, status: "inProgress" }]
        : []
    ),
    { type: "hookPrompt", id: "h", fragments: [] },
  ];
  for (const item of rows) assert.deepEqual(recordOfItem("t1", item, EXTRA), [], item.type);
});

Deno.test("recordOfItem() moves text elements along when texts are put together", () => {
  const [record] = recordOfItem("t1", {
    type: "userMessage",
    id: "x",
    content: [
      { type: "text", text: "oné ", text_elements: [{ byteRange: { start: 0, end: 4 }, placeholder: "p1" }] },
      { type: "skill", name: "s", path: "/s" },
      { type: "text", text: "two", text_elements: [{ byteRange: { start: 0, end: 3 } }] },
    ],
  }, EXTRA);
  assert.deepEqual(record, {
    type: "event_msg",
    payload: {
      type: "user_message",
      message: "oné two",
      images: [],
      local_images: [],
      text_elements: [
        { byte_range: { start: 0, end: 4 }, placeholder: "p1" },
        { byte_range: { start: 5, end: 8 }, placeholder: "two" },
      ],
    },
  });
});

Deno.test("turn records read back as the turn's end", () => {
  const error: TurnError = {
    message: "boom",
    codexErrorInfo: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
    additionalDetails: "later",
  };
  const end = { turnId: "t1", completedAt: 9, durationMs: 4 };
  const rows: [RolloutItem[], status: string, error: TurnError | null][] = [
    [[turnAborted({ ...end, reason: "interrupted" })], "interrupted", null],
    [[turnFailed(error), taskComplete({ ...end, lastAgentMessage: null })], "failed", error],
    [
      [turnFailed({ ...error, codexErrorInfo: "usageLimitExceeded", additionalDetails: null })],
      "failed",
      { ...error, codexErrorInfo: "usageLimitExceeded", additionalDetails: null },
    ],
  ];
  for (const [records, status, want] of rows) {
    const [turn] = turnsFromRollout(
      readBack([taskStarted({ turnId: "t1", startedAt: 1, modelContextWindow: 2 }), ...records]),
    );
    assert.deepEqual([turn?.status, turn?.error], [status, want]);
  }
});

Deno.test("tokenCount() and turnContextRecord() have the recorded fields", () => {
  const usage = { totalTokens: 9, inputTokens: 5, cachedInputTokens: 1, outputTokens: 4, reasoningOutputTokens: 2 };
  const onDisk = {
    input_tokens: 5,
    cached_input_tokens: 1,
    output_tokens: 4,
    reasoning_output_tokens: 2,
    total_tokens: 9,
  };
  assert.deepEqual(tokenCount({ info: { total: usage, last: usage, modelContextWindow: 10 }, rateLimits: null }), {
    type: "event_msg",
    payload: {
      type: "token_count",
      info: { total_token_usage: onDisk, last_token_usage: onDisk, model_context_window: 10 },
      rate_limits: null,
    },
  });
  assert.deepEqual(
    turnContextRecord({
      turnId: "t1",
      cwd: "/w",
      approvalPolicy: "never",
      sandboxPolicy: { type: "workspaceWrite", writableRoots: ["/m"] },
      model: "gpt",
      effort: "high",
    }),
    {
      type: "turn_context",
      payload: {
        turn_id: "t1",
        cwd: "/w",
        approval_policy: "never",
        sandbox_policy: {
          type: "workspace-write",
          writable_roots: ["/m"],
          network_access: false,
          exclude_tmpdir_env_var: false,
          exclude_slash_tmp: false,
        },
        model: "gpt",
        realtime_active: false,
        effort: "high",
        summary: "none",
      },
    },
  );
});

Deno.test("sandboxPolicyFrom() reads what sandboxPolicyOnDisk() writes", () => {
  const fullAccess = { type: "fullAccess" } as const;
  const rows = [
    { type: "dangerFullAccess" },
    { type: "readOnly", access: fullAccess, networkAccess: true },
    { type: "readOnly", access: fullAccess, networkAccess: false },
    {
      type: "readOnly",
      access: { type: "restricted", includePlatformDefaults: false, readableRoots: ["/r"] },
      networkAccess: false,
    },
    { type: "externalSandbox", networkAccess: "enabled" },
    {
      type: "workspaceWrite",
      writableRoots: ["/a"],
      readOnlyAccess: fullAccess,
      networkAccess: true,
      excludeTmpdirEnvVar: true,
      excludeSlashTmp: false,
    },
  ] as const;
  for (const policy of rows) {
    const read = sandboxPolicyFrom(sandboxPolicyOnDisk({ ...policy } as Parameters<typeof sandboxPolicyOnDisk>[0]));
    assert.deepEqual(read, policy);
  }
  assert.equal(sandboxPolicyFrom({ type: "unheard-of" }), null);
});
