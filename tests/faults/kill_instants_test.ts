// kill -9 of the server at 50 random instants of a turn, then a new server: what a client was told is complete is there,
// the request is there once turn/start was answered, and the thread goes on.
import assert from "node:assert/strict";
import { connectStdio, type Message } from "../support/json_rpc.ts";
import { referenceCommand } from "../support/reference.ts";
import { testEnv } from "../support/workspace.ts";
import { type Fixture, itemsOf, makeFixture, startThread } from "./fixture.ts";

const INSTANTS = 50;
const SEED = Number(Deno.env.get("CODEX_TEST_SEED") ?? 20_261_123);
const TURNS = [
  "%plain",
  "%sh:echo one; echo two",
  "%deltas:200",
  "%think %sh:echo a %patch:NEW.txt",
  "%multi",
  "%plan %sh:exit 3",
  "%par",
  "%slow:20",
];

/** Instants after which the reference reads the file, too. */
const READ_BY_REFERENCE = [3, 20, 41];

/** mulberry32: the same numbers for the same seed. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What of an item survives being stored: ids of stored messages are new, durations are not kept. */
function fact(item: Message): string {
  switch (item.type) {
    case "commandExecution":
      return JSON.stringify([item.type, item.command, item.status, item.exitCode, item.aggregatedOutput]);
    case "fileChange":
      return JSON.stringify([item.type, item.status, item.changes]);
    case "reasoning":
      return JSON.stringify([item.type, item.summary]);
    case "userMessage":
      return JSON.stringify([item.type, item.content.map((part: Message) => part.text)]);
    default:
      return JSON.stringify([item.type, item.text]);
  }
}

Deno.test({
  name: `kill -9 at ${INSTANTS} random instants (seed ${SEED}) loses nothing that was acknowledged`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(): Promise<void> {
    const random = makeRandom(SEED);
    const plans = Array.from({ length: INSTANTS }, (_, at) => ({
      at,
      text: `request ${at} ${TURNS[at % TURNS.length]!.replace("NEW", `new-${at}`)}`,
      /** Messages of the turn before the kill: from its acknowledgement to past its end. */
      messages: Math.floor(random() * 45),
    }));
    const outcomes = { midTurn: 0, items: 0 };
    async function play(lane: readonly (typeof plans)[number][]): Promise<void> {
      await using fixture = await makeFixture();
      let connection = await fixture.start();
      for (const { at, text, messages } of lane) {
        const { client, server } = connection;
        const threadId = await startThread(client, fixture, { sandbox: "danger-full-access", approvalPolicy: "never" });
        await client.turn(threadId, `before ${at} %plain`);
        const from = client.log.length;
        await client.request("turn/start", { threadId, input: [{ type: "text", text, text_elements: [] }] });
        let seen = 0;
        await client.waitFor(
          `message ${messages} of ${text}`,
          (message) => message.method === "turn/completed" || ++seen > messages,
          { from },
        );
        server.signal("SIGKILL");
        await server.exit();
        const told = client.notifications("item/completed").map(({ params }) => params)
          .filter((params) => params.threadId === threadId).map(({ item }) => item);
        const completed = client.notifications("turn/completed").filter(({ params }) => params.threadId === threadId);
        if (completed.length === 1) outcomes.midTurn++;
        outcomes.items += told.length;

        connection = await fixture.start();
        const { thread } = await connection.client.request("thread/resume", { threadId });
        const stored = itemsOf(thread).map(fact);
        const where = `seed ${SEED}, instant ${at}, after ${messages} messages of "${text}"`;
        for (const item of told) {
          assert.ok(stored.includes(fact(item)), `${where}: lost ${fact(item)}\n${stored.join("\n")}`);
        }
        // `turn/start` was answered: the request is there, once.
        assert.equal(stored.filter((one) => one.includes(`request ${at} `)).length, 1, where);
        assert.equal(thread.turns.length, 2, where);
        assert.notEqual(thread.turns.at(-1).status, "inProgress", where);
        if (completed.length === 2) assert.equal(thread.turns[1].status, completed[1]!.params.turn.status, where);
        const { turn } = await connection.client.turn(threadId, `after ${at} %plain`);
        assert.equal(turn.status, "completed", where);
        if (READ_BY_REFERENCE.includes(at)) {
          await readByReference(fixture, threadId, [`request ${at} `, ...told.map((item) => item.text ?? "")], where);
        }
      }
    }
    await Promise.all([play(plans.filter(({ at }) => at % 2 === 0)), play(plans.filter(({ at }) => at % 2 === 1))]);
    assert.ok(outcomes.midTurn >= INSTANTS / 2, `${outcomes.midTurn} kills were inside of a turn`);
    assert.ok(outcomes.items > INSTANTS * 2);
  },
});

/** The reference resumes the thread and knows every one of these texts. */
async function readByReference(fixture: Fixture, threadId: string, texts: string[], where: string): Promise<void> {
  const options = { cwd: fixture.workspace, env: testEnv(fixture.home) };
  const { client } = connectStdio(await referenceCommand(), options);
  await using _client = client;
  await client.initialize();
  const { thread } = await client.request("thread/resume", { threadId });
  const known = JSON.stringify(itemsOf(thread));
  const missing = texts.filter((text) => !known.includes(JSON.stringify(text).slice(1, -1)));
  assert.deepEqual(missing, [], `${where}: the reference does not know them`);
}
