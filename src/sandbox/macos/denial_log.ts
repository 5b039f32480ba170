// What Seatbelt refused, from the system's log: the command line that follows the log, and its lines as denials. Which
// lines are ours is told by a tag that our profile puts at their end, so the whole tree of a command is covered and no
// other sandbox is. Specified by log(1).
import { CodexError } from "../../base/errors.ts";
import { sendSignal, spawnProcess } from "../../host/process.ts";
import { LOG_TAG } from "./rule_text.ts";

export interface SeatbeltDenial {
  /** The program's name, as the kernel cuts it. */
  readonly program: string;
  readonly pid: number;
  /** `file-write-create`, `network-outbound`, … */
  readonly operation: string;
  /** A path, an address, a service; empty when the operation has none. */
  readonly subject: string;
}

const LOG = "/usr/bin/log";
/** Printed once the log is followed. */
const READY = "Filtering the log data using";
const READY_TIMEOUT_MS = 3_000;
/** The kernel writes its lines a moment after a command got its error. */
const SETTLE_MS = 300;
const MAX_LOG_CHARS = 4 * 1024 * 1024;

export interface FollowOptions {
  /** Default: the system's. */
  readonly program?: string;
}

/** @throws RangeError for a tag with other characters than letters, digits and dashes. */
export function denialLogArguments(tag: string): readonly string[] {
  if (!LOG_TAG.test(tag)) throw new RangeError(`Cannot follow the log of denials: bad tag "${tag}"`);
  const predicate = `eventMessage CONTAINS "${tag}" AND ` +
    `((processID == 0 AND senderImagePath CONTAINS "/Sandbox") OR subsystem == "com.apple.sandbox.reporting")`;
  return [LOG, "stream", "--style", "ndjson", "--predicate", predicate];
}

/** Each different denial once, in the order of the log. Lines that are none are passed over. */
export function parseDenials(log: string, tag: string): readonly SeatbeltDenial[] {
  const found = new Map<string, SeatbeltDenial>();
  for (const line of log.split("\n")) {
    const denial = parseMessage(messageOfLine(line), tag);
    if (denial !== null) found.set(JSON.stringify([denial.program, denial.operation, denial.subject]), denial);
  }
  return [...found.values()];
}

function messageOfLine(line: string): string {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record !== "object" || record === null || !("eventMessage" in record)) return "";
    return typeof record.eventMessage === "string" ? record.eventMessage : "";
  } catch {
    return "";
  }
}

function parseMessage(message: string, tag: string): SeatbeltDenial | null {
  const at = message.lastIndexOf(tag);
  if (at < 0) return null;
  const own = message.slice(0, at).trimEnd();
  const parts = /^Sandbox: (.+?)\((\d+)\) deny\(\d+\) (\S+)(?: ([^]*))?$/.exec(own);
  if (parts === null) return null;
  const [, program = "", pid = "", operation = "", subject = ""] = parts;
  return { program, pid: Number(pid), operation, subject };
}

/** One line for a person: `touch: file-write-create /etc/x`. */
export function denialText({ program, operation, subject }: SeatbeltDenial): string {
  return `${program}: ${operation}${subject === "" ? "" : ` ${subject}`}`;
}

export interface DenialLog {
  /** Stops following; what was refused since the start. Call it once the command is over. */
  stop(): Promise<readonly SeatbeltDenial[]>;
}

/**
 * Settles once the log is followed, or after three seconds: then the first denials may be missing.
 * @throws CodexError EXEC_FAILED when the log cannot be followed.
 */
export async function followDenials(tag: string, { program = LOG }: FollowOptions = {}): Promise<DenialLog> {
  let log = "";
  let onReady = (): void => {};
  const ready = new Promise<void>((resolve) => onReady = resolve);
  const decoder = new TextDecoder();
  const child = await spawnProcess([program, ...denialLogArguments(tag).slice(1)], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdin: "null",
    stdout: "pipe",
    stderr: "pipe",
    extraFds: [],
    onOutput: (chunk) => {
      if (log.length < MAX_LOG_CHARS) log += decoder.decode(chunk, { stream: true });
      if (log.includes(READY)) onReady();
    },
  });
  let hasEnded = false;
  const ended = child.exited.then(() => hasEnded = true);
  await within(READY_TIMEOUT_MS, Promise.race([ready, ended]));
  if (hasEnded) {
    await child.outputEnded;
    const said = log.trim().split("\n")[0] ?? "";
    throw new CodexError("EXEC_FAILED", `Cannot follow the system's log: ${said === "" ? `${program} ended` : said}`, {
      hint: "Only administrators of a Mac may read its log; leave --log-denials out",
    });
  }
  return {
    async stop(): Promise<readonly SeatbeltDenial[]> {
      await within(SETTLE_MS, child.exited);
      sendSignal(-child.pid, "SIGTERM");
      await child.exited;
      await child.outputEnded;
      return parseDenials(log, tag);
    },
  };
}

/** Settles with the work, or after `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
