// Work outlives the client, however it leaves, and whoever comes finds it: on a real server process, over real sockets.
// And a peer that is silent without having left is noticed by either side within half a minute.
import assert from "node:assert/strict";
import { withHeartbeat } from "../../src/client/heartbeat.ts";
import { createSocketStream } from "../../src/rpc/socket_stream.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket, type Message, type RawClient, startWebSocketServer } from "../support/json_rpc.ts";
import { RunningProcess, waitUntil } from "../support/process.ts";
import { dialRaw, textFrame } from "../support/raw_websocket.ts";
import { testEnv } from "../support/workspace.ts";
import { type Fixture, itemsOf, makeFixture } from "./fixture.ts";

const LOOSE = { sanitizeOps: false, sanitizeResources: false };
const input = (text: string): Message[] => [{ type: "text", text, text_elements: [] }];

/** A client that joins the thread and is gone when `leave` settles; the turn is started by it. */
interface Leaver {
  leave(): Promise<void> | void;
  close(): Promise<void> | void;
}

interface Scene {
  readonly url: string;
  readonly threadId: string;
  readonly text: string;
}

async function webClient({ url, threadId, text }: Scene): Promise<RawClient> {
  const client = await connectWebSocket(url);
  await client.initialize();
  await client.request("thread/resume", { threadId });
  await client.request("turn/start", { threadId, input: input(text) });
  return client;
}

/** The same from a process of its own, so that it can be killed or stopped. */
async function clientProcess({ url, threadId, text }: Scene): Promise<RunningProcess> {
  const requests = [
    { method: "initialize", id: 1, params: { clientInfo: { name: "child", version: "1" } } },
    { method: "thread/resume", id: 2, params: { threadId } },
    { method: "turn/start", id: 3, params: { threadId, input: input(text) } },
  ];
  const script = `
    const socket = new WebSocket(${JSON.stringify(url)});
    const requests = ${JSON.stringify(requests)};
    const next = () => requests.length > 0 ? socket.send(JSON.stringify(requests.shift())) : console.log("started");
    socket.onopen = next;
    socket.onmessage = ({ data }) => "result" in JSON.parse(data) && next();
  `;
  const child = new RunningProcess({ command: Deno.execPath(), args: ["eval", script] });
  await child.waitForLine(/^started$/);
  return child;
}

const WAYS: readonly (readonly [name: string, join: (scene: Scene) => Promise<Leaver>])[] = [
  ["a close frame", async (scene) => {
    const client = await webClient(scene);
    return { leave: () => client.close(), close(): void {} };
  }],
  ["a cut TCP connection", async ({ url, threadId, text }) => {
    const client = await dialRaw(Number(new URL(url).port));
    const answered = async (id: number): Promise<void> => {
      const wanted = new RegExp(`"id":${id},"result"`);
      await client.read((bytes) => wanted.test(new TextDecoder().decode(bytes)));
    };
    await client.write(
      textFrame({ method: "initialize", id: 1, params: { clientInfo: { name: "raw", version: "1" } } }),
    );
    await answered(1);
    await client.write(textFrame({ method: "thread/resume", id: 2, params: { threadId } }));
    await answered(2);
    await client.write(textFrame({ method: "turn/start", id: 3, params: { threadId, input: input(text) } }));
    await answered(3);
    return { leave: () => client.connection.close(), close(): void {} };
  }],
  ["kill -9", async (scene) => {
    const child = await clientProcess(scene);
    return {
      async leave(): Promise<void> {
        child.signal("SIGKILL");
        await child.exit();
      },
      close: () => child.stop(),
    };
  }],
  ["silence (SIGSTOP)", async (scene) => {
    const child = await clientProcess(scene);
    return {
      leave: () => child.signal("SIGSTOP"),
      async close(): Promise<void> {
        child.signal("SIGKILL");
        await child.exit();
      },
    };
  }],
];

interface Server {
  readonly fixture: Fixture;
  readonly server: RunningProcess;
  readonly url: string;
  /** Subscribed to nothing: hears statuses of all threads. */
  readonly watcher: RawClient;
}

async function withServer(work: (server: Server) => Promise<void>): Promise<void> {
  await using fixture = await makeFixture();
  const { server, url } = await startWebSocketServer(codexCommand(), {
    cwd: fixture.workspace,
    env: testEnv(fixture.home),
    args: ["--log-level", "info"],
  });
  await using _server = server;
  await using watcher = await connectWebSocket(url);
  await watcher.initialize();
  await work({ fixture, server, url, watcher });
}

