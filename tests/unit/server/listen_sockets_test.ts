// The server behind a real socket on a free loopback port.
import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { ConnectError, openWebSocket } from "../../../src/host/connect.ts";
import type { EndSignal } from "../../../src/host/signals.ts";
import { Peer } from "../../../src/rpc/peer.ts";
import { createSocketStream } from "../../../src/rpc/socket_stream.ts";
import { NO_METRICS } from "../../../src/server/metrics.ts";
import { serveUntilSignal } from "../../../src/server/serve_until_signal.ts";
import { threadIdOf } from "../../conversations/fake_agent.ts";
import { dialRaw, rawRequest, textFrame } from "../../support/raw_websocket.ts";
import { LOOPBACK, makeGate, startServer } from "../../support/socket_server.ts";

const T1 = threadIdOf(1);

interface Heard {
  readonly peer: Peer;
  readonly notifications: { method: string; params?: unknown }[];
  /** Settles when a notification of this method has arrived. */
  until(method: string): Promise<void>;
}

async function dial(url: string, headers: Record<string, string> = {}): Promise<Heard> {
  const peer = new Peer(createSocketStream(await openWebSocket(url, { headers, timeoutMs: 5_000 })));
  const notifications: { method: string; params?: unknown }[] = [];
  let wake: (() => void) | null = null;
  void peer.run({
    onRequest(): void {},
    onNotification(notification): void {
      notifications.push(notification);
      wake?.();
    },
  });
  await peer.request("initialize", { clientInfo: { name: "probe", version: "1" } });
  return {
    peer,
    notifications,
    async until(method): Promise<void> {
      while (!notifications.some((notification) => notification.method === method)) {
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}

Deno.test("a WebSocket server serves clients and closes them with 1001", async () => {
  const running = await startServer();
  const client = await dial(running.listening.url);
  assert.deepEqual(await client.peer.request("account/read", {}), { account: null, requiresOpenaiAuth: false });
  assert.equal(running.clients(), 1);
  await running[Symbol.asyncDispose]();
  assert.deepEqual(await client.peer.closed, { code: 1001, reason: "server is shutting down" });
  assert.equal(running.clients(), 0);
});

Deno.test("a WebSocket server answers binary frames with an error and goes on", async () => {
  await using running = await startServer();
  const socket = await openWebSocket(running.listening.url, { timeoutMs: 5_000 });
  const frames: unknown[] = [];
  const two = Promise.withResolvers<void>();
  socket.onmessage = ({ data }): void => void (frames.push(JSON.parse(data)) === 2 && two.resolve());
  socket.send(new TextEncoder().encode('{"method":"account/read","id":1,"params":{}}'));
  socket.send('{"method":"account/read","id":2,"params":{}}');
  await two.promise;
  assert.deepEqual(frames, [
    {
      error: { code: -32700, message: "Cannot read message: binary frames are not supported; send text frames" },
      id: null,
    },
    { error: { code: -32600, message: "Not initialized" }, id: 2 },
  ]);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

Deno.test("openWebSocket() tells apart why it cannot connect", async () => {
  await using running = await startServer({ gate: await makeGate() });
  const { port } = running;
  const { url } = running.listening;
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nobody = `ws://127.0.0.1:${free.addr.port}`;
  free.close();
  const mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const other = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen(): void {} }, () => new Response("hello"));

  const rows: [string, Record<string, string>, number, string, number | null][] = [
    [url, {}, 5_000, "unauthorized", 401],
    [url, { authorization: "Bearer wrong" }, 5_000, "unauthorized", 401],
    [url, { authorization: "Bearer s3cret", origin: "http://x" }, 5_000, "forbidden", 403],
    [nobody, {}, 5_000, "refused", null],
    [`ws://127.0.0.1:${mute.addr.port}`, {}, 50, "timeout", null],
    [`ws://127.0.0.1:${other.addr.port}`, {}, 5_000, "http", 200],
    [`wss://127.0.0.1:${port}`, {}, 5_000, "tls", null],
  ];
  for (const [target, headers, timeoutMs, failure, status] of rows) {
    await assert.rejects(openWebSocket(target, { headers, timeoutMs }), (error) => {
      assert.ok(error instanceof ConnectError);
      assert.deepEqual([error.code, error.failure, error.status], ["CONNECT_FAILED", failure, status], target);
      assert.ok(error.message.includes(target) && !error.message.includes("s3cret"), error.message);
      return true;
    });
  }
  const client = await dial(url, { authorization: "Bearer s3cret" });
  await client.peer.close({ code: 1000, reason: "" });
  mute.close();
  await other.shutdown();
});

Deno.test("startSocketServer() on a port in use says which and what to do", async () => {
  await using running = await startServer();
  const { port } = running;
  await assert.rejects(
    startServer({ target: { ...LOOPBACK, kind: "tcp", hostname: "127.0.0.1", port, tls: null } }),
    (error) => {
      assert.ok(error instanceof CodexError);
      assert.equal(error.code, "LISTEN_FAILED");
      assert.equal(error.message, `Cannot listen on 127.0.0.1:${port}: the address is in use`);
      assert.match(error.hint ?? "", /choose another port/);
      return true;
    },
  );
});

Deno.test("20,000 deltas at full speed reach one WebSocket client exactly", async () => {
  await using running = await startServer();
  const client = await dial(running.listening.url);
  await client.peer.request("thread/start", {});
  await client.peer.request("turn/start", { threadId: T1, input: [] });
  const thread = running.agent.thread(1);
  let expected = "";
  for (let count = 0; count < 20_000; count++) {
    thread.say(`word ${count} `);
    expected += `word ${count} `;
  }
  thread.finish();
  await client.until("turn/completed");
  const deltas = client.notifications.filter(({ method }) => method === "item/agentMessage/delta");
  const text = deltas.map(({ params }) => (params as { delta: string }).delta).join("");
  assert.equal(text, expected);
  await client.peer.close({ code: 1000, reason: "" });
});

Deno.test("a reader that never reads is given up, and another hears everything", async () => {
  await using running = await startServer();
  const good = await dial(running.listening.url);
  await good.peer.request("thread/start", {});
  await good.peer.request("turn/start", { threadId: T1, input: [] });
  await using stuck = await dialRaw(running.port);
  await stuck.write(
    textFrame({ method: "initialize", id: 1, params: { clientInfo: { name: "stuck", version: "1" } } }),
  );
  await stuck.write(textFrame({ method: "thread/resume", id: 2, params: { threadId: T1 } }));
  await stuck.read((bytes) => new TextDecoder().decode(bytes).includes('"id":2'));
  const chunk = "x".repeat(1024 * 1024);
  for (let count = 0; count < 50; count++) {
    running.agent.thread(1).say(chunk);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  running.agent.thread(1).finish();
  await good.until("turn/completed");
  const deltas = good.notifications.filter(({ method }) => method === "item/agentMessage/delta");
  const size = deltas.reduce((sum, { params }) => sum + (params as { delta: string }).delta.length, 0);
  assert.equal(size, 50 * chunk.length);
  while (running.clients() > 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await good.peer.close({ code: 1000, reason: "" });
});

Deno.test("serveUntilSignal() lets a running turn end at a signal, and a second signal cuts it short", async () => {
  for (const signalsToEnd of [1, 2]) {
    await using running = await startServer();
    let signal: (name: EndSignal) => void = () => {};
    const drained: number[] = [];
    const client = await dial(running.listening.url);
    await client.peer.request("thread/start", {});
    if (signalsToEnd === 2) await client.peer.request("turn/start", { threadId: T1, input: [] });
    const ended = serveUntilSignal(running.app, {
      drain: { boundMs: 30_000, onDraining: (threads) => void drained.push(threads) },
      watchSignals(listener): () => void {
        signal = listener;
        return () => {};
      },
    });
    signal("terminate");
    if (signalsToEnd === 2) {
      running.agent.thread(1).say("still here");
      await client.until("item/agentMessage/delta");
      await assert.rejects(client.peer.request("turn/start", { threadId: T1, input: [] }), /shutting down/);
      signal("interrupt");
    }
    await ended;
    assert.equal((await client.peer.closed).code, 1001);
    assert.deepEqual(drained, signalsToEnd === 2 ? [1] : []);
  }
});

Deno.test("while a server ends it takes no new clients, is not ready, and is healthy until its turns have ended", async () => {
  const outcomes: string[] = [];
  await using running = await startServer({
    metrics: { ...NO_METRICS, handshake: (outcome) => void outcomes.push(outcome) },
  });
  const client = await dial(running.listening.url);
  await client.peer.request("thread/start", {});
  await client.peer.request("turn/start", { threadId: T1, input: [] });
  const statuses = async (): Promise<[number, number, number, string]> => {
    const get = (path: string): ReturnType<typeof rawRequest> => rawRequest(running.port, `GET ${path} HTTP/1.1`);
    const [ready, healthy, upgrade] = [await get("/readyz"), await get("/healthz"), await get("/")];
    return [ready.status, healthy.status, upgrade.status, upgrade.status === 101 ? "" : upgrade.body];
  };
  assert.deepEqual(await statuses(), [200, 200, 101, ""]);
  const atOnce = new AbortController();
  const ended = running.app.shutdown(atOnce.signal);
  assert.deepEqual(await statuses(), [503, 200, 503, "server is shutting down"]);
  // Whoever is in still hears what goes on.
  running.agent.thread(1).say("the end");
  running.agent.thread(1).finish();
  await client.until("turn/completed");
  atOnce.abort();
  await ended;
  assert.equal((await client.peer.closed).code, 1001);
  const counts = Object.fromEntries(outcomes.map((one) => [one, outcomes.filter((other) => other === one).length]));
  assert.deepEqual(counts, { accepted: 2, probe: 4, closing: 1 });
});
