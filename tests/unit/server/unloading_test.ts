import assert from "node:assert/strict";
import type { Agent, AgentThread } from "../../../src/agent/threads.ts";
import { createLanes } from "../../../src/base/lanes.ts";
import { SILENT_LOG } from "../../../src/base/log.ts";
import { createMemoryStreamPair } from "../../../src/rpc/memory_stream.ts";
import { createAppServer } from "../../../src/server/app_server.ts";
import { createBroadcast } from "../../../src/server/broadcast.ts";
import type { Connection } from "../../../src/server/connection.ts";
import { createSubscriptions, type Subscriptions } from "../../../src/server/subscriptions.ts";
import { createUnloading, type Unloading } from "../../../src/server/unloading.ts";
import { FakeAgent, threadIdOf } from "../../conversations/fake_agent.ts";
import { fakeServices } from "../../conversations/fake_services.ts";

// Only its identity matters.
const SOMEBODY = {} as Connection;

interface Scene {
  readonly unloading: Unloading;
  readonly subscriptions: Subscriptions;
  /** In the order in which they left memory. */
  readonly unloaded: string[];
  readonly active: Set<string>;
  untilUnloaded(count: number): Promise<void>;
}

function setUp(afterMs: number): Scene {
  const unloaded: string[] = [];
  const active = new Set<string>();
  const subscriptions = createSubscriptions();
  const find = (id: string): AgentThread | undefined =>
    // What unloading looks at of a thread.
    unloaded.includes(id) ? undefined : ({ status: { type: active.has(id) ? "active" : "idle" } } as AgentThread);
  const unload = (id: string): Promise<void> => Promise.resolve(void unloaded.push(id));
  const unloading = createUnloading({
    agent: () => ({ find, unload } as unknown as Agent),
    lanes: createLanes(),
    subscriptions,
    broadcast: createBroadcast(new Set(), subscriptions),
    log: SILENT_LOG,
    afterMs,
  });
  return {
    unloading,
    subscriptions,
    unloaded,
    active,
    async untilUnloaded(count): Promise<void> {
      while (unloaded.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}

Deno.test("createUnloading() lets an unheard idle thread go after its time", async () => {
  const { unloading, unloaded, untilUnloaded } = setUp(2);
  unloading.unheard("a");
  assert.deepEqual(unloaded, []);
  await untilUnloaded(1);
  assert.deepEqual(unloaded, ["a"]);
  unloading.stop();
});

Deno.test("createUnloading() keeps a thread that is heard again or works when its time is over", async () => {
  const { unloading, unloaded, subscriptions, active, untilUnloaded } = setUp(2);
  for (const id of ["heard", "works", "c"]) unloading.unheard(id);
  subscriptions.add("heard", SOMEBODY);
  active.add("works");
  await untilUnloaded(1);
  assert.deepEqual(unloaded, ["c"]);
  // The end of its work begins the time anew.
  active.delete("works");
  unloading.unheard("works");
  await untilUnloaded(2);
  assert.deepEqual(unloaded, ["c", "works"]);
  unloading.stop();
});

Deno.test("createUnloading() keeps 64 unheard threads, those that were heard last", async () => {
  const { unloading, unloaded, active, untilUnloaded } = setUp(3_600_000);
  active.add("works");
  unloading.unheard("works");
  for (let number = 0; number < 64; number++) unloading.unheard(`${number}`);
  assert.deepEqual(unloaded, []);
  unloading.unheard("0");
  for (const id of ["64", "65"]) unloading.unheard(id);
  await untilUnloaded(2);
  assert.deepEqual(unloaded, ["1", "2"]);
  unloading.stop();
});

Deno.test("createUnloading() does nothing any more once it is stopped", () => {
  const { unloading, unloaded } = setUp(0);
  unloading.unheard("a");
  unloading.stop();
  unloading.unheard("b");
  // A timer that was left would be found by the test's own check for leaks.
  assert.deepEqual(unloaded, []);
});

Deno.test("a client that leaves while its thread is made does not keep it in memory", async () => {
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const unloaded = Promise.withResolvers<string>();
  class SlowAgent extends FakeAgent {
    override async start(...given: Parameters<FakeAgent["start"]>): ReturnType<FakeAgent["start"]> {
      asked.resolve();
      await goOn.promise;
      return await super.start(...given);
    }
    override async unload(threadId: string): Promise<void> {
      await super.unload(threadId);
      unloaded.resolve(threadId);
    }
  }
  const app = createAppServer(
    fakeServices([], (ports) => new SlowAgent(ports)),
    { unloadAfterMs: 1 },
  );
  const [theirs, ours] = createMemoryStreamPair();
  const served = app.connect(theirs);
  ours.send(JSON.stringify({ method: "initialize", id: 1, params: { clientInfo: { name: "x", version: "1" } } }));
  ours.send(JSON.stringify({ method: "thread/start", id: 2, params: {} }));
  await asked.promise;
  await ours.close({ code: 1000, reason: "" });
  await served;
  goOn.resolve();
  assert.equal(await unloaded.promise, threadIdOf(1));
  await app.shutdown(AbortSignal.abort());
});
