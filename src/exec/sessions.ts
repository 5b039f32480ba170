// All commands that run, by process id. A session outlives the call that started it; there is a bound on how many, and
// the oldest gives way. Sandboxed as the request says: a launcher that is missing is an error, never a bare run.
import { joinPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { findStat } from "../host/files.ts";
import type { Libc } from "../host/libc_calls.ts";
import { explainDenial } from "../sandbox/denial.ts";
import type { CommandToLaunch, LauncherFinder, PreparedLaunch } from "../sandbox/launcher.ts";
import { startCommandProcess } from "./command_process.ts";
import { HeadTailText, OutputDecoder } from "./output.ts";
import { type CommandProcess, within } from "./running_command.ts";
import type { ExecExit, ExecRequest, ExecSession, ExecSessions, OutputListener } from "./session.ts";

export interface ExecSessionsOptions {
  readonly launchers: LauncherFinder;
  readonly libc: () => Libc;
  /** Unix milliseconds, or any clock that counts them. */
  readonly nowMs: () => number;
  /** Words that make a bare command the leader of a session with its terminal. Default: `setsid` of util-linux. */
  readonly terminalLeader?: readonly string[];
}

/** Running ones and ended ones that may still be asked about. */
const MAX_SESSIONS = 64;
/** Between TERM and KILL. */
const TERMINATE_GRACE_MS = 2_000;
const MIN_PROCESS_ID = 10_000;
const MAX_PROCESS_ID = 99_999;
/** Where util-linux puts its programs; a command's own PATH is not asked. */
const SYSTEM_FOLDERS = ["/usr/bin", "/bin"];

export function createExecSessions(options: ExecSessionsOptions): ExecSessions {
  /** In order of their start. */
  const sessions = new Map<string, Session>();

  function newProcessId(): string {
    for (;;) {
      const id = String(MIN_PROCESS_ID + Math.floor(Math.random() * (MAX_PROCESS_ID - MIN_PROCESS_ID + 1)));
      if (!sessions.has(id)) return id;
    }
  }

  async function makeRoom(): Promise<void> {
    while (sessions.size >= MAX_SESSIONS) {
      const all = [...sessions.values()];
      const oldest = all.find((session) => session.exit !== null) ?? all[0];
      if (oldest === undefined) return;
      sessions.delete(oldest.processId);
      await oldest.terminate();
    }
  }

  return {
    async start(request, onOutput): Promise<ExecSession> {
      await makeRoom();
      if ((await findStat(request.cwd))?.kind !== "directory") {
        throw new CodexError("EXEC_FAILED", `Cannot run a command in "${request.cwd}": there is no such folder`);
      }
      const processId = newProcessId();
      const session = await startSession(processId, request, onOutput, options);
      sessions.set(processId, session);
      return session;
    },
    find: (processId) => sessions.get(processId),
    running: () => [...sessions.values()].filter((session) => session.exit === null),
    async terminateAll(): Promise<void> {
      await Promise.all([...sessions.values()].map((session) => session.terminate()));
    },
  };
}

async function startSession(
  processId: string,
  request: ExecRequest,
  onOutput: OutputListener<string>,
  options: ExecSessionsOptions,
): Promise<Session> {
  const launch = await prepare(request, options.launchers);
  try {
    const output = new SessionOutput(onOutput);
    const startedMs = options.nowMs();
    const child = await startCommandProcess({
      launch,
      isSandboxed: request.sandbox !== null,
      terminal: request.tty,
      libc: options.libc,
      helpers: {
        leader: options.terminalLeader ?? await setsidWords(),
        setpriv: await findInSystem("setpriv"),
      },
      onOutput: (chunk) => output.add(chunk),
    });
    return new Session({ processId, request, child, output, launch, elapsedMs: () => options.nowMs() - startedMs });
  } catch (error) {
    await launch.release();
    throw error;
  }
}

async function prepare(request: ExecRequest, launchers: LauncherFinder): Promise<PreparedLaunch> {
  const { argv, cwd, env, sandbox } = request;
  const command: CommandToLaunch = { argv, cwd, env, ownTerminal: request.tty, mergeOutput: true };
  if (sandbox !== null) {
    const launcher = await launchers.find(sandbox);
    return await launcher.prepare(sandbox, command);
  }
  if (launchers.prepareBare !== undefined) return await launchers.prepareBare(command);
  return {
    spec: { argv, cwd, env, extraFds: [], statusFd: null },
    processGroupOf: () => null,
    networkDecisions: () => [],
    release: () => Promise.resolve(),
  };
}

async function setsidWords(): Promise<readonly string[]> {
  const setsid = await findInSystem("setsid");
  return setsid === null ? [] : [setsid, "-c"];
}

async function findInSystem(name: string): Promise<string | null> {
  for (const folder of SYSTEM_FOLDERS) {
    const path = joinPath(folder, name);
    if (await findStat(path) !== null) return path;
  }
  return null;
}

/** Output of one command: handed on as it comes, kept in part, and kept until somebody takes it. */
class SessionOutput {
  readonly all = new HeadTailText();
  #unread = new HeadTailText();
  readonly #decoder = new OutputDecoder();
  readonly #onOutput: OutputListener<string>;
  #ended = false;
  readonly #waiters: (() => void)[] = [];

  constructor(onOutput: OutputListener<string>) {
    this.#onOutput = onOutput;
  }

  add(bytes: Uint8Array): void | Promise<void> {
    return this.#addText(this.#decoder.decode(bytes));
  }

  end(): void {
    void this.#addText(this.#decoder.end());
    this.#ended = true;
    this.#wake();
  }

  take(): string {
    const text = this.#unread.toString();
    this.#unread = new HeadTailText();
    return text;
  }

  ready(): Promise<void> {
    if (this.#ended || !this.#unread.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #addText(text: string): void | Promise<void> {
    if (text === "") return;
    this.all.append(text);
    this.#unread.append(text);
    const wait = this.#onOutput(text);
    this.#wake();
    return wait;
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

interface SessionParts {
  readonly processId: string;
  readonly request: ExecRequest;
  readonly child: CommandProcess;
  readonly output: SessionOutput;
  readonly launch: PreparedLaunch;
  readonly elapsedMs: () => number;
}

class Session implements ExecSession {
  readonly processId: string;
  readonly request: ExecRequest;
  readonly exited: Promise<ExecExit>;
  readonly #parts: SessionParts;
  #exit: ExecExit | null = null;
  #terminating: Promise<void> | null = null;

  constructor(parts: SessionParts) {
    this.processId = parts.processId;
    this.request = parts.request;
    this.#parts = parts;
    this.exited = this.#finish();
  }

  get exit(): ExecExit | null {
    return this.#exit;
  }

  aggregatedOutput(): string {
    return this.#parts.output.all.toString();
  }

  takeNewOutput(): string {
    return this.#parts.output.take();
  }

  outputReady(): Promise<void> {
    return this.#parts.output.ready();
  }

  write(chars: string): Promise<void> {
    return this.#parts.child.write(new TextEncoder().encode(chars));
  }

  terminate(): Promise<void> {
    this.#terminating ??= this.#terminate();
    return this.#terminating;
  }

  async #terminate(): Promise<void> {
    if (this.#exit !== null) return;
    const { child } = this.#parts;
    child.signal("SIGTERM");
    // A shell that waits for its children ends after them; what ignores the signal does not end at all.
    if (!await within(TERMINATE_GRACE_MS, this.exited) || child.isAlive()) child.signal("SIGKILL");
    await this.exited;
  }

  async #finish(): Promise<ExecExit> {
    const { child, output, launch, elapsedMs, request } = this.#parts;
    const exitCode = await child.exited;
    const durationMs = elapsedMs();
    await child.outputEnded;
    await launch.release();
    output.end();
    const { sandbox } = request;
    const networkDecisions = launch.networkDecisions();
    const evidence = { exitCode, output: output.all.toString(), cwd: request.cwd, networkDecisions };
    const denials = sandbox === null
      ? []
      : explainDenial(sandbox, { ...evidence, means: launch.refusesBy ?? "mounts" });
    this.#exit = { exitCode, durationMs, sandboxDenied: denials.length > 0, denials };
    return this.#exit;
  }
}
