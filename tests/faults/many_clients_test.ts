// Several clients on one thread: one of them is cut at every message while others stay, twenty come back at once, one
// stalls until the server lets go of it, and the input of a client that is cut while it sends is taken once.
import assert from "node:assert/strict";
import { SILENT_LOG } from "../../src/base/log.ts";
import { composeServer, type House } from "../../src/cli/compose.ts";
import { textOf } from "../../src/client/thread_entries.ts";
import type { ThreadView } from "../../src/client/thread_view.ts";
import { createMemoryStreamPair } from "../../src/rpc/memory_stream.ts";
import type { MessageStream } from "../../src/rpc/message_stream.ts";
import { createSocketStream } from "../../src/rpc/socket_stream.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket, startWebSocketServer } from "../support/json_rpc.ts";
import { type ModelStandInOptions, startModelStandIn } from "../support/model_stand_in.ts";
import { dialRaw, textFrame } from "../support/raw_websocket.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";
import { type Dial, shared, Viewer } from "./viewer.ts";

const LOOSE = { sanitizeOps: false, sanitizeResources: false };

interface Place {
  readonly dial: Dial;
  readonly workspace: string;
  /** Starts a thread; its id. */
  open(approvalPolicy?: string): Promise<string>;
  readonly url: string;
}

