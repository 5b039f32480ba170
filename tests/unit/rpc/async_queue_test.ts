import assert from "node:assert/strict";
import { createAsyncQueue } from "../../../src/rpc/async_queue.ts";

const BOUND = { maxLength: 3, maxSize: 10, sizeOf: (text: string): number => text.length };

Deno.test("push() refuses what is over the bound, and one value alone may be larger", () => {
  const rows: [string[], boolean[]][] = [
    [["a", "b", "c", "d"], [true, true, true, false]],
    [["12345", "67890", ""], [true, true, true]],
    [["12345", "67890", "1"], [true, true, false]],
    [["123456789012", "1"], [true, false]],
  ];
  for (const [values, expected] of rows) {
    const queue = createAsyncQueue(BOUND);
    assert.deepEqual(values.map((value) => queue.push(value)), expected, values.join());
  }
});

Deno.test("createAsyncQueue() loses nothing of a pusher that waits for room, and tells how much waits", async () => {
  const queue = createAsyncQueue(BOUND);
  const values = Array.from({ length: 50 }, (_, at) => String(at));
  const pushing = (async () => {
    for (const value of values) while (!queue.push(value)) await queue.whenTaken();
    queue.end();
  })();
  assert.equal(queue.size, 3);
  const seen: string[] = [];
  for await (const value of queue) seen.push(value);
  await pushing;
  assert.deepEqual(seen, values);
  assert.equal(queue.size, 0);
  assert.equal(queue.push("after the end"), true);
  assert.equal(queue.size, 0);
  await queue.whenTaken();
});
