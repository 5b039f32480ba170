// The operator's log as lines: for people, or one JSON object each. Every line is one write, and nothing in it can
// begin another: control characters are escaped.
import { messageOf } from "../base/errors.ts";
import { parentPath } from "../base/absolute_path.ts";
import type { Log, LogFields, LogLevel } from "../base/log.ts";
import { makeFolder, openAppend } from "../host/files.ts";
import type { LogFilter } from "./log_filter.ts";

export type LogForm = "human" | "plain" | "json";

export interface LogOptions {
  readonly filter: LogFilter;
  /** "human" has colours; "plain" is what files and pipes get. */
  readonly form: LogForm;
  printLine(line: string): void;
  /** Unix milliseconds. */
  nowMs(): number;
}

interface Entry {
  readonly level: LogLevel;
  readonly target: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** What the program calls itself in front of the parts of it. */
const ROOT_TARGET = "codex_app_server";
const NAMES = { error: "ERROR", warn: "WARN", info: "INFO", debug: "DEBUG", trace: "TRACE" } as const;
const COLOURS = { error: 31, warn: 33, info: 32, debug: 34, trace: 35 } as const;

export function makeLog(options: LogOptions, target: string = ROOT_TARGET): Log {
  const { filter, printLine } = options;
  const write = (level: LogLevel) => (message: string, fields: LogFields = {}): void => {
    if (!filter.allows(target, level)) return;
    printLine(lineOf({ level, target, message, fields }, options));
  };
  return {
    isEnabled: (level) => filter.allows(target, level),
    error: (message, fields = {}, cause) =>
      write("error")(message, cause === undefined ? fields : { ...fields, cause: causeText(cause) }),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    trace: write("trace"),
    for: (part) => makeLog(options, `${ROOT_TARGET}::${part}`),
  };
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.stack ?? cause.message : messageOf(cause);
}

function lineOf({ level, target, message, fields }: Entry, { form, nowMs }: LogOptions): string {
  const timestamp = new Date(nowMs()).toISOString();
  if (form === "json") {
    return JSON.stringify({ timestamp, level: NAMES[level], fields: { message, ...fields }, target });
  }
  const paint = (code: number, text: string): string => form === "human" ? `\x1b[${code}m${text}\x1b[0m` : text;
  const pairs = Object.entries(fields).map(([name, value]) => ` ${paint(2, `${name}=`)}${fieldText(value)}`);
  const head = `${paint(2, timestamp)} ${paint(COLOURS[level], NAMES[level].padStart(5))} ${paint(2, `${target}:`)}`;
  return `${head} ${escaped(message)}${pairs.join("")}`;
}

function fieldText(value: LogFields[string]): string {
  if (typeof value !== "string") return String(value);
  return /^[\w.:/@[\]-]+$/.test(value) ? value : JSON.stringify(value);
}

/** Line breaks and other control characters in the form that JSON gives them. */
function escaped(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what is looked for
  return text.replace(/[\x00-\x1f\x7f\u0085\u2028\u2029]/g, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

export interface FileLog {
  printLine(line: string): void;
  /** Settles when what was printed is in the file. */
  flush(): Promise<void>;
}

/** Appends lines, one after the other. A log that cannot be written is given up silently: it must not stop the work. */
export function makeFileLog(path: string): FileLog {
  let last = Promise.resolve();
  const append = async (text: string): Promise<void> => {
    await makeFolder(parentPath(path), { mode: 0o700 });
    const file = await openAppend(path, { mode: 0o600 });
    try {
      await file.write(new TextEncoder().encode(text));
    } finally {
      await file.close();
    }
  };
  return {
    printLine(line): void {
      last = last.then(() => append(`${line}\n`)).catch(() => {});
    },
    flush: () => last,
  };
}
