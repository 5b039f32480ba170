// The guard on real sockets: what breaks the protocol, what never finishes, what is too much, and what must pass.
import assert from "node:assert/strict";
import { openWebSocket } from "../../../src/host/connect.ts";
import type { HandshakeOutcome, Metrics } from "../../../src/server/metrics.ts";
import { NO_METRICS } from "../../../src/server/metrics.ts";
import { makeAuthority } from "../../support/certificates.ts";
import {
  concat,
  dialRaw,
  frame,
  type RawClient,
  rawRequest,
  textFrame,
  upgradeRaw,
} from "../../support/raw_websocket.ts";
import { LOOPBACK, type SocketServerUnderTest, type StartOptions, startServer } from "../../support/socket_server.ts";
import { makeScratch } from "../../support/workspace.ts";

const MIB = 1024 * 1024;

interface Reached {
  readonly running: SocketServerUnderTest;
  connect(): Promise<Deno.Conn>;
}

/** A server on each kind of socket, one after the other. */
async function onEach(
  options: StartOptions,
  check: (name: "ws" | "wss" | "unix", reached: Reached) => Promise<void>,
): Promise<void> {
  await using scratch = await makeScratch();
  const authority = await makeAuthority(scratch.path);
  const [certFile, keyFile] = [`${scratch.path}/cert.pem`, `${scratch.path}/key.pem`];
  await authority.issue(certFile, keyFile, "guard");
  const caCerts = [await Deno.readTextFile(authority.caFile)];
  const tls = { cert: await Deno.readTextFile(certFile), key: await Deno.readTextFile(keyFile) };
  const path = `${scratch.path}/socket`;
  const wss = { kind: "tcp", hostname: "127.0.0.1", port: 0, tls } as const;
  const targets = { ws: LOOPBACK, wss, unix: { kind: "unix", path } as const };
  for (const name of ["ws", "wss", "unix"] as const) {
    await using running = await startServer({ ...options, target: targets[name] });
    const tcp = { hostname: "127.0.0.1", port: running.port };
    await check(name, {
      running,
      connect: () =>
        name === "ws"
          ? Deno.connect(tcp)
          : name === "wss"
          ? Deno.connectTls({ ...tcp, caCerts })
          : Deno.connect({ transport: "unix", path }),
    });
  }
}

async function isServed(client: RawClient): Promise<boolean> {
  await client.write(textFrame({ method: "account/read", id: 7 }));
  return new TextDecoder().decode(await client.read((bytes) => bytes.length > 2)).includes('"id":7');
}

Deno.test("violations of the WebSocket protocol are answered with the right close code", async () => {
  await using running = await startServer();
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  const rows: [string, Uint8Array, number][] = [
    ["reserved bits", frame(0xc1, "hello"), 1002],
    ["unknown opcode", frame(0x83, "x"), 1002],
    ["unknown control opcode", frame(0x8b, "x"), 1002],
    ["text that is not UTF-8", frame(0x81, bytes(0xff, 0xfe)), 1007],
    ["text cut inside of a character, in fragments", concat(frame(0x01, bytes(0xc3)), frame(0x80, "x")), 1007],
    ["a ping that is too long", frame(0x89, "x".repeat(126)), 1002],
    ["a ping in fragments", frame(0x09, "x"), 1002],
    ["a continuation of nothing", frame(0x80, "x"), 1002],
    ["a message inside of another", concat(frame(0x01, "a"), frame(0x81, "b")), 1002],
    ["a frame of 70 MiB", frame(0x81, "", { length: 70 * MIB }), 1009],
    ["a close of one byte", frame(0x88, "x"), 1002],
    ["a close with a code that is none", frame(0x88, bytes(3, 231)), 1002],
    ["a close whose reason is not UTF-8", frame(0x88, bytes(3, 232, 0xff)), 1007],
    ["a proper close", frame(0x88, bytes(3, 232)), 1000],
  ];
  for (const [name, sent, code] of rows) {
    await using client = await dialRaw(running.port);
    await client.write(sent);
    assert.equal(await client.closeCode(), code, name);
  }
});

