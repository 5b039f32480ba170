import assert from "node:assert/strict";
import { createAppServerClient } from "../../../src/client/app_server_client.ts";
import { RpcError } from "../../../src/rpc/error_codes.ts";
import { startScriptedServer } from "../../support/scripted_app_server.ts";

Deno.test("initialize() sends the recorded handshake", async () => {
  const server = startScriptedServer();
  const client = createAppServerClient(server.client);
  await client.initialize({ name: "codex-tui", version: "0.120.0" });
  await server.waitFor(({ method }) => method === "initialized");
  assert.deepEqual(server.asked, [
    {
      id: "initialize",
      method: "initialize",
      params: {
        clientInfo: { name: "codex-tui", title: null, version: "0.120.0" },
        capabilities: { experimentalApi: true, optOutNotificationMethods: null },
      },
    },
    { id: undefined, method: "initialized", params: {} },
  ]);
  await client.close();
});

Deno.test("request() rejects with the server's error", async () => {
  const server = startScriptedServer({ "model/list": () => ({ error: { code: -32600, message: "no" } }) });
  const client = createAppServerClient(server.client);
  await assert.rejects(
    client.request("model/list", {}),
    (error) => error instanceof RpcError && error.message === "no",
  );
  await client.close();
});

Deno.test("request() rejects when the connection closes first, and `closed` tells why", async () => {
  const server = startScriptedServer({ "model/list": () => undefined });
  const client = createAppServerClient(server.client);
  const answer = client.request("model/list", {});
  await server.waitFor(({ method }) => method === "model/list");
  await server.close({ code: 1001, reason: "going away" });
  await assert.rejects(answer, { code: "CONNECT_FAILED" });
  assert.deepEqual(await client.closed, { code: 1001, reason: "going away" });
});

Deno.test("what awaits an answer runs before the notifications behind it are heard", async () => {
  const server = startScriptedServer({
    "thread/loaded/list": (_asked, self) => {
      queueMicrotask(() => self.notify("thread/closed"));
      return { result: { data: [], nextCursor: null } };
    },
  });
  const client = createAppServerClient(server.client);
  const order: string[] = [];
  const heard = Promise.withResolvers<void>();
  client.onNotification((method) => {
    order.push(method);
    heard.resolve();
  });
  await client.request("thread/loaded/list", {});
  await Promise.resolve();
  order.push("answer");
  await heard.promise;
  assert.deepEqual(order, ["answer", "thread/closed"]);
  await client.close();
});

Deno.test("a server request that nobody claims is answered with method not found; a claimed one once", async () => {
  const server = startScriptedServer();
  const client = createAppServerClient(server.client);
  client.onServerRequest((ask) => ask.method === "known/method");
  server.ask(7, "unknown/method", {});
  server.ask(8, "known/method", {});
  await client.initialize({ name: "x", version: "1" });
  client.respond(8, { decision: "accept" });
  client.respond(8, { decision: "cancel" });
  await client.request("model/list", {});
  assert.deepEqual(server.answered, [{ id: 7, result: undefined }, { id: 8, result: { decision: "accept" } }]);
  await client.close();
});
