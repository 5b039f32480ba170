import assert from "node:assert/strict";
import { reduceThread } from "../../../src/client/thread_view.ts";
import { farewellLines } from "../../../src/tui/farewell.ts";
import { initialState, type State } from "../../../src/tui/state.ts";
import { FOLDER, sampleThread, sampleTurn, THREAD_ID, userItem } from "../../support/wire_samples.ts";

function spoken(serverUrl: string | null): State {
  const state = initialState({ version: "0", serverUrl, models: [], nowMs: 0 });
  const thread = sampleThread([sampleTurn("t1", "completed", [userItem("hi")])]);
  const usage = {
    totalTokens: 6730,
    inputTokens: 6430,
    cachedInputTokens: 4000,
    outputTokens: 300,
    reasoningOutputTokens: 80,
  };
  return {
    ...state,
    view: {
      ...reduceThread(state.view, { type: "opened", thread, nowMs: 0 }),
      usage: { total: usage, last: usage, modelContextWindow: null },
    },
    session: {
      threadId: THREAD_ID,
      model: "m",
      effort: null,
      folder: FOLDER,
      approvalPolicy: "never",
      sandbox: { type: "readOnly" },
      sandboxAsked: false,
    },
  };
}

Deno.test("farewellLines() tells the tokens and the way back", () => {
  assert.deepEqual(farewellLines(spoken(null)), [
    "Token usage: total=2,730 input=2,430 (+ 4,000 cached) output=300 (reasoning 80)",
    `To continue this session, run codex resume ${THREAD_ID}`,
  ]);
});

Deno.test("farewellLines() names the server in the way back", () => {
  const lines = farewellLines(spoken("ws://127.0.0.1:4500/"));
  assert.equal(lines[1], `To continue this session, run codex resume ${THREAD_ID} --remote ws://127.0.0.1:4500/`);
});

Deno.test("farewellLines() gives unsent words back, and is silent when nothing was said", () => {
  const state = initialState({ version: "0", serverUrl: null, models: [], nowMs: 0 });
  assert.deepEqual(farewellLines(state), []);
  assert.deepEqual(farewellLines({ ...state, queue: ["later"], draft: "half" }), ["Not sent:", "later", "half"]);
});