Deno.test("a connection that makes no request is cut, a finished one and a client are not", async () => {
  const outcomes: HandshakeOutcome[] = [];
  const metrics: Metrics = { ...NO_METRICS, handshake: (outcome) => void outcomes.push(outcome) };
  await using running = await startServer({
    metrics,
    guard: { handshakeBounds: { requestMs: 100, restMs: 60_000 }, sweepEveryMs: 30 },
  });
  const client = await openWebSocket(running.listening.url, { timeoutMs: 5_000 });
  for (const head of ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n"]) {
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port: running.port });
    await tcp.write(new TextEncoder().encode(head));
    assert.equal(await tcp.read(new Uint8Array(1)).catch(() => null), null, JSON.stringify(head));
    tcp.close();
  }
  assert.equal(client.readyState, WebSocket.OPEN);
  assert.deepEqual(outcomes, ["accepted", "timeout", "timeout", "timeout"]);
  client.onerror = (event): void => event.preventDefault();
  const closed = new Promise((resolve) => client.onclose = resolve);
  client.close();
  await closed;
});

Deno.test("over TLS, too, a connection that makes no request is cut, and a client is not", async () => {
  await onEach(
    { guard: { handshakeBounds: { requestMs: 300, restMs: 60_000 }, sweepEveryMs: 30 } },
    async (name, at) => {
      // Connections on a socket file cannot be told apart.
      if (name === "unix") return;
      await using client = await upgradeRaw(await at.connect());
      // Without a word: on wss not even the handshake of TLS is made.
      const silent = await Deno.connect({ hostname: "127.0.0.1", port: at.running.port });
      const half = await at.connect();
      await half.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n"));
      for (const connection of [silent, half]) {
        assert.equal(await connection.read(new Uint8Array(1)).catch(() => null), null, name);
        connection.close();
      }
      assert.ok(await isServed(client), name);
    },
  );
});

Deno.test("over TLS and on a socket file violations end the connection alone, without a close frame", async () => {
  await onEach({}, async (name, { connect }) => {
    await using good = await upgradeRaw(await connect());
    for (const [sent, code] of [[frame(0xc1, "x"), 1002], [frame(0x81, Uint8Array.of(0xff)), 1007]] as const) {
      await using client = await upgradeRaw(await connect());
      await client.write(sent);
      // What the runtime encrypts, nothing can be written past; on a socket file nobody knows which one it is.
      assert.equal(await client.closeCode(), name === "ws" ? code : null, name);
    }
    assert.ok(await isServed(good), name);
  });
});

Deno.test("pings never disconnect: 10,000, between messages and inside of one", async () => {
  await using running = await startServer();
  await using client = await dialRaw(running.port);
  const pings = concat(frame(0x89, ""), frame(0x89, "x".repeat(125)));
  let block = new Uint8Array();
  for (let count = 0; count < 500; count++) block = concat(block, pings);
  const text = JSON.stringify({ method: "initialize", id: 1, params: { clientInfo: { name: "p", version: "1" } } });
  const pong = (bytes: Uint8Array): number => bytes.length;
  let answered = 0;
  const reading = client.read((bytes) => {
    answered = pong(bytes);
    return new TextDecoder().decode(bytes).includes('"userAgent"');
  });
  for (let count = 0; count < 5; count++) await client.write(block);
  await client.write(frame(0x01, text.slice(0, 10)));
  for (let count = 0; count < 5; count++) await client.write(block);
  await client.write(frame(0x80, text.slice(10)));
  await reading;
  assert.ok(answered >= 10_000 * 2, "each ping has its pong");
});

