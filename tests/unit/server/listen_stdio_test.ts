import assert from "node:assert/strict";
import { createJsonlStream } from "../../../src/rpc/jsonl_stream.ts";
import { createAppServer } from "../../../src/server/app_server.ts";
import { runStdioServer } from "../../../src/server/listen_stdio.ts";
import { FakeAgent, threadIdOf } from "../../conversations/fake_agent.ts";
import { fakeServices } from "../../conversations/fake_services.ts";

async function run(messages: readonly unknown[]): Promise<{ exit: number; answers: unknown[] }> {
  const text = messages.map((message) => JSON.stringify(message) + "\n").join("");
  let written = "";
  const stream = createJsonlStream({
    input: ReadableStream.from([new TextEncoder().encode(text)]),
    write(bytes): Promise<void> {
      written += new TextDecoder().decode(bytes);
      return Promise.resolve();
    },
  });
  const server = createAppServer(fakeServices([], (ports) => new FakeAgent(ports)));
  const exit = await runStdioServer({ server, stream, watchSignals: () => () => {} });
  return { exit, answers: written.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line)) };
}

const INITIALIZE = { method: "initialize", id: 1, params: { clientInfo: { name: "probe", version: "1" } } };

Deno.test("runStdioServer() answers what was asked before the end of input, and ends with 0", async () => {
  assert.deepEqual(await run([]), { exit: 0, answers: [] });
  const { exit, answers } = await run([
    INITIALIZE,
    { method: "initialized" },
    { method: "skills/list", id: 2, params: {} },
  ]);
  assert.equal(exit, 0);
  assert.deepEqual(answers.map((answer) => (answer as { id?: number }).id), [1, undefined, 2]);
});

Deno.test("runStdioServer() interrupts a running turn at the end of input", async () => {
  const { exit, answers } = await run([
    INITIALIZE,
    { method: "thread/start", id: 2, params: {} },
    // The thread does not exist yet when this is read: the end of input does not wait for anything.
    { method: "turn/start", id: 3, params: { threadId: threadIdOf(1), input: [] } },
  ]);
  assert.equal(exit, 0);
  assert.equal(answers.length > 2, true);
});

Deno.test("runStdioServer() interrupts a running turn at the first signal", async () => {
  let signal: () => void = () => {};
  const input = new ReadableStream<Uint8Array>({
    start(controller): void {
      const messages = [INITIALIZE, { method: "thread/start", id: 2, params: {} }];
      for (const message of messages) controller.enqueue(new TextEncoder().encode(JSON.stringify(message) + "\n"));
    },
  });
  const started = Promise.withResolvers<void>();
  const stream = createJsonlStream({
    input,
    write(bytes): Promise<void> {
      if (new TextDecoder().decode(bytes).includes('"id":2')) started.resolve();
      return Promise.resolve();
    },
  });
  let agent: FakeAgent | undefined;
  const server = createAppServer(fakeServices([], (ports) => agent = new FakeAgent(ports)));
  const exit = runStdioServer({
    server,
    stream,
    watchSignals(listener): () => void {
      signal = () => listener("terminate");
      return () => {};
    },
  });
  await started.promise;
  agent?.thread(1).startTurn();
  signal();
  assert.equal(await exit, 0);
});
