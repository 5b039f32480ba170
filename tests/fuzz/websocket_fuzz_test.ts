// More than 10,000 malformed frames, messages and handshakes against a server process: no crash, no hang, each
// request with a usable id is answered exactly once, and a good client is served all the time.
import assert from "node:assert/strict";
import fc from "fast-check";
import { clientRequests } from "../../src/protocol/client_requests.ts";
import { openWebSocket } from "../../src/host/connect.ts";
import { Peer } from "../../src/rpc/peer.ts";
import { createSocketStream } from "../../src/rpc/socket_stream.ts";
import { concat, dialRaw, frame, rawRequest, UPGRADE_HEADERS } from "../support/raw_websocket.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { startWebSocketServer } from "../support/json_rpc.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

const SEED = 20_261_123;
const FRAMES = 3_000;
const MESSAGES = 6_000;
const HANDSHAKES = 1_500;

interface Running extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Fails when the server has ended before it was asked to, does not end then, or has said what nobody expects. */
  endWell(): Promise<void>;
}

async function startServer(): Promise<Running> {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await makeScratch());
  const home = await scratch.home("home", { baseUrl: "http://127.0.0.1:9/v1" });
  const { server, url } = await startWebSocketServer(codexCommand(), { cwd: scratch.path, env: testEnv(home) });
  cleanup.use(server);
  return {
    url,
    port: Number(/:(\d+)$/.exec(url)?.[1]),
    async endWell(): Promise<void> {
      assert.equal(server.status, undefined, server.stderrLines.join("\n"));
      server.signal("SIGTERM");
      assert.equal((await server.exit()).code, 0);
      assert.deepEqual(server.stderrLines.filter((line) => /panic|uncaught|RangeError|TypeError/i.test(line)), []);
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

interface GoodClient extends AsyncDisposable {
  /** Fails when the server does not answer as ever. */
  check(): Promise<void>;
}

async function goodClient(url: string): Promise<GoodClient> {
  const peer = new Peer(createSocketStream(await openWebSocket(url, { timeoutMs: 5_000 })));
  void peer.run({ onRequest(): void {}, onNotification(): void {} });
  await peer.request("initialize", { clientInfo: { name: "good", version: "1" } });
  const known = await peer.request("account/read", {});
  return {
    async check(): Promise<void> {
      assert.deepEqual(await peer.request("account/read", {}), known);
    },
    [Symbol.asyncDispose]: () => peer.close({ code: 1000, reason: "" }),
  };
}

const anyFrame = fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 300 }), fc.option(fc.nat(0xffff_ffff), { freq: 3 }))
  .map(([first, payload, length]) => frame(first, payload, length === null ? {} : { length }));
const anyBytes = fc.uint8Array({ maxLength: 400 });

Deno.test(`${FRAMES} connections that send malformed frames`, async () => {
  await using running = await startServer();
  await using good = await goodClient(running.url);
  const codes = new Map<number | null, number>();
  const inputs = fc.sample(
    fc.array(fc.oneof(anyFrame, anyBytes), { minLength: 1, maxLength: 6 }).map((parts) => parts.reduce(concat)),
    { numRuns: FRAMES, seed: SEED },
  );
  async function play(input: Uint8Array): Promise<void> {
    await using client = await dialRaw(running.port);
    // A proper close at the end, for streams that were still well formed.
    const close = frame(0x88, Uint8Array.from([3, 232]));
    await client.write(concat(input, close)).catch(() => {});
    await client.connection.closeWrite().catch(() => {});
    const code = await client.closeCode();
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  for (let at = 0; at < inputs.length; at += 25) {
    await Promise.all(inputs.slice(at, at + 25).map(play));
    if (at % 500 === 0) await good.check();
  }
  await good.check();
  // Null: the stream ended inside of a frame, which is a lost connection and no violation.
  for (const code of codes.keys()) assert.ok([null, 1000, 1002, 1007, 1009].includes(code), `${code}`);
  assert.ok((codes.get(1002) ?? 0) > FRAMES / 3, JSON.stringify([...codes]));
  await running.endWell();
});

const methods = Object.keys(clientRequests);
const id = fc.oneof(fc.integer(), fc.string({ maxLength: 12 }));
const method = fc.oneof(fc.constantFrom(...methods), fc.string({ maxLength: 30 }), fc.constant("__proto__"));

/** With a usable id: answered with one result or error. */
const request = fc.record({ id, method, params: fc.jsonValue() }, { requiredKeys: ["id", "method"] });

const noRequest: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.jsonValue().map((value) => JSON.stringify(value)).filter((text) => !text.includes('"method"')),
  fc.record({
    id: fc.oneof(fc.boolean(), fc.double({ noInteger: true }), fc.constant(null), fc.array(fc.nat())),
    method,
  })
    .map((value) => JSON.stringify(value)),
  fc.array(request, { minLength: 1, maxLength: 3 }).map((batch) => JSON.stringify(batch)),
  fc.constantFrom(
    "[".repeat(100_000),
    '{"a":'.repeat(50_000),
    '{"id":1e400,"method":"x"}',
    '{"method":"initialize","id":"\\ud800',
    '{"id":1,"id":2}',
    "\u0000",
    '{"id":1}{"id":2}',
    `"${"x".repeat(100_000)}"`,
  ),
);

