// The flows that every app server is driven through over stdio, ours and the reference alike. A flow starts a
// thread of its own and says how it answers approvals; what both sides sent is kept for the checks.

import { codexCommand } from "../support/codex_under_test.ts";
import { connectStdio, type LoggedMessage, type Message, type RawClient } from "../support/json_rpc.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { waitUntil } from "../support/process.ts";
import { referenceCommand } from "../support/reference.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

export interface FlowContext {
  client: RawClient;
  workspace: string;
  /** A folder that no sandbox mode makes writable. */
  outside: string;
  startThread(params?: Record<string, unknown>): Promise<string>;
}

export interface Flow {
  name: string;
  /** The answer to every request of the server in this flow. */
  decision?: string;
  /** False: the order of what is sent is not the same in every run of the reference, or ours is better on purpose. */
  ordered?: boolean;
  /** True: an answer breaks off. We end its item with what was seen so far, the reference leaves it open. */
  breaksOff?: boolean;
  /** True: the script's patch can only succeed, so that a failed one says something about the machine, not the wire. */
  applies?: boolean;
  /** How many commands must start, for the same reason; left out: it is not known. */
  starts?: number;
  run(context: FlowContext): Promise<void>;
}

export interface FlowRecord {
  flow: Flow;
  log: LoggedMessage[];
  failure: unknown;
}

/** A flow that is one turn with this text. */
function turnFlow(name: string, text: string, more: Partial<Flow> & { thread?: Record<string, unknown> } = {}): Flow {
  const { thread, ...rest } = more;
  return {
    name,
    ...rest,
    async run({ client, startThread }): Promise<void> {
      await client.turn(await startThread(thread), text);
    },
  };
}

const UNTRUSTED = { approvalPolicy: "untrusted" };

export const FLOWS: Flow[] = [
  { name: "account/read", run: async ({ client }) => await client.request("account/read", { refreshToken: false }) },
  {
    name: "model/list",
    run: async ({ client }) => await client.request("model/list", { cursor: null, limit: null, includeHidden: true }),
  },
  {
    name: "skills/list",
    run: async ({ client, workspace }) => await client.request("skills/list", { cwds: [workspace], forceReload: true }),
  },
  {
    name: "config/read",
    run: async ({ client, workspace }) => await client.request("config/read", { includeLayers: true, cwd: workspace }),
  },
  turnFlow("plain", "1 %plain"),
  turnFlow("markdown", "2 %md"),
  turnFlow("reasoning", "3 %think"),
  turnFlow("plan", "4 %plan"),
  turnFlow("command in the sandbox", "5 %sh:sleep 0.3; echo sandboxed", { starts: 1 }),
  turnFlow("command that fails", "6 %sh:sleep 0.3; exit 3", { starts: 1 }),
  turnFlow("command that the sandbox refuses", "7 %sh:sleep 0.3; touch /usr/refused 2>/dev/null || echo refused", {
    starts: 1,
  }),
  turnFlow("escalated command accepted", "8 %esc:sleep 0.3; echo escalated", { decision: "accept", starts: 1 }),
  turnFlow("escalated command declined", "9 %esc:sleep 0.3; echo escalated", { decision: "decline" }),
  turnFlow("escalated command cancelled", "10 %esc:sleep 0.3; echo escalated", { decision: "cancel" }),
  turnFlow("command asked for, untrusted", "11 %sh:mkdir -p asked; sleep 0.3", {
    decision: "accept",
    thread: UNTRUSTED,
    starts: 1,
  }),
  turnFlow("patch, automatic", "12 %patch:conformance_auto.txt", { applies: true }),
  turnFlow("patch accepted", "13 %patch:conformance_accepted.txt", {
    decision: "accept",
    thread: UNTRUSTED,
    applies: true,
  }),
  turnFlow("patch declined", "14 %patch:conformance_declined.txt", {
    decision: "decline",
    thread: UNTRUSTED,
    ordered: false,
  }),
  // The reference ends the item now before and now after the status; ours: tests/unit/agent/approval_test.ts.
  turnFlow("patch cancelled", "15 %patch:conformance_cancelled.txt", {
    decision: "cancel",
    thread: UNTRUSTED,
    ordered: false,
  }),
  turnFlow("patch that updates", "16 %patchupd:notes.txt", { applies: true }),
  turnFlow("patch that does not apply", "17 %patchbad:notes.txt", { ordered: false }),
  turnFlow("three commands in a row", "18 %sh:sleep 0.2; echo 1 %sh:sleep 0.2; echo 2 %sh:sleep 0.2; echo 3", {
    starts: 3,
  }),
  turnFlow("three commands at once", "19 %par", { ordered: false }),
  turnFlow("write_stdin", "20 %tty:cat", { ordered: false }),
  turnFlow("unknown tool", "21 %badtool"),
  turnFlow("wrong tool arguments", "22 %badargs"),
  turnFlow("model answers 401", "23 %e401", { ordered: false }),
  turnFlow("model answers 500", "24 %e500"),
  turnFlow("model answers 429", "25 %e429", { ordered: false }),
  turnFlow("model cuts the stream", "26 %cut", { breaksOff: true }),
  turnFlow("model cuts the stream once", "27 %cut:1", { breaksOff: true }),
  turnFlow("response.failed", "28 %failed"),
  {
    name: "interrupt",
    breaksOff: true,
    async run({ client, startThread }): Promise<void> {
      const threadId = await startThread();
      const from = client.log.length;
      const { turn } = await client.request("turn/start", { threadId, input: [text("29 %slow")] });
      await client.waitFor("a delta", (message) => message.method === "item/agentMessage/delta", { from });
      await client.request("turn/interrupt", { threadId, turnId: turn.id });
      await turnEnd(client, threadId, from);
    },
  },
  {
    name: "steer",
    ordered: false,
    async run({ client, startThread }): Promise<void> {
      const threadId = await startThread();
      const from = client.log.length;
      const { turn } = await client.request("turn/start", { threadId, input: [text("30 %sh:sleep 1.5; echo slept")] });
      await client.waitFor("the command", (message) => message.params?.item?.type === "commandExecution", { from });
      await client.request("turn/steer", { threadId, expectedTurnId: turn.id, input: [text("and this %plain")] });
      await turnEnd(client, threadId, from);
    },
  },
  {
    name: "read, list, unsubscribe, resume",
    ordered: false,
    async run({ client, startThread, workspace }): Promise<void> {
      const threadId = await startThread();
      await client.turn(threadId, "31 %sh:sleep 0.3; echo kept");
      await client.request("thread/read", { threadId, includeTurns: true });
      await client.request("thread/list", { cwd: workspace, limit: 5 });
      await client.request("thread/loaded/list", {});
      await client.request("thread/unsubscribe", { threadId });
      await waitUntil("the thread unloads", async () => {
        const loaded = await client.request("thread/loaded/list", {});
        return !loaded.data.includes(threadId);
      });
      await client.request("thread/resume", { threadId });
      await client.turn(threadId, "32 %plain");
      await client.request("thread/unsubscribe", { threadId });
    },
  },
  {
    name: "refused requests",
    ordered: false,
    async run({ client, startThread }): Promise<void> {
      const nowhere = "01900000-0000-7000-8000-000000000000";
      await client.requestRaw("no/such/method", {});
      await client.requestRaw("initialize", { clientInfo: { name: "again", version: "1" } });
      await client.requestRaw("turn/start", {});
      await client.requestRaw("turn/start", { threadId: nowhere, input: [text("hi")] });
      await client.requestRaw("thread/read", { threadId: nowhere });
      await client.requestRaw("thread/resume", { threadId: nowhere });
      await client.requestRaw("thread/resume", { threadId: "not-a-uuid" });
      for (const cursor of ["bogus", "999", "", "-1"]) await client.requestRaw("model/list", { cursor });
      const threadId = await startThread();
      await client.requestRaw("turn/steer", { threadId, expectedTurnId: nowhere, input: [text("hi")] });
    },
  },
];

