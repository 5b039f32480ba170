import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import type { AppServerClient } from "../../../src/client/app_server_client.ts";
import { reconnect, type ReconnectBounds, reconnectDelayMs } from "../../../src/client/reconnect.ts";

const bounds: ReconnectBounds = { firstDelayMs: 100, maxDelayMs: 400, giveUpAfterMs: 2_000 };
// Only its identity matters.
const client = {} as AppServerClient;

function run(failures: number): { result: Promise<AppServerClient>; slept: number[] } {
  const slept: number[] = [];
  let nowMs = 0;
  let left = failures;
  const result = reconnect({
    bounds,
    signal: new AbortController().signal,
    nowMs: () => nowMs,
    sleep: (ms) => {
      slept.push(ms);
      nowMs += ms;
      return Promise.resolve();
    },
    open: () => (left-- > 0 ? Promise.reject(new Error("refused")) : Promise.resolve(client)),
    onAttempt: () => {},
  });
  return { result, slept };
}

Deno.test("reconnectDelayMs() doubles up to its bound", () => {
  assert.deepEqual([1, 2, 3, 4, 9].map((attempt) => reconnectDelayMs(attempt, bounds)), [100, 200, 400, 400, 400]);
});

Deno.test("reconnect() waits before each attempt and returns the first client it gets", async () => {
  const { result, slept } = run(3);
  assert.equal(await result, client);
  assert.deepEqual(slept, [100, 200, 400, 400]);
});

Deno.test("reconnect() gives up after its bound with the last cause", async () => {
  const { result } = run(1_000);
  await assert.rejects(result, new CodexError("CONNECT_FAILED", "Cannot reconnect within 2 s: refused"));
});

Deno.test("reconnect() ends with the reason of its signal", async () => {
  const controller = new AbortController();
  const result = reconnect({
    bounds,
    signal: controller.signal,
    nowMs: () => 0,
    sleep: (_ms, signal) => Promise.reject(signal.reason),
    open: () => Promise.resolve(client),
    onAttempt: () => controller.abort(new Error("leaving")),
  });
  await assert.rejects(result, new Error("leaving"));
});
