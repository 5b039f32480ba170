// Resume without gap or repeat: a client that loses its connection at any message boundary of a turn and resumes folds
// the same state as one that was never disturbed. The real server and agent, in this process; the client's own reducer.
import assert from "node:assert/strict";
import { findApproval } from "../../src/client/approval.ts";
import { createNotificationReader } from "../../src/client/server_event.ts";
import { EMPTY_VIEW, reduceThread, type ThreadEvent, type ThreadView } from "../../src/client/thread_view.ts";
import { composeServer, type House } from "../../src/cli/compose.ts";
import { SILENT_LOG } from "../../src/base/log.ts";
import { createMemoryStreamPair } from "../../src/rpc/memory_stream.ts";
import { Peer } from "../../src/rpc/peer.ts";
import { type ModelStandIn, startModelStandIn } from "../support/model_stand_in.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

const FLOWS: readonly (readonly [name: string, text: string, approvalPolicy: string])[] = [
  ["plain text", "one %plain", "never"],
  ["many deltas", "two %deltas:40", "never"],
  ["a command and reasoning", "three %sh:echo a; echo b %think", "never"],
  ["a long output", "long %sh:seq 30000", "never"],
  ["several commands, one that fails", "four %multi %sh:exit 3 %deltas:12", "never"],
  ["parallel commands", "five %par", "never"],
  ["a plan", "six %plan", "never"],
  ["a patch that is asked for", "seven %patch:asked-N.txt", "untrusted"],
  ["a command that is asked for", "eight %sh:mkdir asked-N", "untrusted"],
  ["a failing answer", "nine asked-N %e500:9", "never"],
];

interface Outcome {
  readonly view: ThreadView;
  /** Messages that the server sent from the answer to turn/start on, as far as they were heard. */
  readonly heard: number;
}

