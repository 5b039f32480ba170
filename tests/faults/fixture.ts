// An app server over stdio for fault tests: one home, one workspace, one stand-in, and servers that come and go on
// them.

import { codexCommand } from "../support/codex_under_test.ts";
import { connectStdio, type Message, type RawClient } from "../support/json_rpc.ts";
import { type ModelStandIn, startModelStandIn } from "../support/model_stand_in.ts";
import type { RunningProcess } from "../support/process.ts";
import { type HomeOptions, makeScratch, type Scratch, testEnv } from "../support/workspace.ts";

export interface Fixture extends AsyncDisposable {
  scratch: Scratch;
  model: ModelStandIn;
  workspace: string;
  home: string;
  /** Starts a server on the home and initializes a client. */
  start(env?: Record<string, string>): Promise<{ client: RawClient; server: RunningProcess }>;
}

export async function makeFixture(options: Partial<HomeOptions> = {}): Promise<Fixture> {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await makeScratch());
  const model = await startModelStandIn();
  cleanup.defer(() => model.close());
  const workspace = await scratch.workspace();
  const home = await scratch.home("home", { baseUrl: model.baseUrl, trusted: [workspace], ...options });
  return {
    scratch,
    model,
    workspace,
    home,
    async start(env: Record<string, string> = {}): Promise<{ client: RawClient; server: RunningProcess }> {
      const connection = connectStdio(codexCommand(), { cwd: workspace, env: testEnv(home, env) });
      cleanup.use(connection.client);
      await connection.client.initialize();
      return connection;
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

/** Starts a thread in the fixture's workspace; its id. */
export async function startThread(client: RawClient, fixture: Fixture, more: Message = {}): Promise<string> {
  const { thread } = await client.request("thread/start", { cwd: fixture.workspace, ...more });
  return thread.id;
}

/** The text of every agent message of a thread as `thread/resume` or `thread/read` returned it. */
export function answersOf(thread: Message): string[] {
  return itemsOf(thread).filter((item) => item.type === "agentMessage").map((item) => item.text);
}

export function itemsOf(thread: Message): Message[] {
  return thread.turns.flatMap((turn: Message) => turn.items);
}

/** True when this process may mount and drop privileges. */
export function isRootOnLinux(): boolean {
  return Deno.build.os === "linux" && Deno.uid() === 0;
}
