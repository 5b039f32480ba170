// Child processes: each in a session and process group of its own, so that a whole tree can be signalled, with bytes
// on extra descriptors. What the children are for is the caller's business.
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { constants } from "node:os";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { CodexError, messageOf } from "../base/errors.ts";
import { HeldTime } from "./held_time.ts";

export type SignalName = "SIGHUP" | "SIGINT" | "SIGTERM" | "SIGKILL";

export interface SpawnOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** `pipe`: the caller writes; `null`: reads end at once. */
  readonly stdin: "pipe" | "null";
  /** `pipe`: to `onOutput`; `null`: thrown away. */
  readonly stdout: "pipe" | "null";
  readonly stderr: "pipe" | "null";
  /** Descriptors 3, 4, …: bytes for the child to read, or `read` for one that the child writes to. */
  readonly extraFds: readonly (Uint8Array | "read")[];
  /** Chunks of stdout and stderr, as they come. The next one of a stream waits for what it answers with. */
  readonly onOutput: (chunk: Uint8Array, stream: "stdout" | "stderr") => void | Promise<void>;
  /** Everything that the child wrote to a `read` descriptor, once it closed it. */
  readonly onExtraOutput?: (fd: number, text: string) => void;
  /** Let this process end while the child still runs. */
  readonly background?: boolean;
}

export interface HostProcess {
  readonly pid: number;
  /** The exit code when the process itself is gone: 0–255, 128 + n for death by signal n. */
  readonly exited: Promise<number>;
  /** Milliseconds in which `onOutput` had us wait. */
  readonly heldMs: number;
  /** Settles when nobody holds stdout or stderr open any more and all of it was handed out. */
  readonly outputEnded: Promise<void>;
  /** @throws CodexError EXEC_FAILED when stdin is closed. */
  write(bytes: Uint8Array): Promise<void>;
  closeStdin(): void;
  /** Stops listening to stdout and stderr, whoever holds them. */
  abandonOutput(): void;
}

const FIRST_EXTRA_FD = 3;
const SIGNAL_BASE = 128;

/** @throws CodexError EXEC_FAILED when the program cannot be started. */
export async function spawnProcess(argv: readonly string[], options: SpawnOptions): Promise<HostProcess> {
  const [program, ...args] = argv;
  if (program === undefined) throw new CodexError("EXEC_FAILED", "Cannot run a command: no words in it");
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env },
    // Windows has no sessions: there it would mean a console of its own, with a window.
    detached: Deno.build.os !== "windows",
    windowsHide: true,
    stdio: [
      ...[options.stdin, options.stdout, options.stderr].map((use) => use === "pipe" ? use : "ignore" as const),
      ...options.extraFds.map(() => "pipe" as const),
    ],
  });
  const exited = exitOf(child);
  const held = { stdout: new HeldTime(), stderr: new HeldTime() };
  const outputEnded = Promise.all([
    drain(child.stdout, held.stdout, (chunk) => options.onOutput(chunk, "stdout")),
    drain(child.stderr, held.stderr, (chunk) => options.onOutput(chunk, "stderr")),
  ]).then(() => undefined);
  const pid = await started(child, program);
  connectExtraFds(child, options);
  // A pipe is a socket underneath; the types know it as a stream only.
  const input = child.stdin as Socket | null;
  if (options.background === true) {
    child.unref();
    input?.unref();
  }
  return {
    pid,
    exited,
    outputEnded,
    get heldMs(): number {
      return held.stdout.ms + held.stderr.ms;
    },
    async write(bytes): Promise<void> {
      if (options.background !== true) return await writeAll(input, bytes);
      // Nobody may go before what was written has left.
      input?.ref();
      await writeAll(input, bytes).finally(() => input?.unref());
    },
    closeStdin: () => {
      child.stdin?.end();
    },
    abandonOutput: () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
  };
}

function started(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(new CodexError("EXEC_FAILED", `Cannot run "${program}": ${messageOf(error)}`, { cause: error }));
    child.once("error", fail);
    if (child.pid !== undefined) resolve(child.pid);
    else child.once("spawn", () => child.pid === undefined ? fail("no process id") : resolve(child.pid));
  });
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? SIGNAL_BASE + signalNumber(signal)));
  });
}

function signalNumber(name: NodeJS.Signals | null): number {
  return name === null ? 0 : constants.signals[name] ?? 0;
}

function drain(
  stream: Readable | null,
  held: HeldTime,
  onChunk: (chunk: Uint8Array) => void | Promise<void>,
): Promise<void> {
  if (stream === null) return Promise.resolve();
  const take = (chunk: Uint8Array): void => {
    const wait = onChunk(chunk);
    if (wait === undefined) return;
    stream.pause();
    void held.during(wait).then(() => stream.resume());
  };
  return new Promise((resolve) => {
    // An error of a pipe (reset, destroyed) ends it like any other end: what came before was handed out.
    stream.on("data", take).once("end", resolve).once("close", resolve).once("error", () => resolve());
  });
}

function connectExtraFds(child: ChildProcess, options: SpawnOptions): void {
  for (const [index, use] of options.extraFds.entries()) {
    const fd = FIRST_EXTRA_FD + index;
    // Sockets in both directions, whatever Node's types say about each.
    const stream = child.stdio[fd] as (Readable & Writable) | null | undefined;
    if (!stream) continue;
    // The child may be gone before it read everything: its exit code says so.
    stream.on("error", () => {});
    if (use !== "read") {
      stream.end(use);
      stream.resume();
      continue;
    }
    let text = "";
    stream.setEncoding("utf8").on("data", (chunk: string) => text += chunk).once("close", () => {
      options.onExtraOutput?.(fd, text);
    });
  }
}

function writeAll(stdin: Writable | null, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = (cause?: unknown): void =>
      reject(new CodexError("EXEC_FAILED", "Cannot write to the command: its input is closed", { cause }));
    if (stdin === null || stdin.destroyed || stdin.writableEnded) return closed();
    stdin.once("error", closed);
    stdin.write(bytes, (error) => {
      stdin.off("error", closed);
      if (error) closed(error);
      else resolve();
    });
  });
}

/** Signals a process, or a whole group when `pid` is negative. One that is gone already is fine. */
export function sendSignal(pid: number, signal: SignalName): void {
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound) && !isNoSuchProcess(error)) throw error;
  }
}

/** Is any process of the group left (one that only waits to be reaped counts)? */
export function groupIsAlive(pgid: number): boolean {
  try {
    // Signal 0 only asks.
    process.kill(-pgid, 0);
    return true;
  } catch {
    return false;
  }
}

function isNoSuchProcess(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ESRCH";
}
