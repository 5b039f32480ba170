// Stages of a sandbox that run as processes of their own, started by our launchers only (host/own_program). Each is
// loaded when it is asked for: a stage is on the way of every command that needs it.
import { printStderr } from "../host/stdio.ts";

/** Runs with the words after its name; settles with the exit code of the process. */
export type SandboxStage = (words: readonly string[]) => number | Promise<number>;

const STAGES: Readonly<Record<string, () => Promise<SandboxStage>>> = {
  "hold-links": async () => (await import("./linux/hold_links_stage.ts")).runHoldLinksStage,
  landlock: async () => (await import("./linux/landlock_stage.ts")).runLandlockStage,
  listen: async () => (await import("./linux/listen_stage.ts")).runListenStage,
  "socket-list": async () => (await import("./linux/unix_sockets_stage.ts")).runSocketStage,
  terminal: async () => (await import("./macos/terminal_stage.ts")).runTerminalStage,
  "windows-helper": async () => (await import("./windows/helper.ts")).runWindowsHelper,
  "windows-runner": async () => (await import("./windows/runner.ts")).runWindowsRunner,
};
const WRONG_USE = 2;

export async function runSandboxStage([name = "", ...words]: readonly string[]): Promise<number> {
  const load = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined;
  if (load === undefined) {
    printStderr(`codex: there is no sandbox stage ${JSON.stringify(name)}\n`);
    return WRONG_USE;
  }
  const run = await load();
  return await run(words);
}
