// Conversations about threads: who hears what, approvals with several clients, and what happens when clients leave.
import { conversation, settle } from "./conversation.ts";
import { threadIdOf } from "./fake_agent.ts";
import { STORED_ID } from "./fake_services.ts";

const T1 = threadIdOf(1);
const UNKNOWN = "00000000-0000-7000-8000-00000000ffff";
const INPUT = [{ type: "text", text: "hi", text_elements: [] }];

conversation(
  "turn",
  `A turn: the answer comes before the first event of the turn, whatever the agent does first.`,
  async (talk) => {
    const a = await talk.join("A");
    await a.request("thread/start", { cwd: "/work" });
    await a.request("turn/start", { threadId: T1, input: INPUT });
    talk.agent.thread(1).say("Hello");
    talk.agent.thread(1).say(" there");
    await settle();
    await a.request("turn/steer", { threadId: T1, input: INPUT, expectedTurnId: "turn-1" });
    talk.agent.thread(1).finish();
    await settle();
  },
);

conversation(
  "subscriptions",
  `That a thread exists, changes its status or leaves memory is heard by every client; the rest by its
subscribers. The last subscriber's leaving unloads the thread.`,
  async (talk) => {
    const a = await talk.join("A");
    const b = await talk.join("B");
    await a.request("thread/start", {});
    await a.request("turn/start", { threadId: T1, input: INPUT });
    talk.note("B watches from the middle of the turn on");
    await b.request("thread/unsubscribe", { threadId: T1 });
    talk.agent.thread(1).say("unheard by B");
    await b.request("thread/resume", { threadId: T1 });
    talk.agent.thread(1).say("heard by both");
    await settle();
    talk.agent.thread(1).finish();
    await settle();
    talk.note("both leave the thread");
    await a.request("thread/unsubscribe", { threadId: T1 });
    await a.request("thread/unsubscribe", { threadId: T1 });
    await b.request("thread/unsubscribe", { threadId: T1 });
    await b.request("thread/unsubscribe", { threadId: T1 });
    talk.note("and A comes back");
    await a.request("thread/resume", { threadId: T1 });
  },
);

conversation(
  "last_client_leaves",
  `A running turn goes on when its last client has gone, and its question stays open until somebody comes.
Once it has ended with nobody there, the thread leaves memory after a while (here: none).`,
  async (talk) => {
    const a = await talk.join("A");
    await a.request("thread/start", {});
    await a.request("turn/start", { threadId: T1, input: INPUT });
    const answer = talk.agent.thread(1).ask("make install");
    await settle();
    await a.leave();
    const b = await talk.join("B");
    await b.request("thread/loaded/list", {});
    await b.request("thread/resume", { threadId: T1 });
    await b.say({ id: 0, result: { decision: "accept" } });
    talk.write(`agent got ${JSON.stringify(await answer)}`);
    await b.leave();
    const c = await talk.join("C");
    talk.note("the turn ends with nobody there");
    talk.agent.thread(1).finish();
    await settle();
    await c.request("thread/loaded/list", {});
  },
  { unloadAfterMs: 0 },
);

conversation(
  "nobody_there",
  `An idle thread stays in memory when its last client has gone, for whoever comes back. The last client that
unsubscribes gets it unloaded at once, with the turn that runs.`,
  async (talk) => {
    const a = await talk.join("A");
    await a.request("thread/start", {});
    await a.leave();
    const b = await talk.join("B");
    await b.request("thread/loaded/list", {});
    await b.request("thread/resume", { threadId: T1 });
    await b.request("turn/start", { threadId: T1, input: INPUT });
    await b.request("thread/unsubscribe", { threadId: T1 });
    await b.request("thread/loaded/list", {});
  },
);