Deno.test("a message of 63 MiB in fragments is taken, one that never ends is closed with 1009", async () => {
  await using running = await startServer();
  const chunk = new Uint8Array(MIB).fill(0x20);
  await using legal = await dialRaw(running.port);
  await legal.write(frame(0x01, '{"method":"nothing",'));
  for (let count = 0; count < 63; count++) await legal.write(frame(0x00, chunk));
  await legal.write(frame(0x80, '"id":7}'));
  await legal.read((bytes) => new TextDecoder().decode(bytes).includes('"id":7'));

  const before = Deno.memoryUsage().rss;
  let most = before;
  const watching = setInterval(() => most = Math.max(most, Deno.memoryUsage().rss), 5);
  const good = await openWebSocket(running.listening.url, { timeoutMs: 5_000 });
  good.onerror = (event): void => event.preventDefault();
  await Promise.all([1, 2, 3, 4].map(async () => {
    await using flooder = await dialRaw(running.port);
    const code = flooder.closeCode();
    await flooder.write(frame(0x01, "a"));
    const piece = frame(0x00, chunk);
    try {
      for (let count = 0; count < 2_000; count++) await flooder.write(piece);
      assert.fail("2 GB were taken");
    } catch (error) {
      assert.ok(!(error instanceof assert.AssertionError), String(error));
    }
    // The reset that ends a flood may overtake the frame.
    assert.ok([1009, null].includes(await code));
  }));
  clearInterval(watching);
  assert.ok(most - before < 256 * MIB, `grew by ${Math.round((most - before) / MIB)} MiB`);
  const answer = new Promise<string>((resolve) => good.onmessage = ({ data }): void => resolve(String(data)));
  good.send(JSON.stringify({ method: "account/read", id: 1 }));
  assert.match(await answer, /-32600/);
  const closed = new Promise((resolve) => good.onclose = resolve);
  good.close();
  await closed;
});

Deno.test("the door answers raw requests as recorded", async () => {
  await using running = await startServer();
  const rows: [string, string[], number, string][] = [
    ["GET /readyz HTTP/1.1", [], 200, ""],
    ["HEAD /healthz HTTP/1.1", [], 200, ""],
    ["POST /readyz HTTP/1.1", ["Content-Length: 0"], 405, ""],
    ["OPTIONS /readyz HTTP/1.1", [], 405, ""],
    ["GET /readyz/ HTTP/1.1", [], 400, "Connection header did not include 'upgrade'"],
    ["GET /readyz?x=1 HTTP/1.1", [], 200, ""],
    ["GET /metrics HTTP/1.1", [], 400, "Connection header did not include 'upgrade'"],
    ["DELETE /foo HTTP/1.1", [], 405, "Request method must be `GET`"],
    ["GET /readyz HTTP/1.1", ["Origin: http://evil.example"], 403, ""],
    ["GET / HTTP/1.1", ["Origin: null"], 403, ""],
    ["GET / HTTP/1.1", ["Origin:"], 403, ""],
  ];
  for (const [line, headers, status, body] of rows) {
    const answer = await rawRequest(running.port, line, headers);
    assert.deepEqual([answer.status, answer.body], [status, body], `${line} ${headers}`);
  }
  assert.equal((await rawRequest(running.port, "GET /readyz HTTP/1.1")).status, 200);
  for (const path of ["/", "/ws", "/foo/bar", "/?token=abc"]) {
    assert.equal((await rawRequest(running.port, `GET ${path} HTTP/1.1`)).status, 101, path);
  }
});

Deno.test("a closed client that does not answer is cut", async () => {
  await using running = await startServer();
  await using silent = await dialRaw(running.port);
  await silent.write(textFrame({ method: "initialize", id: 1, params: { clientInfo: { name: "s", version: "1" } } }));
  await silent.read((bytes) => new TextDecoder().decode(bytes).includes('"id":1'));
  const ended = silent.read();
  await running.app.shutdown(AbortSignal.abort());
  await ended;
});
