// What the operator learns of the agent's events, and that clients get them unchanged.
import assert from "node:assert/strict";
import type { AgentEvent, EventNote } from "../../../src/agent/events.ts";
import { SILENT_LOG } from "../../../src/base/log.ts";
import type { AuditRecord } from "../../../src/server/audit.ts";
import { NO_METRICS } from "../../../src/server/metrics.ts";
import { observeEvents } from "../../../src/server/observe_events.ts";

const THREAD = { threadId: "t" };

function usage(total: number, last: number): AgentEvent {
  const counts = (totalTokens: number) => ({
    totalTokens,
    inputTokens: totalTokens - 1,
    cachedInputTokens: 0,
    outputTokens: 1,
    reasoningOutputTokens: 0,
  });
  const tokenUsage = { total: counts(total), last: counts(last), modelContextWindow: null };
  return { method: "thread/tokenUsage/updated", params: { ...THREAD, turnId: "u", tokenUsage } };
}

function command(status: "completed" | "declined"): AgentEvent {
  const exitCode = status === "completed" ? 0 : null;
  return {
    method: "item/completed",
    params: {
      ...THREAD,
      turnId: "u",
      item: {
        type: "commandExecution",
        id: "i",
        command: "ls -l",
        cwd: "/w",
        processId: null,
        source: "agent",
        status,
        commandActions: [],
        aggregatedOutput: "secret output",
        exitCode,
        durationMs: exitCode,
      },
    },
  };
}

Deno.test("observeEvents() passes events on and tells commands, turns and tokens", () => {
  const passed: unknown[] = [];
  const counted: unknown[] = [];
  const records: AuditRecord[] = [];
  const sink = observeEvents({ emit: (...all) => void passed.push(all) }, {
    log: SILENT_LOG,
    metrics: { ...NO_METRICS, modelTokens: ({ input, output }) => void counted.push([input, output]) },
    audit: { record: (record) => void records.push(record) },
  });
  const sent: [string, AgentEvent, EventNote | undefined][] = [
    ["t", usage(10, 10), undefined],
    ["t", usage(10, 10), undefined],
    ["t", usage(30, 20), undefined],
    ["t", command("completed"), { sandbox: "workspace-write" }],
    ["t", command("declined"), undefined],
    // A resumed thread tells what its last turn used: nothing new.
    ["old", usage(500, 40), undefined],
    ["old", usage(530, 30), undefined],
  ];
  for (const [threadId, event, note] of sent) sink.emit(threadId, event, note);
  sink.commandRefused?.({ threadId: "t", turnId: "u", itemId: "j", command: "rm -rf /", cwd: "/" });
  assert.deepEqual(passed, sent);
  assert.deepEqual(counted, [[9, 1], [19, 1], [29, 1]]);
  const base = { event: "command", threadId: "t", turnId: "u" };
  const ran = { ...base, itemId: "i", command: "ls -l", cwd: "/w" };
  assert.deepEqual(records, [
    { ...ran, sandbox: "workspace-write", status: "completed", exitCode: 0, durationMs: 0 },
    { ...ran, sandbox: "not run", status: "declined", exitCode: null, durationMs: null },
    {
      ...base,
      itemId: "j",
      command: "rm -rf /",
      cwd: "/",
      sandbox: "not run",
      status: "refused",
      exitCode: null,
      durationMs: null,
    },
  ]);
});
