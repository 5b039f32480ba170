// One command on Windows: the launch is a helper of ours that has the command in a job, and brings a terminal where one
// is wanted. Its end, in whatever way, is the end of all that the command started.
import { type HostProcess, sendSignal, spawnProcess } from "../host/process.ts";
import type { PreparedLaunch } from "../sandbox/launcher.ts";
import { type CommandProcess, drained } from "./running_command.ts";
import type { OutputListener } from "./session.ts";

const CTRL_C = Uint8Array.of(3);

export interface HelperProcessOptions {
  readonly launch: PreparedLaunch;
  readonly terminal: boolean;
  readonly onOutput: OutputListener<Uint8Array>;
}

/** @throws CodexError EXEC_FAILED */
export async function startThroughHelper(options: HelperProcessOptions): Promise<CommandProcess> {
  const { launch, terminal, onOutput } = options;
  const { spec } = launch;
  const child = await spawnProcess(spec.argv, {
    cwd: spec.cwd,
    env: spec.env,
    stdin: terminal ? "pipe" : "null",
    stdout: "pipe",
    stderr: "pipe",
    extraFds: [],
    onOutput,
  });
  let isAlive = true;
  const exited = child.exited.finally(() => isAlive = false);
  return {
    exited,
    outputEnded: drained(child),
    write: (bytes) => child.write(bytes),
    signal: (signal) => {
      if (!isAlive) return;
      if (signal === "SIGINT" && terminal) interrupt(child);
      else if (signal !== "SIGHUP") sendSignal(child.pid, "SIGKILL");
    },
    isAlive: () => isAlive,
  };
}

/** Windows has no signals: a terminal makes an event of the key. */
function interrupt(child: HostProcess): void {
  child.write(CTRL_C).catch(() => {}); // it ends at this very moment
}