/** Plays one turn; the client is cut off after `cuts` messages, each counted from the last connection. */
async function play(house: House, flow: (typeof FLOWS)[number], cuts: readonly number[]): Promise<Outcome> {
  const [, template, approvalPolicy] = flow;
  // What is made is new each time.
  const text = template.replace("asked-N", () => `asked-${crypto.randomUUID().slice(0, 8)}`);
  const readNotification = createNotificationReader();
  let view = EMPTY_VIEW;
  let heard = 0;
  let threadId = "";
  const left = [...cuts];
  const over = Promise.withResolvers<void>();
  const fold = (event: ThreadEvent): void => {
    view = reduceThread(view, event);
    if (threadId !== "" && view.turn === null && view.endedTurns.size > 0) over.resolve();
  };

  async function connect(resume: boolean): Promise<Peer> {
    const [serverEnd, clientEnd] = createMemoryStreamPair();
    void house.server.connect(serverEnd);
    const peer = new Peer(clientEnd);
    let budget = resume ? left.shift() : Number.POSITIVE_INFINITY;
    const state = { counts: resume, open: true };
    const count = (): boolean => {
      if (!state.open) return false;
      if (!state.counts) return true;
      heard++;
      if (budget !== undefined && --budget < 0) {
        state.open = false;
        void peer.close({ code: 1000, reason: "cut" });
        return false;
      }
      return true;
    };
    void peer.run({
      onNotification({ method, params }): void {
        // The one that only starts the turn sees nothing.
        if (!resume) return;
        const notification = readNotification(method, params);
        if (!count() || notification === null) return;
        fold({ type: "heard", notification, nowMs: 0 });
      },
      onRequest(request): void {
        if (!resume || !count()) return;
        const approval = findApproval({ ...request, params: request.params });
        assert.ok(approval);
        fold({ type: "asked", approval });
        // One more boundary: the question was seen, and the connection ends before it is answered.
        if (!count()) return;
        peer.respond(request.id, { decision: "accept" });
        fold({ type: "answered", requestId: request.id });
      },
    }).then(() => {
      if (!state.counts || state.open) return;
      fold({ type: "disconnected" });
      void connect(true);
    });
    await peer.request("initialize", {
      clientInfo: { name: "probe", version: "1" },
      capabilities: { experimentalApi: true },
    });
    peer.notify("initialized");
    if (resume) {
      // What the snapshot tells is not heard twice: as the terminal UI does, nothing counts before it.
      state.counts = false;
      type Resumed = { thread: Extract<ThreadEvent, { type: "rejoined" }>["thread"] };
      const { thread } = await peer.request("thread/resume", { threadId }) as Resumed;
      fold({ type: "rejoined", thread, nowMs: 0 });
      state.counts = true;
    }
    return peer;
  }

  const starter = await connect(false);
  type Started = { thread: Extract<ThreadEvent, { type: "opened" }>["thread"] };
  const { thread } = await starter.request("thread/start", {
    approvalPolicy,
    sandbox: "danger-full-access",
  }) as Started;
  fold({ type: "opened", thread, nowMs: 0 });
  threadId = thread.id;
  // A second connection plays the turn, so that its messages are counted from the first one on.
  const player = await connect(true);
  await starter.request("turn/start", { threadId, input: [{ type: "text", text, text_elements: [] }] });
  await starter.close({ code: 1000, reason: "" });
  await over.promise;
  await settle();
  void player;
  return { view, heard };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Without what differs from run to run: ids, times, process ids, the order in which parallel commands start. Where a
 * plan stood among the items is not told again after a reconnection: plans are compared by themselves.
 */
function normal(view: ThreadView): unknown {
  const names = new Map<string, string>();
  const text = JSON.stringify(
    { ...view, endedTurns: view.endedTurns.size, nextKey: 0, plansRetold: 0 },
    (key, value) => {
      if (/(At|AtMs|durationMs|processId)$/.test(key)) return null;
      return value;
    },
  );
  const plain = JSON.parse(
    text.replace(/asked-[0-9a-f]{8}/g, "asked").replace(
      /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(call|msg|rs|item)_?[0-9a-z_]{6,}/g,
      (id) => {
        const name = names.get(id) ?? `id ${names.size}`;
        names.set(id, name);
        return name;
      },
    ),
  );
  const isPlan = ({ kind }: { kind: string }): boolean => kind === "plan";
  const isParallel = ({ item }: { item?: { command?: string } }): boolean => /parallel-\d/.test(item?.command ?? "");
  const entries: { kind: string; key: string; item?: { id: string; command?: string } }[] = plain.entries;
  const parallel = entries.filter(isParallel).map(({ item }) => ({ ...item, id: "" }));
  return {
    ...plain,
    plans: entries.filter(isPlan).map((entry) => ({ ...entry, key: "" })),
    parallel: parallel.sort((a, b) => String(a.command).localeCompare(String(b.command))),
    entries: entries.filter((entry) => !isPlan(entry) && !isParallel(entry)),
  };
}

async function withHouse(work: (house: House, model: ModelStandIn) => Promise<void>): Promise<void> {
  await using scratch = await makeScratch();
  const model = await startModelStandIn();
  const workspace = await scratch.workspace();
  const home = await scratch.home("home", {
    baseUrl: model.baseUrl,
    trusted: [workspace],
  });
  const house = await composeServer({
    config: { assignments: [], settings: [], profile: null, writableRoots: [], localProvider: null },
    context: {
      environment: testEnv(home),
      folder: workspace,
      isStdinTerminal: false,
      isStdoutTerminal: false,
      isStderrTerminal: false,
      printStdout(): void {},
      printStderr(): void {},
    },
    brokenConfig: "fail",
    log: SILENT_LOG,
  });
  try {
    await work(house, model);
  } finally {
    await house.server.shutdown(AbortSignal.abort());
    await house.close();
    await model.close();
  }
}

for (const flow of FLOWS) {
  Deno.test({
    name: `resume at every message boundary: ${flow[0]}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      withHouse(async (house) => {
        const undisturbed = await play(house, flow, []);
        const expected = normal(undisturbed.view);
        assert.ok(undisturbed.heard > 5, `${undisturbed.heard} messages`);
        for (let cut = 0; cut <= undisturbed.heard; cut++) {
          const { view } = await play(house, flow, [cut]);
          assert.deepEqual(normal(view), expected, `cut after ${cut} of ${undisturbed.heard} messages`);
        }
        // A connection that is lost again and again.
        const { view } = await play(house, flow, Array.from({ length: 200 }, (_, at) => 1 + at % 3));
        assert.deepEqual(normal(view), expected, "cut after every few messages");
      }),
  });
}
