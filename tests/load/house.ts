// What the load tests share: a real server process with a home of its own, its memory, and a way to print figures.
import { startWebSocketServer } from "../support/json_rpc.ts";
import type { CommandLine } from "../support/process.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

export const MIB = 1024 * 1024;
export const LOOSE = { sanitizeOps: false, sanitizeResources: false };

/** A figure in the list of tests. */
export async function say(context: Deno.TestContext, line: string): Promise<void> {
  await context.step(line, () => {});
}

/** Of a process, as the kernel counts. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

export interface House extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly workspace: string;
}

export async function startHouse(line: CommandLine, model: { baseUrl: string }, args: string[] = []): Promise<House> {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await makeScratch());
  const workspace = await scratch.workspace();
  const home = await scratch.home("home", { baseUrl: model.baseUrl, trusted: [workspace] });
  const { server, url } = await startWebSocketServer(line, { cwd: workspace, env: testEnv(home), args });
  cleanup.use(server);
  const port = Number(/:(\d+)$/.exec(url)?.[1]);
  return { pid: server.pid, port, url, workspace, [Symbol.asyncDispose]: () => cleanup.disposeAsync() };
}
