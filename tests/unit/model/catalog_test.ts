import assert from "node:assert/strict";
import { Value } from "typebox/value";
import { CodexError } from "../../../src/base/errors.ts";
import { DEFAULT_MODEL, listModels, modelInfo } from "../../../src/model/catalog.ts";
import { ModelListResponse } from "../../../src/protocol/types/model.ts";

const VISIBLE = ["gpt-5.3-codex", "gpt-5.4", "gpt-5.2-codex", "gpt-5.1-codex-max", "gpt-5.2", "gpt-5.1-codex-mini"];

function ids(params: Parameters<typeof listModels>[0]): [string[], string | null] {
  const { data, nextCursor } = listModels(params);
  return [data.map((model) => model.id), nextCursor];
}

Deno.test("listModels() pages as recorded", () => {
  assert.deepEqual(ids({}), [VISIBLE, null]);
  assert.deepEqual(ids({ limit: 1 }), [["gpt-5.3-codex"], "1"]);
  assert.deepEqual(ids({ limit: 0 }), [["gpt-5.3-codex"], "1"]);
  assert.deepEqual(ids({ limit: 2, cursor: "2" }), [["gpt-5.2-codex", "gpt-5.1-codex-max"], "4"]);
  assert.deepEqual(ids({ limit: 100, cursor: "5" }), [["gpt-5.1-codex-mini"], null]);
  assert.deepEqual(ids({ cursor: "6" }), [[], null]);
  assert.deepEqual(ids({ limit: 1, cursor: "+1" }), [["gpt-5.4"], "2"]);
  assert.equal(ids({ includeHidden: true })[0].length, 13);
  assert.deepEqual(ids({ limit: null, cursor: null, includeHidden: null }), [VISIBLE, null]);
});

Deno.test("listModels() refuses cursors as recorded", () => {
  const rows = [
    ["bogus", "invalid cursor: bogus"],
    ["", "invalid cursor: "],
    ["-1", "invalid cursor: -1"],
    ["+", "invalid cursor: +"],
    ["999", "cursor 999 exceeds total models 6"],
    ["007", "cursor 7 exceeds total models 6"],
  ] as const;
  for (const [cursor, message] of rows) {
    // The server answers this code with -32600.
    const isRefusal = (error: unknown): boolean =>
      error instanceof CodexError && error.code === "PROTOCOL" && error.message === message;
    assert.throws(() => listModels({ cursor }), isRefusal, cursor);
  }
});

Deno.test("listModels() answers in the wire's shape, with one default and known upgrades", () => {
  const response = listModels({ includeHidden: true });
  assert.ok(Value.Check(ModelListResponse, response));
  assert.deepEqual(response.data.filter((model) => model.isDefault).map((model) => model.id), [DEFAULT_MODEL]);
  const known = new Set(response.data.map((model) => model.id));
  assert.equal(known.size, response.data.length);
  for (const model of response.data) {
    assert.ok(model.upgrade === null || known.has(model.upgrade), model.id);
    assert.equal(model.upgrade, model.upgradeInfo?.model ?? null);
    const efforts = model.supportedReasoningEfforts.map((option) => option.reasoningEffort);
    assert.ok(efforts.includes(model.defaultReasoningEffort), model.id);
  }
});

Deno.test("modelInfo() knows models, their kin, and what to assume of others", () => {
  // Recorded: the requests of the reference for each slug.
  const rows: [string, unknown[]][] = [
    ["gpt-5.3-codex", [258400, true, "medium", "none", "low", true, true]],
    ["gpt-5.4", [258400, true, "medium", "none", "low", true, true]],
    ["gpt-5.4-mini", [258400, true, "medium", "none", "low", true, true]],
    ["vendor/gpt-5.4", [258400, true, "medium", "none", "low", true, true]],
    ["gpt-5.2-codex", [258400, true, "medium", "auto", null, true, true]],
    ["gpt-5.2", [258400, true, "medium", "auto", "low", true, true]],
    ["gpt-5.1-codex-max", [258400, true, "medium", "auto", null, false, true]],
    ["gpt-5.1", [258400, true, "medium", "auto", "low", true, true]],
    ["gpt-5", [258400, true, "medium", "auto", null, false, false]],
    ["gpt-oss-20b", [121600, true, "medium", "auto", null, false, true]],
    ["gpt-oss-120b", [121600, true, "medium", "auto", null, false, true]],
    ["unknown-model", [258400, false, null, "auto", null, false, false]],
    ["", [258400, false, null, "auto", null, false, false]],
  ];
  for (const [slug, expected] of rows) {
    const info = modelInfo(slug);
    assert.deepEqual(
      [
        info.contextWindow,
        info.supportsReasoning,
        info.defaultEffort,
        info.defaultSummary,
        info.defaultVerbosity,
        info.parallelToolCalls,
        info.applyPatchTool,
      ],
      expected,
      slug,
    );
    assert.equal(info.slug, slug);
  }
});
