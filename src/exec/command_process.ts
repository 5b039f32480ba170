// One command as processes: started through a small shell line, so that both output streams keep their order and any
// death of the command is an exit code, on pipes or on a pseudo-terminal; and ended with everything it started.
import { HAS_WINDOWS_PATHS } from "../base/absolute_path.ts";
import type { Libc, TerminalSize } from "../host/libc_calls.ts";
import { groupIsAlive, type HostProcess, sendSignal, type SignalName, spawnProcess } from "../host/process.ts";
import { HeldTime } from "../host/held_time.ts";
import { openPseudoTerminal, type PseudoTerminal } from "../host/pty.ts";
import type { PreparedLaunch } from "../sandbox/launcher.ts";
import { startThroughHelper } from "./helper_process.ts";
import { type CommandProcess, drain, drained } from "./running_command.ts";
import type { OutputListener } from "./session.ts";

export interface CommandProcessOptions {
  readonly launch: PreparedLaunch;
  readonly isSandboxed: boolean;
  readonly terminal: boolean;
  readonly libc: () => Libc;
  readonly helpers: TerminalHelpers;
  readonly onOutput: OutputListener<Uint8Array>;
}

/** What commands on a terminal are started with. */
export interface TerminalHelpers {
  /** Words that make a bare command the leader of a session with its terminal. Without them there is no job control. */
  readonly leader: readonly string[];
  /** Program of util-linux, or null. Ties the shell around a sandboxed command to our life. Without it our death only hangs the terminal up. */
  readonly setpriv: string | null;
}

const TERMINAL_SIZE: TerminalSize = { rows: 24, columns: 80 };

/** Becomes the command's parent itself, so that bwrap dies with us. */
const RUN_SANDBOXED = 'exec "$@" 2>&1';
/**
 * Stays its parent: a command that dies of a real-time signal would take the runtime's child watcher down. The traps
 * let it see the command's end when both get a signal; commands start with the defaults again.
 */
const RUN_BARE = 'trap : HUP INT TERM; (exec "$@" 2>&1); exit $?';
/** The command's side is opened by a process that leads no session: inside, the command makes it its own terminal. */
const RUN_ON_TERMINAL = 'terminal=$1; shift; (exec "$@" <"$terminal" >"$terminal" 2>&1); exit $?';

/** @throws CodexError EXEC_FAILED */
export async function startCommandProcess(options: CommandProcessOptions): Promise<CommandProcess> {
  if (HAS_WINDOWS_PATHS) return await startThroughHelper(options);
  const libc = options.libc();
  libc.closeInheritedOnExec();
  return options.terminal ? await startOnTerminal(options, libc) : await startOnPipes(options);
}

async function startOnPipes(options: CommandProcessOptions): Promise<CommandProcess> {
  let status = "";
  const script = options.isSandboxed ? RUN_SANDBOXED : RUN_BARE;
  const child = await spawnShell(script, {
    options,
    words: options.launch.spec.argv,
    onStatus: (text) => status = text,
  });
  return {
    exited: hasOwnGroupOnly(options) ? endGroupWith(child) : child.exited,
    outputEnded: drained(child),
    write: (bytes) => child.write(bytes),
    signal: (signal) => signalGroups(signal, child, [options.launch.processGroupOf(status)]),
    isAlive: () => groupIsAlive(child.pid),
  };
}

/** A sandbox of access rules alone has no processes of its own that would end with it. */
function hasOwnGroupOnly({ isSandboxed, launch }: CommandProcessOptions): boolean {
  return isSandboxed && launch.refusesBy === "rules";
}

/** What the command left in the background goes with it, unless it made a group of its own. */
async function endGroupWith(child: HostProcess): Promise<number> {
  const exitCode = await child.exited;
  sendSignal(-child.pid, "SIGKILL");
  return exitCode;
}

async function startOnTerminal(options: CommandProcessOptions, libc: Libc): Promise<CommandProcess> {
  const terminal = openPseudoTerminal(libc, TERMINAL_SIZE);
  const { leader, setpriv } = options.helpers;
  const words = [terminal.slavePath, ...(options.isSandboxed ? [] : leader), ...options.launch.spec.argv];
  const before = options.isSandboxed && setpriv !== null ? [setpriv, "--pdeathsig", "KILL"] : [];
  let child: HostProcess;
  try {
    child = await spawnShell(RUN_ON_TERMINAL, { options, words, before });
  } catch (error) {
    await terminal.close();
    throw error;
  }
  const held = new HeldTime();
  const reading = readAll(terminal, options.onOutput, held);
  return {
    exited: child.exited,
    outputEnded: closeAfterDrain({ child, terminal, reading, held }),
    write: (bytes) => terminal.write(bytes),
    signal: (signal) => signalGroups(signal, child, terminal.processGroups()),
    isAlive: () => groupIsAlive(child.pid) || terminal.processGroups().some(groupIsAlive),
  };
}

interface ShellLine {
  readonly options: CommandProcessOptions;
  readonly words: readonly string[];
  /** Starts the shell through another program. */
  readonly before?: readonly string[];
  readonly onStatus?: (text: string) => void;
}

function spawnShell(script: string, { options, words, before = [], onStatus }: ShellLine): Promise<HostProcess> {
  const { spec } = options.launch;
  return spawnProcess([...before, "/bin/sh", "-c", script, "sh", ...words], {
    cwd: spec.cwd,
    env: spec.env,
    stdin: "null",
    stdout: options.terminal ? "null" : "pipe",
    stderr: "null",
    extraFds: [...spec.extraFds, ...(spec.statusFd === null ? [] : ["read" as const])],
    onOutput: options.onOutput,
    onExtraOutput: (_fd, text) => onStatus?.(text),
  });
}

/**
 * KILL goes to our own child's group too, which takes a sandbox down as a whole. Gentler signals go to the command
 * alone where it is known: the launcher around it would die of them before the command has tidied up.
 */
function signalGroups(signal: SignalName, child: HostProcess, inner: readonly (number | null)[]): void {
  const groups = inner.filter((group) => group !== null);
  for (const group of groups) sendSignal(-group, signal);
  if (signal === "SIGKILL" || groups.length === 0) sendSignal(-child.pid, signal);
}

async function readAll(
  terminal: PseudoTerminal,
  onOutput: OutputListener<Uint8Array>,
  held: HeldTime,
): Promise<void> {
  for (let chunk = await terminal.read(); chunk !== null; chunk = await terminal.read()) {
    const wait = onOutput(chunk);
    if (wait !== undefined) await held.during(wait);
  }
}

interface TerminalEnd {
  readonly child: HostProcess;
  readonly terminal: PseudoTerminal;
  readonly reading: Promise<void>;
  readonly held: HeldTime;
}

async function closeAfterDrain({ child, terminal, reading, held }: TerminalEnd): Promise<void> {
  await child.exited;
  terminal.releaseSlave();
  await drain(reading, () => held.ms);
  await terminal.close();
  await reading;
}
