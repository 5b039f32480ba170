import assert from "node:assert/strict";
import fc from "fast-check";
import { Value } from "typebox/value";
import { pickFields } from "../../../src/model/pick_fields.ts";
import { ResponseItem } from "../../../src/protocol/types/response_item.ts";

Deno.test("pickFields() keeps what the schema knows, at every depth", () => {
  const rows: [unknown, unknown][] = [
    [
      { type: "message", role: "user", extra: 1, content: [{ type: "output_text", text: "x", annotations: [] }] },
      { type: "message", role: "user", content: [{ type: "output_text", text: "x" }] },
    ],
    [
      { type: "message", role: "user", id: null, phase: null, content: [] },
      { type: "message", role: "user", id: null, phase: null, content: [] },
    ],
    [{ type: "message", role: "user", content: [{ type: "future", text: "x" }] }, null],
    [{ type: "message", role: 3, content: [] }, null],
    [{ type: "message", role: "user" }, null],
    [{ type: "tool_search_output", status: "s", execution: "e", tools: [{ any: [1] }, 3] }, {
      type: "tool_search_output",
      status: "s",
      execution: "e",
      tools: [{ any: [1] }, 3],
    }],
    [
      {
        type: "local_shell_call",
        status: "completed",
        action: { type: "exec", command: ["a"], env: { A: "b" }, timeout_ms: 5, x: 1 },
      },
      {
        type: "local_shell_call",
        status: "completed",
        action: { type: "exec", command: ["a"], env: { A: "b" }, timeout_ms: 5 },
      },
    ],
    [{ type: "local_shell_call", status: "completed", action: { type: "exec", command: [], timeout_ms: 1.5 } }, null],
    [{ type: "nope" }, null],
    [null, null],
    [[], null],
    ["message", null],
  ];
  for (const [value, expected] of rows) assert.deepEqual(pickFields(ResponseItem, value), expected);
});

Deno.test("pickFields() gives only what the schema itself accepts", () => {
  const anything = fc.object({ key: fc.constantFrom("type", "role", "content", "text", "summary", "id", "call_id") });
  const type = fc.constantFrom("message", "reasoning", "function_call", "compaction", "other");
  fc.assert(fc.property(anything, type, (value, name) => {
    const picked = pickFields(ResponseItem, { ...value, type: name });
    if (picked !== null) assert.ok(Value.Check(ResponseItem, picked));
  }));
});