/** The server and the agent in this process. */
async function inProcess(work: (place: Place) => Promise<void>): Promise<void> {
  await using scratch = await makeScratch();
  const model = await startModelStandIn();
  const workspace = await scratch.workspace();
  const home = await scratch.home("home", { baseUrl: model.baseUrl, trusted: [workspace] });
  const house: House = await composeServer({
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
  const dial = (): MessageStream => {
    const [theirs, ours] = createMemoryStreamPair();
    void house.server.connect(theirs);
    return ours;
  };
  try {
    await work({
      dial,
      workspace,
      url: "",
      open: async (approvalPolicy = "never") =>
        (await house.server.agent.start({
          approvalPolicy: approvalPolicy as "never", // the rows below name policies of the protocol
          sandbox: "danger-full-access",
        }, { name: "test" })).id,
    });
  } finally {
    await house.server.shutdown(AbortSignal.abort());
    await house.close();
    await model.close();
  }
}

/** A server process, over real sockets. */
async function overSockets(options: ModelStandInOptions, work: (place: Place) => Promise<void>): Promise<void> {
  await using scratch = await makeScratch();
  const model = await startModelStandIn(options);
  try {
    const workspace = await scratch.workspace();
    const home = await scratch.home("home", { baseUrl: model.baseUrl, trusted: [workspace] });
    const { server, url } = await startWebSocketServer(codexCommand(), { cwd: workspace, env: testEnv(home) });
    await using _server = server;
    await using starter = await connectWebSocket(url);
    await starter.initialize();
    const dial = (): Promise<MessageStream> => {
      const socket = new WebSocket(url);
      const stream = createSocketStream(socket);
      return new Promise((resolve, reject) => {
        socket.addEventListener("open", () => resolve(stream));
        socket.addEventListener("error", () => reject(new Error(`Cannot connect to ${url}`)));
      });
    };
    await work({
      dial,
      workspace,
      url,
      async open(approvalPolicy = "never"): Promise<string> {
        const params = { cwd: workspace, sandbox: "danger-full-access", approvalPolicy };
        return (await starter.request("thread/start", params)).thread.id;
      },
    });
  } finally {
    await model.close();
  }
}

function messagesOf(view: ThreadView, type: string): (string | null)[] {
  return view.entries.flatMap((entry) => entry.kind === "item" && entry.item.type === type ? [textOf(entry.item)] : []);
}

const FLOWS: readonly (readonly [name: string, text: string, approvalPolicy: string])[] = [
  ["commands, thoughts and text", "%multi %sh:exit 3 %think", "never"],
  ["parallel commands", "%par", "never"],
  ["a command that is asked for", "%sh:mkdir asked-N", "untrusted"],
  ["a patch that is asked for", "%patch:asked-N.txt", "untrusted"],
];

/** How many notifications a client hears that is not disturbed. */
async function countMessages(text: string, threadId: string, dial: Dial): Promise<number> {
  await using viewer = new Viewer(dial, threadId);
  await viewer.join();
  let count = 0;
  viewer.onHeard = () => count++;
  viewer.onAsked = (approval) => viewer.accept(approval);
  await viewer.say(text.replace("asked-N", "asked-count"));
  await viewer.untilEnded();
  return count;
}

for (const [name, text, approvalPolicy] of FLOWS) {
  Deno.test(
    `two clients on one thread, one cut at every message: ${name}`,
    LOOSE,
    () =>
      inProcess(async ({ dial, open }) => {
        let most = 1;
        for (let cut = 0; cut < most; cut++) {
          const threadId = await open(approvalPolicy);
          await using steady = new Viewer(dial, threadId);
          await using shaky = new Viewer(dial, threadId);
          await steady.join();
          await shaky.join();
          let heard = 0;
          const lost = Promise.withResolvers<void>();
          shaky.onHeard = () => heard++ === cut ? void shaky.cut().then(lost.resolve) : undefined;
          // Who answers takes turns; an answer that is lost with its connection is asked for again.
          const answerer = cut % 2 === 0 ? steady : shaky;
          answerer.onAsked = (approval) => answerer.accept(approval);
          await steady.say(text.replace("asked-N", `asked-${cut}`));
          await lost.promise;
          await shaky.join();
          await steady.untilEnded();
          await shaky.untilEnded();
          assert.deepEqual(shared(shaky.view), shared(steady.view), `cut after ${cut} messages`);
          assert.deepEqual(shaky.view.approvals, []);
          if (cut === 0) most = await countMessages(text, await open(approvalPolicy), dial);
        }
        assert.ok(most > 10, `${most} messages`);
      }),
  );
}

Deno.test(
  "input of a client that is cut while it sends is taken once, and it can tell",
  LOOSE,
  () =>
    inProcess(async ({ dial, open }) => {
      const threadId = await open();
      await using writer = new Viewer(dial, threadId);
      await writer.join();
      for (let round = 1; round <= 50; round++) {
        const sent = writer.say(`round ${round} %plain`).then(() => true, () => false);
        // Some rounds are cut before anything was looked at, some in the middle, some after the answer.
        for (let step = 0; step < round % 7; step++) await Promise.resolve();
        if (round % 7 === 6) await sent;
        await writer.cut();
        await sent;
        await writer.join();
        await writer.untilEnded(round);
        const told = messagesOf(writer.view, "userMessage");
        assert.equal(told.filter((text) => text === `round ${round} %plain`).length, 1, `round ${round}`);
        assert.equal(told.length, round);
      }
    }),
);

Deno.test(
  "20 clients that are cut and come back at once, three times in one turn, see the same",
  LOOSE,
  () =>
    overSockets({}, async ({ dial, open, workspace }) => {
      const threadId = await open();
      await using steady = new Viewer(dial, threadId);
      await steady.join();
      await steady.say("%sh:seq 3000 %sh:while [ ! -e go ]; do sleep 0.02; done; seq 500 %slow:80");
      const viewers = Array.from({ length: 20 }, () => new Viewer(dial, threadId));
      try {
        await Promise.all(viewers.map((viewer) => viewer.join()));
        for (let storm = 0; storm < 3; storm++) {
          await Promise.all(viewers.map((viewer) => viewer.cut()));
          assert.notEqual(steady.view.turn, null, `storm ${storm} came after the turn`);
          if (storm === 1) await Deno.writeTextFile(`${workspace}/go`, "");
          await Promise.all(viewers.map((viewer) => viewer.join()));
        }
        await steady.untilEnded();
        const expected = shared(steady.view);
        for (const viewer of viewers) {
          await viewer.untilEnded();
          assert.deepEqual(shared(viewer.view), expected);
        }
        assert.equal(messagesOf(steady.view, "agentMessage").join("").match(/slow-79 /g)?.length, 1);
      } finally {
        for (const viewer of viewers) await viewer[Symbol.asyncDispose]();
      }
    }),
);

Deno.test("a reader that stalls is closed with 1013 and has missed nothing once it is back", LOOSE, () => {
  const piece = `${"x".repeat(16_383)} `;
  // Three answers of 12 MB: one of 36 would be more than a model sends.
  const pieces = 750;
  const whole = 3 * pieces * piece.length;
  const gate = "while [ ! -e go ]; do sleep 0.02; done; echo gone on";
  return overSockets({
    script: ({ round }) => ({
      kind: "items",
      items: round === 3 ? [{ kind: "text", text: "done" }] : [
        { kind: "text", text: piece.repeat(pieces), deltas: Array.from({ length: pieces }, () => piece) },
        { kind: "call", name: "exec_command", arguments: { cmd: round === 2 ? gate : "true" } },
      ],
    }),
  }, async ({ dial, open, url, workspace }) => {
    const threadId = await open();
    await using steady = new Viewer(dial, threadId);
    await steady.join();
    await using stuck = await dialRaw(Number(new URL(url).port));
    const clientInfo = { name: "stuck", version: "1" };
    await stuck.write(textFrame({ method: "initialize", id: 1, params: { clientInfo } }));
    await stuck.write(textFrame({ method: "thread/resume", id: 2, params: { threadId } }));
    await steady.say("go");
    const size = (view: ThreadView): number =>
      messagesOf(view, "agentMessage").reduce((sum, text) => sum + (text?.length ?? 0), 0);
    await steady.until((view) => size(view) > 0.9 * whole, 60_000);
    assert.equal(await stuck.closeCode(), 1013);

    // In the middle of the turn, with all of its text behind.
    await steady.until(({ entries }) => JSON.stringify(entries.at(-1)).includes("gone on"), 60_000);
    await using back = new Viewer(dial, threadId);
    await back.join();
    await Deno.writeTextFile(`${workspace}/go`, "");
    await steady.untilEnded();
    await back.untilEnded();
    assert.equal(size(back.view), whole + "done".length);
    assert.deepEqual(shared(back.view), shared(steady.view));
  });
});
