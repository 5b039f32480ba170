import assert from "node:assert/strict";
import type { Agent, AgentThread } from "../../../src/agent/threads.ts";
import { createLateAgent } from "../../../src/cli/late_agent.ts";

/** An agent with one thread, and what was asked of it. */
function fakeAgent(): { agent: Agent; asked: string[] } {
  const asked: string[] = [];
  const thread = { id: "t" } as AgentThread; // nothing else of it is used
  const agent: Agent = {
    start: () => Promise.resolve(thread),
    resume: () => Promise.resolve(thread),
    find: (id) => id === "t" ? thread : undefined,
    loadedIds: () => ["t"],
    unload: (id) => Promise.resolve(void asked.push(`unload ${id}`)),
    shutdown: () => Promise.resolve(void asked.push("shutdown")),
  };
  return { agent, asked };
}

Deno.test("createLateAgent() has no threads and nothing to end until one is started", async () => {
  const { agent, asked } = fakeAgent();
  let loads = 0;
  const late = createLateAgent(() => {
    loads++;
    return Promise.resolve(agent);
  });
  assert.deepEqual([late.find("t"), late.loadedIds()], [undefined, []]);
  await late.unload("t");
  await late.shutdown(AbortSignal.timeout(1000));
  assert.deepEqual([loads, asked], [0, []]);

  assert.equal((await late.start({}, { name: "c" })).id, "t");
  assert.equal(late.find("t")?.id, "t");
  assert.deepEqual(late.loadedIds(), ["t"]);
  await late.unload("t");
  await late.shutdown(AbortSignal.timeout(1000));
  assert.deepEqual(asked, ["unload t", "shutdown"]);
});

Deno.test("createLateAgent() tells each caller when the agent cannot be loaded", async () => {
  const late = createLateAgent(() => Promise.reject(new Error("no agent")));
  await assert.rejects(late.start({}, { name: "c" }), /no agent/);
  await assert.rejects(late.resume({ threadId: "t" }), /no agent/);
});
