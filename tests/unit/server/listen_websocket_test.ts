// The server behind a real socket on a free loopback port.
import assert from "node:assert/strict";
import { createCapabilityToken } from "../../../src/auth/capability_token.ts";
import { type AuthPolicy, OPEN } from "../../../src/auth/policy.ts";
import { CodexError } from "../../../src/base/errors.ts";
import { ConnectError, openWebSocket } from "../../../src/host/connect.ts";
import type { EndSignal } from "../../../src/host/signals.ts";
import { Peer } from "../../../src/rpc/peer.ts";
import { createSocketStream } from "../../../src/rpc/socket_stream.ts";
import { type AppServer, createAppServer } from "../../../src/server/app_server.ts";
import {
  runWebSocketServer,
  startWebSocketServer,
  type WebSocketServer,
} from "../../../src/server/listen_websocket.ts";
import { FakeAgent, threadIdOf } from "../../conversations/fake_agent.ts";
import { fakeServices } from "../../conversations/fake_services.ts";

const T1 = threadIdOf(1);

interface Running extends AsyncDisposable {
  readonly app: AppServer;
  readonly agent: FakeAgent;
  readonly listening: WebSocketServer;
}

function makeServer(): { app: AppServer; agent: FakeAgent } {
  const made: FakeAgent[] = [];
  const app = createAppServer(fakeServices([], (ports) => {
    const agent = new FakeAgent(ports);
    made.push(agent);
    return agent;
  }));
  return { app, agent: made[0]! };
}

function start(auth: AuthPolicy = OPEN): Running {
  const { app, agent } = makeServer();
  const listening = startWebSocketServer({ server: app, hostname: "127.0.0.1", port: 0, auth });
  return {
    app,
    agent,
    listening,
    async [Symbol.asyncDispose](): Promise<void> {
      await app.shutdown(AbortSignal.abort());
      await listening.stop();
    },
  };
}

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
  const running = start();
  const client = await dial(running.listening.url);
  assert.deepEqual(await client.peer.request("account/read", {}), { account: null, requiresOpenaiAuth: false });
  assert.equal(running.app.connectionCount, 1);
  await running[Symbol.asyncDispose]();
  assert.deepEqual(await client.peer.closed, { code: 1001, reason: "server is shutting down" });
  assert.equal(running.app.connectionCount, 0);
});

Deno.test("a WebSocket server answers binary frames with an error and goes on", async () => {
  await using running = start();
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
  await using running = start({ kind: "capabilityToken", token: await createCapabilityToken("s3cret") });
  const { url, port } = running.listening;
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

Deno.test("startWebSocketServer() on a port in use says which and what to do", async () => {
  await using running = start();
  const { port } = running.listening;
  assert.throws(
    () => startWebSocketServer({ server: running.app, hostname: "127.0.0.1", port, auth: OPEN }),
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
  await using running = start();
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
  await using running = start();
  const good = await dial(running.listening.url);
  await good.peer.request("thread/start", {});
  await good.peer.request("turn/start", { threadId: T1, input: [] });
  using stuck = await openStuckReader(running.listening.port, [
    { method: "initialize", id: 1, params: { clientInfo: { name: "stuck", version: "1" } } },
    { method: "thread/resume", id: 2, params: { threadId: T1 } },
  ]);
  await stuck.answered;
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
  while (running.app.connectionCount > 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await good.peer.close({ code: 1000, reason: "" });
});

/** A client on bare TCP that sends these messages, reads their answers, and then nothing more. */
async function openStuckReader(
  port: number,
  messages: readonly unknown[],
): Promise<Disposable & { readonly answered: Promise<void> }> {
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
  const encoder = new TextEncoder();
  const upgrade = [
    "GET / HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    "",
  ];
  await tcp.write(encoder.encode(upgrade.join("\r\n")));
  for (const message of messages) await tcp.write(maskedFrame(encoder.encode(JSON.stringify(message))));
  async function answers(): Promise<void> {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(4096);
    for (let seen = ""; !seen.includes('"id":2');) {
      const count = await tcp.read(buffer);
      if (count === null) throw new Error("closed early");
      seen += decoder.decode(buffer.subarray(0, count));
    }
  }
  return { answered: answers(), [Symbol.dispose]: () => tcp.close() };
}

/** A text frame of a client, with a mask of zeros (RFC 6455, section 5.2). */
function maskedFrame(payload: Uint8Array): Uint8Array {
  const head = payload.length < 126
    ? [0x81, 0x80 | payload.length]
    : [0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return new Uint8Array([...head, 0, 0, 0, 0, ...payload]);
}

Deno.test("runWebSocketServer() ends with 0 at a signal; a running turn may end, a second signal cuts it short", async () => {
  for (const signalsToEnd of [1, 2]) {
    const { app, agent } = makeServer();
    let signal: (name: EndSignal) => void = () => {};
    const ready = Promise.withResolvers<WebSocketServer>();
    const drained: number[] = [];
    const exit = runWebSocketServer({
      server: app,
      hostname: "127.0.0.1",
      port: 0,
      auth: OPEN,
      onListening: ready.resolve,
      onDraining: (threads) => drained.push(threads),
      watchSignals(listener): () => void {
        signal = listener;
        return () => {};
      },
    });
    const client = await dial((await ready.promise).url);
    await client.peer.request("thread/start", {});
    if (signalsToEnd === 2) await client.peer.request("turn/start", { threadId: T1, input: [] });
    signal("terminate");
    if (signalsToEnd === 2) {
      agent.thread(1).say("still here");
      await client.until("item/agentMessage/delta");
      signal("interrupt");
    }
    assert.equal(await exit, 0);
    assert.equal((await client.peer.closed).code, 1001);
    assert.deepEqual(drained, signalsToEnd === 2 ? [1] : []);
  }
});
