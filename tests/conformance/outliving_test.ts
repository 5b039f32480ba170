// What only our server does (it goes on working without clients, and tells who comes back what is going on) is said in
// messages that the reference's schemas allow, and in no field that its clients do not know.

import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket, type Message, type RawClient, startWebSocketServer } from "../support/json_rpc.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";
import { ourProblems, referenceProblems } from "./problems.ts";
import { loadReferenceSchemas, type ReferenceSchemas } from "./reference_schema.ts";
import { requestMethods } from "./shapes.ts";

interface Place {
  connect(): Promise<RawClient>;
  startThread(client: RawClient, more?: Record<string, unknown>): Promise<string>;
  begin(client: RawClient, threadId: string, text: string): Promise<void>;
}

interface Row {
  readonly name: string;
  run(place: Place): Promise<void>;
}

const isEnd = (message: Message): boolean => message.method === "turn/completed";

const ROWS: readonly Row[] = [
  {
    name: "an approval is asked again of who resumes",
    async run({ connect, startThread, begin }): Promise<void> {
      const first = await connect();
      const threadId = await startThread(first);
      await begin(first, threadId, "1 %esc:echo asked-twice");
      await first.waitFor("the question", (message) => message.method === "item/commandExecution/requestApproval");
      await first.close();
      const second = await connect();
      second.onAsk(() => ({ decision: "accept" }));
      const { thread } = await second.request("thread/resume", { threadId });
      assert.equal(thread.turns.at(-1).status, "inProgress");
      await second.waitFor("the end", isEnd);
      assert.equal(second.notifications("serverRequest/resolved").length, 1);
    },
  },
  {
    name: "a file change is asked again of who resumes",
    async run({ connect, startThread, begin }): Promise<void> {
      const first = await connect();
      const threadId = await startThread(first, { approvalPolicy: "untrusted" });
      await begin(first, threadId, "2 %patch:asked_twice.txt");
      await first.waitFor("the question", (message) => message.method === "item/fileChange/requestApproval");
      await first.close();
      const second = await connect();
      second.onAsk(() => ({ decision: "decline" }));
      await second.request("thread/resume", { threadId });
      await second.waitFor("the end", isEnd);
    },
  },
  {
    name: "a running answer, plan and command are in the snapshot",
    async run({ connect, startThread, begin }): Promise<void> {
      const first = await connect();
      const threadId = await startThread(first);
      await begin(first, threadId, "3 %plan %sh:sleep 0.3; echo seen %slow:60");
      await first.waitFor("a delta", (message) => /slow-3/.test(message.params?.delta ?? ""));
      const second = await connect();
      const { thread } = await second.request("thread/resume", { threadId });
      const items: Message[] = thread.turns.at(-1).items;
      assert.match(items.at(-1).text, /^slow-0 /);
      assert.ok(items.some((item) => item.type === "commandExecution"));
      await Promise.all([first, second].map((client) => client.waitFor("the end", isEnd)));
      assert.equal(second.notifications("turn/plan/updated").length, 1);
    },
  },
  {
    name: "a turn that waits, the last to leave, and a thread that is taken up again",
    async run({ connect, startThread, begin }): Promise<void> {
      const client = await connect();
      const threadId = await startThread(client);
      await begin(client, threadId, "4 %slow:20");
      await begin(client, threadId, "5 %plain");
      const ends = (): number => client.notifications("turn/completed").length;
      await client.waitFor("both ends", () => ends() === 2);
      await client.request("thread/unsubscribe", { threadId });
      await client.waitFor("the close", (message) => message.method === "thread/closed");
      await client.request("thread/resume", { threadId });
      await client.request("thread/read", { threadId, includeTurns: true });
    },
  },
];

let schemas: ReferenceSchemas | undefined;

for (const row of ROWS) {
  Deno.test({
    name: `our server, ${row.name}: every message fits both sides' schemas`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(): Promise<void> {
      schemas ??= await loadReferenceSchemas();
      await using cleanup = new AsyncDisposableStack();
      const scratch = cleanup.use(await makeScratch());
      const model = await startModelStandIn();
      cleanup.defer(() => model.close());
      const workspace = await scratch.workspace();
      const home = await scratch.home("home", { baseUrl: model.baseUrl, trusted: [workspace] });
      const { server, url } = await startWebSocketServer(codexCommand(), { cwd: workspace, env: testEnv(home) });
      cleanup.use(server);
      const clients: RawClient[] = [];
      await row.run({
        async connect(): Promise<RawClient> {
          const client = cleanup.use(await connectWebSocket(url));
          clients.push(client);
          await client.initialize();
          return client;
        },
        async startThread(client, more = {}): Promise<string> {
          return (await client.request("thread/start", { cwd: workspace, ...more })).thread.id;
        },
        async begin(client, threadId, text): Promise<void> {
          await client.request("turn/start", { threadId, input: [{ type: "text", text, text_elements: [] }] });
        },
      });
      const problems = clients.flatMap(({ log }) => {
        const methods = requestMethods(log);
        return log.flatMap((entry) => [...referenceProblems(entry, methods, schemas), ...ourProblems(entry, methods)]);
      });
      assert.deepEqual(problems, []);
    },
  });
}
