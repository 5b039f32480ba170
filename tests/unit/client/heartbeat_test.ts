import assert from "node:assert/strict";
import process from "node:process";
import { createAppServerClient } from "../../../src/client/app_server_client.ts";
import { withHeartbeat } from "../../../src/client/heartbeat.ts";
import { createMemoryStreamPair } from "../../../src/rpc/memory_stream.ts";

// The runtime prints a warning once in a process: it is listened for from the start.
const warnings: string[] = [];
process.on("warning", (warning: Error) => warnings.push(warning.message));

Deno.test("withHeartbeat() asks a silent server, goes on when it answers, and gives up when it does not", async () => {
  const [ours, theirs] = createMemoryStreamPair();
  const client = createAppServerClient(withHeartbeat(ours, { silentMs: 5, answerMs: 5 }));
  const asked: unknown[] = [];
  let answers = 3;
  for await (const incoming of theirs.incoming) {
    if (incoming.kind !== "message") continue;
    asked.push(incoming.value);
    const { id } = incoming.value as { id: string };
    if (answers-- > 0) theirs.send(JSON.stringify({ id, result: { data: [], nextCursor: null } }));
  }
  assert.deepEqual(asked.length, 4);
  assert.deepEqual(asked[0], { method: "thread/loaded/list", id: "heartbeat-1", params: { limit: 1 } });
  assert.deepEqual(await client.closed, { code: 4000, reason: "the server does not answer any more" });
});

Deno.test("withHeartbeat() says nothing while the server talks, and stops with the connection", async () => {
  const [ours, theirs] = createMemoryStreamPair();
  const client = createAppServerClient(withHeartbeat(ours, { silentMs: 20, answerMs: 20 }));
  const said: unknown[] = [];
  const listening = (async (): Promise<void> => {
    for await (const incoming of theirs.incoming) said.push(incoming);
  })();
  for (let count = 0; count < 20; count++) {
    theirs.send(JSON.stringify({ method: "x" }));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await client.close();
  await listening;
  assert.deepEqual(said, []);
});

Deno.test("withHeartbeat() makes the runtime warn of nothing when an answer takes longer than silence", async () => {
  const [ours, theirs] = createMemoryStreamPair();
  const client = createAppServerClient(withHeartbeat(ours, { silentMs: 2, answerMs: 10 }));
  let asked = 0;
  for await (const incoming of theirs.incoming) {
    if (incoming.kind !== "message") continue;
    const { id } = incoming.value as { id: string };
    if (++asked < 3) theirs.send(JSON.stringify({ id, result: { data: [], nextCursor: null } }));
  }
  await client.closed;
  assert.deepEqual({ asked, warnings }, { asked: 3, warnings: [] });
});