function text(value: string): Message {
  return { type: "text", text: value, text_elements: [] };
}

async function turnEnd(client: RawClient, threadId: string, from: number): Promise<void> {
  const ended = (message: Message): boolean =>
    message.method === "turn/completed" && message.params.threadId === threadId;
  await client.waitFor("the end of the turn", ended, { from });
}

/** How often a flow is asked of the reference again when it fails by itself. */
const PEER_TRIES = 4;

/**
 * Drives one server through all flows on one stdio connection. A flow that fails is recorded as failed. The reference
 * loses its helper program in a race with its own children now and then, and then fails every patch and sandboxed
 * command of that process: what only it fails is asked of a fresh process, a few times. Ours is asked once.
 */
export async function recordFlows(maker: "ours" | "reference"): Promise<FlowRecord[]> {
  await using cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await makeScratch());
  const model = await startModelStandIn();
  cleanup.defer(() => model.close());
  const workspace = await scratch.workspace();
  const home = await scratch.home("home", { baseUrl: model.baseUrl, trusted: [workspace] });
  const outside = `${scratch.path}/outside`;
  await Deno.mkdir(outside);
  const line = maker === "ours" ? codexCommand() : await referenceCommand();
  const open = (): RawClient => cleanup.use(connectStdio(line, { cwd: workspace, env: testEnv(home) }).client);
  let client = open();

  async function record(flow: Flow): Promise<FlowRecord> {
    const from = client.log.length;
    let failure: unknown;
    client.onAsk(() => flow.decision === undefined ? undefined : { decision: flow.decision });
    const startThread = async (params: Record<string, unknown> = {}): Promise<string> => {
      const started = await client.request("thread/start", { cwd: workspace, ...params });
      return started.thread.id;
    };
    try {
      await flow.run({ client, workspace, outside, startThread });
      await settle(client);
    } catch (error) {
      failure = error;
    }
    return { flow, log: client.log.slice(from), failure };
  }

  const records: FlowRecord[] = [];
  const handshake: Flow = { name: "initialize", run: async () => await client.initialize() };
  for (const flow of [handshake, ...FLOWS]) {
    let recorded = await record(flow);
    for (let tries = 1; maker === "reference" && !hasWorked(recorded) && tries < PEER_TRIES; tries++) {
      say(`The reference failed by itself in flow "${flow.name}"; asking it again (${tries})`);
      await client.close();
      client = open();
      await client.initialize();
      recorded = await record(flow);
    }
    records.push(recorded);
    if (client.closed !== undefined) break;
  }
  return records;
}

/** True when what a flow needs of the machine was there: its commands started, and every patch succeeded. */
export function hasWorked(record: FlowRecord): boolean {
  const { applies = false, starts = 0 } = record.flow;
  return (!applies || hasApplied(record)) && startedCommands(record) >= starts;
}

function startedCommands({ log }: FlowRecord): number {
  return log.filter(({ direction, message }) =>
    direction === "received" && message.method === "item/started" && message.params.item.type === "commandExecution"
  ).length;
}

function hasApplied({ log }: FlowRecord): boolean {
  const ends = log.filter(({ direction, message }) =>
    direction === "received" && message.method === "item/completed" && message.params.item.type === "fileChange"
  );
  return ends.length > 0 && ends.every(({ message }) => message.params.item.status === "completed");
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Waits until a request is answered after everything that was queued before it. */
async function settle(client: RawClient): Promise<void> {
  await client.request("thread/loaded/list", {});
}
