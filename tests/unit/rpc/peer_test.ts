import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { RpcError } from "../../../src/rpc/error_codes.ts";
import { createMemoryStreamPair } from "../../../src/rpc/memory_stream.ts";
import { type Malformed, Peer, type PeerHandler } from "../../../src/rpc/peer.ts";
import type { MessageStream } from "../../../src/rpc/message_stream.ts";

const SILENT: PeerHandler = { onRequest(): void {}, onNotification(): void {} };

function makePair(handler: (peer: Peer) => PeerHandler): { client: Peer; wire: MessageStream } {
  const [near, far] = createMemoryStreamPair();
  const server = new Peer(far);
  void server.run(handler(server));
  const client = new Peer(near);
  void client.run(SILENT);
  return { client, wire: near };
}

Deno.test("Peer.request() settles with the result, or with the error as RpcError", async () => {
  const { client } = makePair((server) => ({
    ...SILENT,
    onRequest({ id, method, params }): void {
      if (method === "echo") server.respond(id, params);
      else server.fail(id, { code: -32600, message: "no", data: { why: 1 } });
    },
  }));
  assert.deepEqual(await client.request("echo", { a: 1 }), { a: 1 });
  await assert.rejects(client.request("other", {}), (error) => {
    assert.ok(error instanceof RpcError);
    assert.deepEqual(error.body, { code: -32600, message: "no", data: { why: 1 } });
    return true;
  });
  await client.close({ code: 1000, reason: "" });
});

Deno.test("Peer.request() pairs answers by id, in whatever order they come", async () => {
  const answers: (() => void)[] = [];
  const { client } = makePair((server) => ({
    ...SILENT,
    onRequest: ({ id, method }): void => void answers.push(() => server.respond(id, method)),
  }));
  const both = Promise.all([client.request("first", {}), client.request("second", {}, { id: "mine" })]);
  while (answers.length < 2) await new Promise((resolve) => setTimeout(resolve, 0));
  for (const answer of answers.reverse()) answer();
  assert.deepEqual(await both, ["first", "second"]);
  await client.close({ code: 1000, reason: "" });
});

Deno.test("Peer.request() stops waiting when its signal fires, and the late answer is ignored", async () => {
  let late: (() => void) | undefined;
  const { client } = makePair((server) => ({
    ...SILENT,
    onRequest({ id, method }): void {
      if (method === "slow") late = () => server.respond(id, "late");
      else server.respond(id, method);
    },
  }));
  const aborter = new AbortController();
  const slow = client.request("slow", {}, { signal: aborter.signal });
  const reason = new Error("enough");
  aborter.abort(reason);
  await assert.rejects(slow, reason);
  await assert.rejects(client.request("slow", {}, { signal: aborter.signal }), reason);
  assert.equal(await client.request("next", {}), "next");
  late?.();
  assert.equal(await client.request("again", {}), "again");
  await client.close({ code: 1000, reason: "" });
});

Deno.test("Peer.request() fails with CONNECT_FAILED when the stream closes, before and after", async () => {
  const { client } = makePair(() => SILENT);
  const open = client.request("never", {});
  await client.close({ code: 1001, reason: "server is shutting down" });
  const isClosed = (error: unknown): boolean => {
    assert.ok(error instanceof CodexError);
    assert.equal(error.code, "CONNECT_FAILED");
    assert.match(error.message, /code 1001, server is shutting down/);
    return true;
  };
  await assert.rejects(open, isClosed);
  await assert.rejects(client.request("later", {}), isClosed);
});

Deno.test("Peer tells requests, notifications and answers from what is no message", async () => {
  const seen: unknown[] = [];
  const rows: [string, unknown][] = [
    ['{"id":1,"method":"m","params":[1]}', { request: { id: 1, method: "m", params: [1] } }],
    ['{"method":"n"}', { notification: { method: "n", params: undefined } }],
    ['{"id":7,"result":{}}', null],
    ['{"id":7,"error":{"code":1,"message":"x"}}', null],
    ['{"id":7,"error":"x"}', { malformed: "shape" }],
    ['{"id":null,"method":"m"}', { malformed: "shape" }],
    ['{"id":1.5,"method":"m"}', { malformed: "shape" }],
    ["[]", { malformed: "shape" }],
    ["[".repeat(20_000) + "]".repeat(20_000), { malformed: "shape" }],
    ["nonsense", { malformed: "syntax" }],
  ];
  const { client } = makePair(() => ({
    onRequest: (request): void => void seen.push({ request }),
    onNotification: (notification): void => void seen.push({ notification }),
    onMalformed: ({ problem }: Malformed): void => void seen.push({ malformed: problem }),
  }));
  for (const [text] of rows) client.send(text);
  await client.close({ code: 1000, reason: "" });
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(seen, rows.map(([, expected]) => expected).filter((expected) => expected !== null));
});
