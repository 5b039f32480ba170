// A client that sends everything at once: each of its requests is answered, and others do not wait for it.
import assert from "node:assert/strict";
import { connectWebSocket, type Message } from "../../support/json_rpc.ts";
import { startServer } from "../../support/socket_server.ts";
import { NO_METRICS } from "../../../src/server/metrics.ts";

const REQUESTS = 10_000;
const MAX_IN_FLIGHT = 128;

Deno.test("10,000 requests at once are each answered once, with -32001 past the bound, and others are served", async () => {
  const outcomes = new Map<string, number>();
  const held = Promise.withResolvers<void>();
  await using server = await startServer({
    guard: { openTable: () => null },
    metrics: {
      ...NO_METRICS,
      request: (_method, outcome) => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1),
    },
    services: {
      store: {
        list: () => held.promise.then(() => ({ threads: [], nextCursor: null })),
        load: () => Promise.reject(new Error("not asked for")),
      },
    },
  });
  const url = `ws://127.0.0.1:${server.port}`;
  await using flooder = await connectWebSocket(url);
  await using other = await connectWebSocket(url);
  await flooder.initialize();
  await other.initialize();
  outcomes.clear();

  // The first half is answered at once, the other waits for a disk that hangs. Ids are numbers and texts.
  const ids = Array.from({ length: REQUESTS }, (_, at) => at % 2 === 0 ? 1_000 + at : `id ${at}`);
  ids.forEach((id, at) => flooder.send({ id, method: at < REQUESTS / 2 ? "model/list" : "thread/list", params: {} }));
  const asked = performance.now();
  for (let count = 0; count < 20; count++) await other.request("model/list", {});
  const servedMs = performance.now() - asked;
  const refused = (message: Message): boolean => message.error?.code === -32001;
  const last = ids[REQUESTS - 1];
  await flooder.waitFor("the last answer", ({ id }) => id === last);
  await other.request("model/list", {});
  held.resolve();
  const waiting = ids[REQUESTS / 2 + MAX_IN_FLIGHT - 1];
  await flooder.waitFor("the answers of the slow ones", ({ id }) => id === waiting);

  const answers = flooder.received().filter(({ id, method }) => method === undefined && ids.includes(id));
  assert.equal(answers.length, REQUESTS);
  assert.equal(new Set(answers.map(({ id }) => id)).size, REQUESTS);
  assert.equal(answers.filter(refused).length, REQUESTS / 2 - MAX_IN_FLIGHT);
  assert.deepEqual(answers.find(refused)?.error, { code: -32001, message: "Server overloaded; retry later." });
  for (const { result, error } of answers) assert.ok(result !== undefined || error?.code === -32001);
  assert.equal(outcomes.get("-32001"), REQUESTS / 2 - MAX_IN_FLIGHT);
  assert.equal(outcomes.get("ok"), REQUESTS / 2 + MAX_IN_FLIGHT + 21);
  assert.ok(servedMs < 5_000, `20 requests of another client took ${servedMs} ms`);
});
