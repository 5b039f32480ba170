// A program that has our standard streams while we stay beside it because it needs us: signals that we get are handed
// on, and its end is ours. Source: waitpid(2).
import { CodexError, messageOf } from "../base/errors.ts";
import { bytesOnFd } from "./process_replace.ts";
import { moveHigh, openProcessCalls, type ProcessCalls, toCString } from "./process_calls.ts";
import { makePipe } from "./raw_pipe.ts";
import { rawSpawn } from "./raw_spawn.ts";
import { writeStderr } from "./stdio.ts";

export interface AttendOptions {
  /** The first word is an absolute path. */
  readonly argv: readonly string[];
  /** `NAME=value`, all of them. */
  readonly environment: readonly string[];
  readonly cwd: string;
  /** Descriptors 3, 4, …: bytes to read, or `null` for one that nobody listens to. */
  readonly fds: readonly (Uint8Array | null)[];
  /** Its standard error comes to us, chunk by chunk, and goes on to ours. Default: it has ours itself. */
  readonly onErrorOutput?: (chunk: Uint8Array) => void;
}

const STDERR = 2;
const FIRST_FD = 3;
const CHUNK_BYTES = 65_536;
const SIGNAL_BASE = 128;
const HANDED_ON = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2"] as const;

/** Settles with the exit code, 128 + n for death by signal n. @throws CodexError EXEC_FAILED */
export async function attendProcess(options: AttendOptions): Promise<number> {
  const calls = openProcessCalls();
  calls.chdir(toCString(options.cwd));
  // The reading end of a pipe that nobody reads stays open here, so that writing to it is no error.
  const fds = options.fds.map((use) => use === null ? moveHigh(calls, makePipe(calls).write) : bytesOnFd(calls, use));
  const numbered = new Map(fds.map((fd, index) => [FIRST_FD + index, fd] as const));
  const errors = options.onErrorOutput === undefined ? null : makePipe(calls);
  if (errors !== null) numbered.set(STDERR, errors.write);
  const pid = rawSpawn(calls, { argv: options.argv, environment: options.environment, fds: numbered });
  const { onErrorOutput = (): void => {} } = options;
  let copied: Promise<void> | null = null;
  if (errors !== null) {
    calls.close(errors.write);
    copied = copyErrors(calls, errors.read, onErrorOutput);
  }
  const listeners = HANDED_ON.map((name) => {
    const listener = (): void => Deno.kill(pid, name);
    Deno.addSignalListener(name, listener);
    return () => Deno.removeSignalListener(name, listener);
  });
  const status = new Int32Array(1);
  try {
    await calls.waitpid(pid, new Uint8Array(status.buffer), 0);
    await copied;
  } finally {
    for (const stop of listeners) stop();
    for (const fd of fds) calls.close(fd);
  }
  const [code = 0] = status;
  const signal = code & 0x7f;
  return signal === 0 ? (code >> 8) & 0xff : SIGNAL_BASE + signal;
}

/** Until everybody who holds the other end has let go. */
async function copyErrors(calls: ProcessCalls, fd: number, onChunk: (chunk: Uint8Array) => void): Promise<void> {
  for (;;) {
    const buffer = new Uint8Array(CHUNK_BYTES);
    const size = Number(await calls.read(fd, buffer, BigInt(CHUNK_BYTES)));
    if (size <= 0) break;
    const chunk = buffer.subarray(0, size);
    onChunk(chunk);
    await writeStderr(chunk);
  }
  calls.close(fd);
}

export interface PlainAttendOptions {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The same on platforms without such calls. It has all our standard streams and no other descriptor that we were started
 * with, and is in our process group: what a terminal sends reaches it by itself. @throws CodexError EXEC_FAILED with the runtime's error as cause
 */
export async function attendPlainProcess({ argv, cwd, environment }: PlainAttendOptions): Promise<number> {
  const [program = "", ...args] = argv;
  if (Deno.build.os !== "windows") {
    const { openLibcOnce } = await import("./libc.ts");
    openLibcOnce()().closeInheritedOnExec();
  }
  // Heard before the start, so that none is lost; told once there is somebody to tell.
  let child: Deno.ChildProcess | null = null;
  // Consoles of Windows tell every program themselves.
  const signals = Deno.build.os === "windows" ? [] : HANDED_ON;
  const early: Deno.Signal[] = [];
  const stops = signals.map((name) => {
    const listener = (): void => child === null ? void early.push(name) : signalPlain(child, name);
    Deno.addSignalListener(name, listener);
    return () => Deno.removeSignalListener(name, listener);
  });
  try {
    const started = startPlain(
      new Deno.Command(program, { args, cwd, env: { ...environment }, clearEnv: true }),
      program,
    );
    child = started;
    for (const name of early) signalPlain(started, name);
    return (await started.status).code;
  } finally {
    for (const stop of stops) stop();
  }
}

function startPlain(command: Deno.Command, program: string): Deno.ChildProcess {
  try {
    return command.spawn();
  } catch (cause) {
    throw new CodexError("EXEC_FAILED", `Cannot run "${program}": ${messageOf(cause)}`, { cause });
  }
}

function signalPlain(child: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch {
    // It has just ended.
  }
}