/** A thread that nobody hears. */
async function startThread({ url, fixture }: Server, more: Message): Promise<string> {
  await using starter = await connectWebSocket(url);
  await starter.initialize();
  return (await starter.request("thread/start", { cwd: fixture.workspace, ...more })).thread.id;
}

async function untilGone({ server }: Server, count: number, from: number): Promise<void> {
  const gone = (): number => server.stderrLines.slice(from).filter((line) => line.includes("Client gone")).length;
  await waitUntil(`${count} clients to be gone within 30 s`, () => gone() === count, 30_000);
}

function isIdle(threadId: string): (message: Message) => boolean {
  return ({ method, params }) =>
    method === "thread/status/changed" && params.threadId === threadId && params.status.type === "idle";
}

for (const [name, join] of WAYS) {
  Deno.test(
    `a turn goes on and a question waits when the last client leaves by ${name}`,
    LOOSE,
    () =>
      withServer(async (house) => {
        const { fixture, url, watcher, server } = house;
        // Two threads at once, so that half a minute of silence is waited for once.
        const free = { sandbox: "danger-full-access", approvalPolicy: "never" };
        const running = await startThread(house, free);
        const asking = await startThread(house, { sandbox: "danger-full-access", approvalPolicy: "untrusted" });
        const one = await join({
          url,
          threadId: running,
          text: "%sh:while [ ! -e go ]; do sleep 0.02; done; echo went on",
        });
        const two = await join({ url, threadId: asking, text: "%sh:mkdir asked" });
        try {
          await watcher.waitFor(
            "the question",
            ({ method, params }) =>
              method === "thread/status/changed" && params.threadId === asking &&
              params.status.activeFlags?.length === 1,
          );
          const from = server.stderrLines.length;
          await Promise.all([one.leave(), two.leave()]);
          await untilGone(house, 2, from);

          await Deno.writeTextFile(`${fixture.workspace}/go`, "");
          await watcher.waitFor("the end of the turn", isIdle(running));
          await using next = await connectWebSocket(url);
          await next.initialize();
          const { thread } = await next.request("thread/resume", { threadId: running });
          assert.deepEqual(thread.turns.map(({ status }: Message) => status), ["completed"]);
          const command = itemsOf(thread).find(({ type }) => type === "commandExecution");
          assert.deepEqual([command?.["status"], command?.["aggregatedOutput"]], ["completed", "went on\n"]);

          const asked: Message[] = [];
          next.onAsk((request) => {
            asked.push(request);
            return { decision: "accept" };
          });
          const { thread: waiting } = await next.request("thread/resume", { threadId: asking });
          assert.equal(waiting.status.type, "active");
          const { params } = await next.waitFor(
            "the end",
            (message) => message.method === "turn/completed" && message.params.threadId === asking,
          );
          assert.equal(params.turn.status, "completed");
          assert.deepEqual(asked.map(({ method }) => method), ["item/commandExecution/requestApproval"]);
          assert.ok((await Deno.stat(`${fixture.workspace}/asked`)).isDirectory);
        } finally {
          await one.close();
          await two.close();
        }
      }),
  );
}

Deno.test(
  "a server that is stopped is noticed by the client's heartbeat, and found again when it goes on",
  LOOSE,
  () =>
    withServer(async ({ server, url }) => {
      const socket = new WebSocket(url);
      const stream = withHeartbeat(createSocketStream(socket), { silentMs: 100, answerMs: 400 });
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      // Unasked, it would say nothing.
      stream.send(JSON.stringify({ method: "initialize", id: 1, params: { clientInfo: { name: "h", version: "1" } } }));
      const answers: unknown[] = [];
      const listening = (async (): Promise<void> => {
        for await (const incoming of stream.incoming) {
          if (incoming.kind !== "message") continue;
          answers.push((incoming.value as Message).id);
          if (answers.length === 4) server.signal("SIGSTOP");
        }
      })();
      assert.deepEqual(await stream.closed, { code: 4000, reason: "the server does not answer any more" });
      await listening;
      // A first answer that takes long may come after that of a heartbeat.
      assert.deepEqual(new Set(answers), new Set([1, "heartbeat-1", "heartbeat-2", "heartbeat-3"]));
      server.signal("SIGCONT");
      await using client = await connectWebSocket(url);
      await client.initialize();
    }),
);
