// kill -9 of the server in the middle of a turn: everything that was reported as completed is there after a restart.

import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket, type Message, startWebSocketServer } from "../support/json_rpc.ts";
import { PLAIN_TEXT, SUMMARY_TEXT } from "../support/model_script.ts";
import { testEnv } from "../support/workspace.ts";
import { answersOf, itemsOf, makeFixture, startThread } from "./fixture.ts";

interface Row {
  name: string;
  text: string;
  /** The moment of the kill. */
  until: (message: Message) => boolean;
}

const ROWS: Row[] = [
  {
    name: "while an answer streams",
    text: "second %sh:echo one %sh:echo two %slow",
    until: (message) => message.method === "item/agentMessage/delta" && /slow-3/.test(message.params.delta),
  },
  {
    name: "while a command runs",
    text: "second %sh:echo one %sh:echo begun; sleep 60",
    until: (message) => message.method === "item/commandExecution/outputDelta" && /begun/.test(message.params.delta),
  },
  {
    name: "while an approval is open",
    text: "second %sh:echo one %esc:mkdir -p asked",
    until: (message) => message.method === "item/commandExecution/requestApproval",
  },
  {
    name: "right after the turn completed",
    text: "second %sh:echo one %patch:added.txt",
    until: (message) => message.method === "turn/completed",
  },
];

for (const row of ROWS) {
  Deno.test({
    name: `kill -9 ${row.name}: a resumed thread has every completed item`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(): Promise<void> {
      await using fixture = await makeFixture();
      const first = await fixture.start();
      const threadId = await startThread(first.client, fixture);
      await first.client.turn(threadId, "first %plain");
      const from = first.client.log.length;
      await first.client.request("turn/start", {
        threadId,
        input: [{ type: "text", text: row.text, text_elements: [] }],
      });
      await first.client.waitFor(row.name, row.until, { from });
      first.server.signal("SIGKILL");
      await first.server.exit();

      const completed: Message[] = first.client.notifications("item/completed").map((message) => message.params.item);
      const second = await fixture.start();
      const { thread } = await second.client.request("thread/resume", { threadId });
      assert.equal(thread.turns.length, 2);
      assert.deepEqual(facts(itemsOf(thread)).filter((fact) => facts(completed).includes(fact)), facts(completed));
      assert.notEqual(thread.turns[1].status, "inProgress", "nobody works on that turn any more");

      const { turn } = await second.client.turn(threadId, "third %plain");
      assert.equal(turn.status, "completed");
      const input = JSON.stringify(fixture.model.requests.at(-1)!.body.input);
      for (const typed of ["first %plain", row.text.slice(0, 12), "third %plain"]) {
        assert.ok(input.includes(typed), `the model no longer hears "${typed}"`);
      }
      assert.ok(input.includes(PLAIN_TEXT), "the model no longer hears the first answer");
    },
  });
}

Deno.test({
  name: "SIGTERM while idle ends the server with 0, and a resumed thread is whole",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using fixture = await makeFixture();
    const options = { cwd: fixture.workspace, env: testEnv(fixture.home) };
    const { server, url } = await startWebSocketServer(codexCommand(), options);
    await using _server = server;
    await using client = await connectWebSocket(url);
    await client.initialize();
    const threadId = await startThread(client, fixture);
    await client.turn(threadId, "one %sh:echo kept");
    server.signal("SIGTERM");
    assert.equal((await server.exit()).code, 0);
    const second = await fixture.start();
    const { thread } = await second.client.request("thread/resume", { threadId });
    assert.equal(answersOf(thread).at(-1), SUMMARY_TEXT);
  },
});

Deno.test({
  name: "a rollout whose last line was cut in the middle still resumes",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using fixture = await makeFixture();
    const first = await fixture.start();
    const started = await first.client.request("thread/start", { cwd: fixture.workspace });
    await first.client.turn(started.thread.id, "one %plain");
    first.server.signal("SIGKILL");
    await first.server.exit();
    await Deno.writeTextFile(started.thread.path, '{"timestamp":"2026-01-01T00:00:00.000Z","type":"respon', {
      append: true,
    });
    const second = await fixture.start();
    const { thread } = await second.client.request("thread/resume", { threadId: started.thread.id });
    assert.deepEqual(answersOf(thread), [PLAIN_TEXT]);
    await second.client.turn(started.thread.id, "two %plain");
    const { thread: again } = await second.client.request("thread/read", {
      threadId: started.thread.id,
      includeTurns: true,
    });
    assert.deepEqual(answersOf(again), [PLAIN_TEXT, PLAIN_TEXT]);
  },
});

/** What must survive of an item; ids of user messages are made anew by the reference on every read. */
function facts(items: Message[]): string[] {
  return items.map((item) => {
    switch (item.type) {
      case "userMessage":
        return `user ${item.content.map((part: Message) => part.text).join()}`;
      case "agentMessage":
        return `agent ${item.text}`;
      case "commandExecution":
        return `command ${item.command} exit ${item.exitCode} ${item.aggregatedOutput}`;
      case "fileChange":
        return `patch ${item.status} ${item.changes.map((change: Message) => change.path).join()}`;
      default:
        return item.type;
    }
  });
}
