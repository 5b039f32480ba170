import assert from "node:assert/strict";
import fc from "fast-check";
import {
  MAX_DELAY_MS,
  retryAfterOfHeader,
  retryAfterOfText,
  retryDelayMs,
  streamRetryDelayMs,
} from "../../../src/model/retry.ts";

Deno.test("retryDelayMs() doubles from 200 ms within 10 %, and never passes its bound", () => {
  assert.deepEqual([1, 2, 3, 4, 5].map((attempt) => retryDelayMs(attempt, undefined, () => 0.5)), [
    200,
    400,
    800,
    1600,
    3200,
  ]);
  assert.deepEqual([retryDelayMs(1, undefined, () => 0), retryDelayMs(1, undefined, () => 0.9999)], [180, 220]);
  assert.deepEqual([retryDelayMs(1, 5), retryDelayMs(9, -5), streamRetryDelayMs(1, 1e9)], [5, 0, MAX_DELAY_MS]);
  fc.assert(fc.property(fc.nat(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
    const delay = retryDelayMs(attempt, undefined, () => random);
    assert.ok(delay >= 180 && delay <= MAX_DELAY_MS);
  }));
});

Deno.test("retryAfterOfHeader() reads seconds and dates", () => {
  const nowMs = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
  const rows: [string | null, number | undefined][] = [
    [null, undefined],
    ["0", 0],
    [" 2 ", 2000],
    ["1.5", 1500],
    ["Wed, 21 Oct 2026 07:28:03 GMT", 3000],
    ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
  ];
  for (const [value, expected] of rows) assert.equal(retryAfterOfHeader(value, nowMs), expected, String(value));
});

Deno.test("retryAfterOfText() reads the wait in a sentence", () => {
  const rows: [string, number | undefined][] = [
    ["Rate limit reached. Please try again in 11.054s. Visit x", 11054],
    ["Please try again in 28ms.", 28],
    ["Try again in 35 seconds.", 35000],
    ["try again in 1 second", 1000],
    ["try again in 5 minutes", undefined],
    ["nothing", undefined],
  ];
  for (const [message, expected] of rows) assert.equal(retryAfterOfText(message), expected, message);
});
