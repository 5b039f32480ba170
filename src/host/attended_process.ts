// A program that has our standard streams while we stay beside it because it needs us: signals that we get are handed
// on, and its end is ours. Source: waitpid(2).
import { bytesOnFd } from "./process_replace.ts";
import { moveHigh, openProcessCalls, toCString } from "./process_calls.ts";
import { makePipe } from "./raw_pipe.ts";
import { rawSpawn } from "./raw_spawn.ts";

export interface AttendOptions {
  /** The first word is an absolute path. */
  readonly argv: readonly string[];
  /** `NAME=value`, all of them. */
  readonly environment: readonly string[];
  readonly cwd: string;
  /** Descriptors 3, 4, …: bytes to read, or `null` for one that nobody listens to. */
  readonly fds: readonly (Uint8Array | null)[];
}

const FIRST_FD = 3;
const SIGNAL_BASE = 128;
const HANDED_ON = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const;

/** Settles with the exit code, 128 + n for death by signal n. @throws CodexError EXEC_FAILED */
export async function attendProcess(options: AttendOptions): Promise<number> {
  const calls = openProcessCalls();
  calls.chdir(toCString(options.cwd));
  // The reading end of a pipe that nobody reads stays open here, so that writing to it is no error.
  const fds = options.fds.map((use) => use === null ? moveHigh(calls, makePipe(calls).write) : bytesOnFd(calls, use));
  const numbered = new Map(fds.map((fd, index) => [FIRST_FD + index, fd] as const));
  const pid = rawSpawn(calls, { argv: options.argv, environment: options.environment, fds: numbered });
  const listeners = HANDED_ON.map((name) => {
    const listener = (): void => Deno.kill(pid, name);
    Deno.addSignalListener(name, listener);
    return () => Deno.removeSignalListener(name, listener);
  });
  const status = new Int32Array(1);
  try {
    await calls.waitpid(pid, new Uint8Array(status.buffer), 0);
  } finally {
    for (const stop of listeners) stop();
    for (const fd of fds) calls.close(fd);
  }
  const [code = 0] = status;
  const signal = code & 0x7f;
  return signal === 0 ? (code >> 8) & 0xff : SIGNAL_BASE + signal;
}

/** The same on platforms without such calls: standard streams are shared, nothing more. */
export async function attendPlainProcess({ argv, cwd, environment }: {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<number> {
  const [program = "", ...args] = argv;
  const child = new Deno.Command(program, { args, cwd, env: environment, clearEnv: true, stdin: "inherit" }).spawn();
  return (await child.status).code;
}
