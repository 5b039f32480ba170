import assert from "node:assert/strict";
import fc from "fast-check";
import { createJsonlStream } from "../../../src/rpc/jsonl_stream.ts";
import type { Incoming } from "../../../src/rpc/message_stream.ts";

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

async function readAll(chunks: readonly Uint8Array[]): Promise<Incoming[]> {
  const stream = createJsonlStream({ input: streamOf(chunks), write: () => Promise.resolve() });
  const seen: Incoming[] = [];
  for await (const incoming of stream.incoming) seen.push(incoming);
  await stream.close({ code: 1000, reason: "" });
  return seen;
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("createJsonlStream() reads one message a line", async () => {
  const rows: [string, unknown[]][] = [
    ['{"a":1}\n{"b":2}\n', [{ a: 1 }, { b: 2 }]],
    ['{"a":1}\r\n', [{ a: 1 }]],
    ['  {"a":1}  \n', [{ a: 1 }]],
    ['{"a":1}', [{ a: 1 }]],
    ['\n\n   \n{"a":1}\n', [{ a: 1 }]],
    ['{"a":"x\u2028y"}\n', [{ a: "x\u2028y" }]],
    ["", []],
  ];
  for (const [text, expected] of rows) {
    const values = (await readAll([bytes(text)])).map((incoming) => incoming.kind === "message" && incoming.value);
    assert.deepEqual(values, expected, JSON.stringify(text));
  }
});

Deno.test("createJsonlStream() waits for a reader that is behind, and loses nothing", async () => {
  const count = 70_000;
  const text = Array.from({ length: count }, (_, at) => `${at}\n`).join("");
  const stream = createJsonlStream({ input: streamOf([bytes(text)]), write: () => Promise.resolve() });
  await new Promise((resolve) => setTimeout(resolve, 0));
  let next = 0;
  for await (const incoming of stream.incoming) assert.equal(incoming.kind === "message" && incoming.value, next++);
  assert.equal(next, count);
});

Deno.test("createJsonlStream() tells what is no message, and goes on", async () => {
  const invalidUtf8 = new Uint8Array([0x22, 0xff, 0x22, 0x0a]);
  const seen = await readAll([bytes('not json\n\uFEFF{"a":1}\n{"a":1}{"b":2}\n'), invalidUtf8, bytes('{"c":3}\n')]);
  assert.deepEqual(seen.map((incoming) => incoming.kind), [
    "malformed",
    "malformed",
    "malformed",
    "malformed",
    "message",
  ]);
});

Deno.test("createJsonlStream() reads the same whatever the bytes are cut into", async () => {
  const messages = fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.integer()), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(messages, fc.array(fc.nat({ max: 200 }), { maxLength: 12 }), async (values, cuts) => {
      const all = bytes(values.map((value) => JSON.stringify(value) + "\n").join(""));
      const at = [...new Set(cuts.map((cut) => Math.min(cut, all.length)))].sort((a, b) => a - b);
      const chunks = [0, ...at].map((from, index) => all.subarray(from, at[index] ?? all.length));
      const seen = await readAll(chunks);
      assert.deepEqual(seen.map((incoming) => incoming.kind === "message" && incoming.value), values);
    }),
  );
});

Deno.test("createJsonlStream() writes lines in order, joins what waits, and closes after it", async () => {
  const written: string[] = [];
  const gate = Promise.withResolvers<void>();
  const stream = createJsonlStream({
    input: new ReadableStream(),
    async write(chunk): Promise<void> {
      if (written.length === 0) await gate.promise;
      written.push(new TextDecoder().decode(chunk));
    },
  });
  for (const text of ["1", "2", "3"]) stream.send(text);
  assert.equal(stream.bufferedBytes, 6);
  const closed = stream.close({ code: 1001, reason: "bye" });
  gate.resolve();
  await closed;
  assert.deepEqual(written, ["1\n", "2\n3\n"]);
  assert.deepEqual(await stream.closed, { code: 1001, reason: "bye" });
  stream.send("after the close");
  assert.equal(stream.bufferedBytes, 0);
});

Deno.test("createJsonlStream() is closed by a reader that has gone", async () => {
  const stream = createJsonlStream({
    input: new ReadableStream(),
    write: () => Promise.reject(new Error("broken pipe")),
  });
  stream.send("1");
  assert.deepEqual(await stream.closed, { code: 1006, reason: "broken pipe" });
});
