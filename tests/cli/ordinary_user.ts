// The binary as a user without any rights runs it: only root can start such a process, and only a file of its own, not
// the source, is sure to be readable for that user.
import { AS_NOBODY, NOBODY } from "../sandbox/house.ts";
import { codexCommand, testsBinary } from "../support/codex_under_test.ts";
import { run, type RunResult } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";

export interface UserHouse {
  readonly workspace: string;
  readonly home: string;
  /** The words that start codex as that user. */
  readonly command: readonly string[];
  readonly env: Record<string, string>;
  /** Gives that user all that was made meanwhile. */
  own(): Promise<void>;
  codex(args: readonly string[]): Promise<RunResult>;
}

export interface OrdinaryUser {
  readonly ignore: boolean;
  inUserHouse(body: (house: UserHouse) => Promise<void>): Promise<void>;
}

/** `why`: no sandbox works here at all, or null. */
export function ordinaryUser(why: string | null): OrdinaryUser {
  return { ignore: why !== null || !testsBinary() || Deno.uid() !== 0, inUserHouse };
}

async function inUserHouse(body: (house: UserHouse) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "codex-user-test-" });
  try {
    const [program, home, workspace] = [`${folder}/codex`, `${folder}/home`, `${folder}/ws`] as const;
    await Deno.copyFile(codexCommand().command, program);
    await Deno.mkdir(home);
    await Deno.mkdir(workspace);
    const own = async (): Promise<void> => {
      await run({ command: "chown", args: ["-Rh", `${NOBODY}:${NOBODY}`, folder] });
    };
    await own();
    const words = [...AS_NOBODY, program];
    const env = testEnv(home);
    await body({
      workspace,
      home,
      command: words,
      env,
      own,
      codex: (args) => run({ command: words[0] ?? "", args: [...words.slice(1), ...args] }, { cwd: workspace, env }),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
