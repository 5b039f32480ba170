import assert from "node:assert/strict";
import { createDecoder } from "../../../src/server/decode.ts";

/** Params whose message has so many levels: itself, params, config, then arrays. */
function paramsOf(levels: number): unknown {
  return JSON.parse(`{"config":{"x":${"[".repeat(levels - 3)}${"]".repeat(levels - 3)}}}`);
}

Deno.test("decode() refuses what is nested deeper than 127 levels, as a request like any other", () => {
  const decoder = createDecoder();
  assert.equal(decoder.decode("thread/start", paramsOf(127)).ok, true);
  for (const levels of [128, 1_000, 20_000]) {
    assert.deepEqual(decoder.decode("thread/start", paramsOf(levels)), {
      ok: false,
      error: { code: -32600, message: "Invalid request: nested deeper than 127 levels" },
    });
  }
});