conversation(
  "approvals",
  `A question goes to every subscriber under one id; the first valid answer wins, all are told, late and unknown
answers are ignored. A client that cannot answer leaves it to the others.`,
  async (talk) => {
    const a = await talk.join("A");
    const b = await talk.join("B");
    await a.request("thread/start", {});
    await b.request("thread/resume", { threadId: T1 });
    await a.request("turn/start", { threadId: T1, input: INPUT });
    const thread = talk.agent.thread(1);

    talk.note("B is first");
    let answer = thread.ask("touch /opt/x");
    await settle();
    await b.say({ id: 0, result: { decision: "accept" } });
    await a.say({ id: 0, result: { decision: "cancel" } });
    await a.say({ id: 9999, result: { decision: "accept" } });
    talk.write(`agent got ${JSON.stringify(await answer)}`);

    talk.note("A cannot answer, B can");
    answer = thread.ask("touch /opt/y");
    await settle();
    await a.say({ id: 1, error: { code: -32601, message: "unsupported" } });
    await b.say({ id: 1, result: { decision: "decline" } });
    talk.write(`agent got ${JSON.stringify(await answer)}`);

    talk.note("nobody can answer");
    answer = thread.ask("touch /opt/z");
    await settle();
    await a.say({ id: 2, result: { decision: "bogus" } });
    await b.say({ id: 2, result: {} });
    talk.write(`agent got ${JSON.stringify(await answer)}`);

    talk.note("a patch");
    const patch = thread.askForPatch();
    await settle();
    await a.say({ id: 3, result: { decision: "acceptForSession" } });
    talk.write(`agent got ${JSON.stringify(await patch)}`);

    talk.note("one leaves, the other answers");
    answer = thread.ask("touch /opt/w");
    await settle();
    await b.request("thread/unsubscribe", { threadId: T1 });
    await b.say({ id: 4, result: { decision: "accept" } });
    await a.say({ id: 4, result: { decision: "cancel" } });
    talk.write(`agent got ${JSON.stringify(await answer)}`);

    talk.note("the turn is interrupted meanwhile");
    answer = thread.ask("touch /opt/v");
    await settle();
    await a.request("turn/interrupt", { threadId: T1, turnId: "turn-1" });
    talk.write(`agent got ${JSON.stringify(await answer)}`);
    await a.say({ id: 5, result: { decision: "accept" } });
  },
);

conversation(
  "interrupt",
  `turn/interrupt is answered when the turn has ended; for a turn that does not run it is answered at once.`,
  async (talk) => {
    const a = await talk.join("A");
    await a.request("thread/start", {});
    await a.request("turn/interrupt", { threadId: T1, turnId: "turn-1" });
    await a.request("turn/start", { threadId: T1, input: INPUT });
    await a.request("turn/interrupt", { threadId: T1, turnId: "turn-9" });
    await a.request("turn/interrupt", { threadId: T1, turnId: "turn-1" });
    await a.request("turn/interrupt", { threadId: T1, turnId: "turn-1" });
  },
);

conversation(
  "thread_lookup",
  `Looking threads up: ids that are none, threads that are not there, in memory, or on disk only.`,
  async (talk) => {
    const a = await talk.join("A");
    for (const threadId of ["not-a-uuid", "a", "a-b", "00000000-0000-7000-8000-0", UNKNOWN]) {
      await a.request("thread/read", { threadId });
    }
    await a.request("thread/read", { threadId: STORED_ID });
    await a.request("thread/read", { threadId: STORED_ID, includeTurns: true });
    await a.request("thread/resume", { threadId: UNKNOWN });
    await a.request("thread/unsubscribe", { threadId: UNKNOWN });
    await a.request("turn/start", { threadId: UNKNOWN, input: INPUT });
    await a.request("turn/steer", { threadId: UNKNOWN, input: INPUT, expectedTurnId: "x" });
    await a.request("turn/interrupt", { threadId: UNKNOWN, turnId: "x" });
    await a.request("thread/list", { limit: 1 });
    await a.request("thread/list", { sourceKinds: ["exec"] });
    await a.request("thread/list", { cursor: "bogus" });
    await a.request("thread/list", { archived: true });
    talk.note("threads in memory");
    await a.request("thread/start", {});
    await a.request("thread/start", { ephemeral: true });
    await a.request("thread/read", { threadId: T1 });
    await a.request("thread/read", { threadId: T1, includeTurns: true });
    await a.request("thread/read", { threadId: threadIdOf(2), includeTurns: true });
    await a.request("thread/loaded/list", {});
    await a.request("thread/loaded/list", { limit: 1 });
    await a.request("thread/loaded/list", { limit: 1, cursor: T1 });
    await a.request("thread/loaded/list", { limit: 0 });
    await a.request("thread/loaded/list", { cursor: "bogus" });
    talk.note("input");
    await a.request("turn/steer", { threadId: T1, input: INPUT, expectedTurnId: "x" });
    await a.request("turn/steer", { threadId: T1, input: INPUT, expectedTurnId: "" });
    const line = talk.lines.length;
    await a.request("turn/start", { threadId: T1, input: [{ type: "text", text: "x".repeat(1024 * 1024 + 1) }] });
    talk.lines.splice(line, 1, "A -> turn/start with 1048577 characters");
  },
);

conversation(
  "shutdown",
  `On shutdown a running turn may end, until it is cut short; then every connection is closed with 1001.`,
  async (talk) => {
    const a = await talk.join("A");
    const b = await talk.join("B");
    await a.request("thread/start", {});
    await a.request("turn/start", { threadId: T1, input: INPUT });
    const atOnce = new AbortController();
    const done = talk.server.shutdown(atOnce.signal);
    talk.agent.thread(1).say("still here");
    await b.request("account/read", {});
    atOnce.abort();
    await done;
    await settle();
    const c = talk.connect("C");
    await c.request("account/read", {});
  },
);
