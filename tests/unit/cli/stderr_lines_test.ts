// Standard error of a server: in order, in whole lines, and never in the way.
import assert from "node:assert/strict";
import { makeStderrLines } from "../../../src/cli/stderr_lines.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

Deno.test("makeStderrLines() writes whole texts in order, several at once when they wait", async () => {
  const writes: string[] = [];
  const lines = makeStderrLines({
    write: (bytes) => Promise.resolve(void writes.push(text(bytes))),
    droppedText: (count) => `${count} dropped\n`,
  });
  const all = Array.from({ length: 1_000 }, (_, at) => `line ${at} ${"ä".repeat(at % 100)}\n`);
  all.forEach(lines.print);
  await lines.flush(1_000);
  assert.equal(writes.join(""), all.join(""));
  assert.ok(writes.length < 100, `${writes.length} writes`);
  for (const one of writes) assert.ok(one.endsWith("\n") && new TextEncoder().encode(one).length <= 4_096);
});

Deno.test("makeStderrLines() drops what a reader that has stopped would miss, and says how much", async () => {
  const writes: string[] = [];
  const go = Promise.withResolvers<void>();
  const lines = makeStderrLines({
    async write(bytes): Promise<void> {
      await go.promise;
      writes.push(text(bytes));
    },
    droppedText: (count) => `${count} dropped\n`,
    maxWaiting: 100,
  });
  for (let at = 0; at < 20; at++) lines.print(`line ${at} ...\n`);
  await lines.flush(1);
  assert.deepEqual(writes, [], "flush() does not wait for ever");
  go.resolve();
  await lines.flush(1_000);
  const printed = writes.join("").trim().split("\n");
  assert.deepEqual([printed.slice(0, -1), printed.at(-1)], [
    Array.from({ length: printed.length - 1 }, (_, at) => `line ${at} ...`),
    `${20 - (printed.length - 1)} dropped`,
  ]);
  lines.print("again\n");
  await lines.flush(1_000);
  assert.equal(writes.at(-1), "again\n");
});

Deno.test("makeStderrLines() goes on after a write that failed", async () => {
  const writes: string[] = [];
  let isFull = true;
  const lines = makeStderrLines({
    write: (bytes) => isFull ? Promise.reject(new Error("full")) : Promise.resolve(void writes.push(text(bytes))),
    droppedText: () => "",
  });
  lines.print("lost\n");
  await lines.flush(1_000);
  isFull = false;
  lines.print("kept\n");
  await lines.flush(1_000);
  assert.deepEqual(writes, ["kept\n"]);
});
