// The small language of the black-box tests: a fresh home and folder, and `codex` run in them to its end. What is run is
// the source, or the file that CODEX_TEST_BINARY names.
import { codexCommand } from "../support/codex_under_test.ts";
import { run, type RunResult } from "../support/process.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

export interface Sandbox extends AsyncDisposable {
  /** An empty CODEX_HOME. */
  readonly home: string;
  /** An empty folder, the current one of commands. */
  readonly folder: string;
  codex(args: readonly string[], options?: { stdin?: string; env?: Record<string, string> }): Promise<RunResult>;
}

export async function makeSandbox(): Promise<Sandbox> {
  const scratch = await makeScratch();
  const [home, folder] = [`${scratch.path}/home`, `${scratch.path}/folder`];
  await Deno.mkdir(home);
  await Deno.mkdir(folder);
  return {
    home,
    folder,
    codex(args, { stdin, env } = {}): Promise<RunResult> {
      const line = codexCommand();
      return run({ command: line.command, args: [...line.args, ...args] }, {
        cwd: folder,
        env: testEnv(home, env),
        ...(stdin === undefined ? {} : { stdin }),
      });
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

/** One line of the protocol's JSON. */
export function line(message: unknown): string {
  return `${JSON.stringify(message)}\n`;
}

export const INITIALIZE = line({
  id: 1,
  method: "initialize",
  params: { clientInfo: { name: "test", title: null, version: "1" } },
});