Deno.test(`${MESSAGES} malformed messages; what has a usable id is answered once`, async () => {
  await using running = await startServer();
  await using good = await goodClient(running.url);
  const socket = await openWebSocket(running.url, { timeoutMs: 5_000 });
  const answers = new Map<unknown, number>();
  let complaints = 0;
  let wake = (): void => {};
  socket.onmessage = ({ data }): void => {
    const message = JSON.parse(String(data)) as { id?: unknown; method?: string };
    if (message.method !== undefined) return;
    if (message.id === null) complaints++;
    else answers.set(message.id, (answers.get(message.id) ?? 0) + 1);
    wake();
  };
  const inputs = fc.sample(fc.oneof(request, noRequest), { numRuns: MESSAGES, seed: SEED });
  let expected = 0;
  for (const [at, input] of inputs.entries()) {
    if (typeof input === "string") socket.send(input);
    else {
      // One id each, so that answers can be counted; in the spellings that clients use.
      const usable = typeof input.id === "string" ? `${at} ${input.id}` : at;
      socket.send(JSON.stringify({ ...input, id: usable }));
      expected++;
    }
    if (at % 100 !== 99) continue;
    // Fewer wait than the server takes at a time.
    while (answers.size < expected) await new Promise<void>((resolve) => wake = resolve);
    if (at % 1_000 === 999) await good.check();
  }
  while (answers.size < expected) await new Promise<void>((resolve) => wake = resolve);
  assert.deepEqual([...answers.values()].filter((count) => count !== 1), []);
  assert.ok(complaints > 0);
  await good.check();
  socket.onerror = (event): void => event.preventDefault();
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  await running.endWell();
});

Deno.test(`${HANDSHAKES} malformed handshakes`, async () => {
  await using running = await startServer();
  await using good = await goodClient(running.url);
  const token = fc.string({ maxLength: 40, unit: "binary-ascii" }).map((text) => text.replace(/[\r\n]/g, " "));
  const header = fc.oneof(
    fc.constantFrom(...UPGRADE_HEADERS),
    fc.constantFrom(
      "Connection: close",
      "Upgrade: h2c",
      "Sec-WebSocket-Version: 12",
      "Sec-WebSocket-Key: ",
      "Origin: x",
      "Authorization: Bearer",
      "Transfer-Encoding: chunked",
      "Content-Length: 5",
      `X: ${"y".repeat(20_000)}`,
      "Expect: 100-continue",
      ": nameless",
      "no colon at all",
    ),
    fc.tuple(token, token).map(([name, value]) => `${name}: ${value}`),
  );
  const line = fc.oneof(
    fc.constantFrom(
      "GET / HTTP/1.1",
      "GET / HTTP/1.0",
      "GET / HTTP/9.9",
      "PRI * HTTP/2.0",
      "GET  / HTTP/1.1",
      "get / http/1.1",
    ),
    fc.tuple(token, token).map(([verb, path]) => `${verb} /${path} HTTP/1.1`),
    token,
  );
  const cases = fc.sample(fc.tuple(line, fc.array(header, { maxLength: 8 })), { numRuns: HANDSHAKES, seed: SEED });
  const statuses = new Set<number>();
  for (let at = 0; at < cases.length; at += 25) {
    await Promise.all(
      cases.slice(at, at + 25).map(async ([first, headers]) => {
        // A request that waits for a body is ended by its sender: what counts is that the server goes on.
        statuses.add(
          (await rawRequest(running.port, first, [...headers, "Connection: close"], { endsInput: true })).status,
        );
      }),
    );
    if (at % 300 === 0) await good.check();
  }
  await good.check();
  assert.deepEqual([...statuses].filter((status) => status >= 500), [], [...statuses].join(" "));
  await running.endWell();
});
