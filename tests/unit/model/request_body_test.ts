import assert from "node:assert/strict";
import type { ModelRequest } from "../../../src/model/model_client.ts";
import { toRequestBody } from "../../../src/model/request_body.ts";
import type { ResponseItem } from "../../../src/protocol/types/response_item.ts";

const REQUEST: ModelRequest = {
  model: "gpt-5.4",
  instructions: "i",
  input: [],
  tools: [{ type: "web_search", external_web_access: false }],
  reasoningEffort: null,
  reasoningSummary: null,
  verbosity: null,
  serviceTier: null,
  outputSchema: null,
  threadId: "t",
  turnId: "u",
};

Deno.test("toRequestBody() fills in what the model takes, as recorded", () => {
  const rows: [string, Partial<ModelRequest>, Record<string, unknown>][] = [
    ["defaults", {}, {
      reasoning: { effort: "medium" },
      text: { verbosity: "low" },
      parallel_tool_calls: true,
      service_tier: undefined,
    }],
    ["asked for", { reasoningEffort: "low", reasoningSummary: "concise", verbosity: "high", serviceTier: "fast" }, {
      reasoning: { effort: "low", summary: "concise" },
      text: { verbosity: "high" },
      service_tier: "priority",
    }],
    ["flex", { serviceTier: "flex" }, { service_tier: "flex" }],
    ["no summary", { model: "gpt-5.2", reasoningSummary: "none" }, { reasoning: { effort: "medium" } }],
    ["a default summary", { model: "gpt-5.2" }, { reasoning: { effort: "medium", summary: "auto" } }],
    ["no verbosity", { model: "gpt-5.2-codex", verbosity: "high" }, { text: undefined }],
    ["no tools", { tools: [] }, { parallel_tool_calls: false, tools: [] }],
    ["an unknown model", { model: "unknown", reasoningEffort: "high", verbosity: "low" }, {
      reasoning: null,
      include: [],
      text: undefined,
      parallel_tool_calls: false,
    }],
    ["a schema for the answer", { outputSchema: { type: "object" } }, {
      text: {
        verbosity: "low",
        format: { type: "json_schema", strict: true, schema: { type: "object" }, name: "codex_output_schema" },
      },
    }],
  ];
  for (const [name, change, expected] of rows) {
    const body = toRequestBody({ ...REQUEST, ...change }, undefined);
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, body[key]])), expected, name);
    assert.equal("client_metadata" in body, false);
  }
});

Deno.test("toRequestBody() gives items back as recorded: no ids, no nulls, nothing of our own", () => {
  const rows: [ResponseItem, Record<string, unknown> | null][] = [
    [
      { type: "message", id: "m", role: "assistant", phase: "commentary", end_turn: null, content: [] },
      { type: "message", role: "assistant", phase: "commentary", content: [] },
    ],
    [
      { type: "reasoning", summary: [], encrypted_content: "e" },
      { type: "reasoning", summary: [], content: null, encrypted_content: "e" },
    ],
    [
      { type: "reasoning", summary: [], content: [{ type: "reasoning_text", text: "x" }] },
      { type: "reasoning", summary: [], encrypted_content: null },
    ],
    [
      { type: "function_call", id: "f", name: "n", arguments: "{}", call_id: "c", namespace: null },
      { type: "function_call", name: "n", arguments: "{}", call_id: "c" },
    ],
    [
      { type: "custom_tool_call", id: "f", name: "n", input: "x", call_id: "c", status: "completed" },
      { type: "custom_tool_call", name: "n", input: "x", call_id: "c", status: "completed" },
    ],
    [
      { type: "function_call_output", call_id: "c", output: "o" },
      { type: "function_call_output", call_id: "c", output: "o" },
    ],
    [
      { type: "image_generation_call", id: "g", status: "completed", result: "r" },
      { type: "image_generation_call", id: "g", status: "completed", result: "r" },
    ],
    [{ type: "other" }, null],
    [
      {
        type: "ghost_snapshot",
        ghost_commit: { id: "x", preexisting_untracked_dirs: [], preexisting_untracked_files: [] },
      },
      null,
    ],
  ];
  for (const [item, expected] of rows) {
    const body = toRequestBody({ ...REQUEST, input: [item] }, undefined);
    assert.deepEqual(body["input"], expected === null ? [] : [expected]);
  }
});
