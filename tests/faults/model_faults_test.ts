// A model server that is down, refuses, cuts its stream, goes silent or fails: the turn ends with the right error on
// the wire, the server lives, nothing said before is lost, and the next turn works.

import assert from "node:assert/strict";
import type { Message } from "../support/json_rpc.ts";
import { PLAIN_TEXT } from "../support/model_script.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { answersOf, makeFixture, startThread } from "./fixture.ts";

interface Row {
  name: string;
  text: string;
  status: "completed" | "failed";
  /** `codexErrorInfo` of the failed turn; undefined: any. */
  info?: unknown;
  /** The error's message. */
  message?: RegExp;
  /** How many "will retry" notices come first. */
  retries: number;
  answer?: string;
}

const RECOVERED = "Scripted stand-in: recovered after a failure.";

const ROWS: Row[] = [
  { name: "401", text: "%e401", status: "failed", retries: 2, message: /401 Unauthorized/ },
  { name: "400", text: "%e400", status: "failed", retries: 0, message: /answers 400/ },
  { name: "500", text: "%e500", status: "failed", retries: 2, info: "internalServerError" },
  { name: "500 once", text: "%e500:1", status: "completed", retries: 0, answer: RECOVERED },
  {
    name: "a cut stream",
    text: "%cut",
    status: "failed",
    retries: 2,
    message: /stream disconnected|before completion/i,
  },
  { name: "a stream cut once", text: "%cut:1", status: "completed", retries: 1, answer: RECOVERED },
  { name: "a silent stream", text: "%stall", status: "failed", retries: 2, message: /idle|timeout|timed out/i },
  { name: "a stream silent once", text: "%stall:1", status: "completed", retries: 1, answer: RECOVERED },
  { name: "response.failed", text: "%failed", status: "failed", retries: 2, message: /failed on purpose/ },
];

for (const row of ROWS) {
  Deno.test({
    name: `model answers with ${row.name}: the turn is ${row.status}, and the thread goes on`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(): Promise<void> {
      await using fixture = await makeFixture({ provider: ["stream_idle_timeout_ms = 700"] });
      const { client } = await fixture.start();
      const threadId = await startThread(client, fixture);
      await client.turn(threadId, "before %plain");
      const { turn } = await client.turn(threadId, `now ${row.text}`);
      assert.equal(turn.status, row.status, JSON.stringify(turn.error));
      const errors = client.notifications("error").map((message) => message.params);
      const retries = errors.filter((error) => error.willRetry);
      assert.equal(retries.length, row.retries, JSON.stringify(errors));
      if (row.status === "failed") {
        const final = errors.filter((error) => !error.willRetry);
        assert.equal(final.length, 1);
        assert.deepEqual(final[0].error, turn.error);
        if (row.info !== undefined) assert.deepEqual(turn.error.codexErrorInfo, row.info);
        if (row.message !== undefined) assert.match(turn.error.message, row.message);
      }
      await client.turn(threadId, "after %plain");
      const { thread } = await client.request("thread/read", { threadId, includeTurns: true });
      assert.equal(thread.turns.length, 3);
      assert.equal(answersOf(thread)[0], PLAIN_TEXT);
      assert.equal(answersOf(thread).at(-1), PLAIN_TEXT);
      if (row.answer !== undefined) assert.ok(answersOf(thread).includes(row.answer));
    },
  });
}

Deno.test({
  name: "429 is retried or refused, but the turn always ends and the thread goes on",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using fixture = await makeFixture();
    const { client } = await fixture.start();
    const threadId = await startThread(client, fixture);
    const { turn } = await client.turn(threadId, "now %e429");
    assert.equal(turn.status, "failed");
    assert.deepEqual(turn.error.codexErrorInfo, { responseTooManyFailedAttempts: { httpStatusCode: 429 } });
    assert.equal((await client.turn(threadId, "after %plain")).turn.status, "completed");
  },
});

Deno.test({
  name: "a model server that is down fails the turn, and the next turn works once it is back",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using fixture = await makeFixture();
    const { client } = await fixture.start();
    const threadId = await startThread(client, fixture);
    await client.turn(threadId, "before %plain");
    await fixture.model.close();
    const { turn } = await client.turn(threadId, "while down %plain");
    assert.equal(turn.status, "failed");
    assert.match(turn.error.message, /127\.0\.0\.1|error sending request|connect/i);
    const back = await startModelStandIn({ port: fixture.model.port });
    try {
      assert.equal((await client.turn(threadId, "after %plain")).turn.status, "completed");
      const input = JSON.stringify(back.requests.at(-1)!.body.input);
      for (const typed of ["before %plain", "while down %plain", "after %plain"]) {
        assert.ok(input.includes(typed), `the model no longer hears "${typed}"`);
      }
    } finally {
      await back.close();
    }
  },
});

Deno.test({
  name: "a broken-off answer and an error reach the client before turn/completed",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    await using fixture = await makeFixture();
    const { client } = await fixture.start();
    const threadId = await startThread(client, fixture);
    await client.turn(threadId, "now %cut");
    const methods = client.received().map((message: Message) => message.method).filter(Boolean);
    assert.ok(methods.lastIndexOf("error") < methods.lastIndexOf("turn/completed"));
    assert.ok(methods.includes("item/agentMessage/delta"));
  },
});
