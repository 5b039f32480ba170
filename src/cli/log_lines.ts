// The operator's log as lines: for people, or one JSON object each. Every line is one write, and nothing in it can
// begin another: control characters are escaped.
import { messageOf } from "../base/errors.ts";
import { parentPath } from "../base/absolute_path.ts";
import { type Log, LOG_LEVELS, type LogFields, type LogLevel } from "../base/log.ts";
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

/** Of one text, in UTF-16 units: some of them, such as names, are chosen by clients. */
const MAX_TEXT = 4_096;

export function makeLog(options: LogOptions, target: string = ROOT_TARGET): Log {
  const { filter, printLine } = options;
  const wanted = new Set(LOG_LEVELS.filter((level) => filter.allows(target, level)));
  const write = (level: LogLevel) => (message: string, fields: LogFields = {}): void => {
    if (!wanted.has(level)) return;
    printLine(lineOf({ level, target, message, fields }, options));
  };
  return {
    isEnabled: (level) => wanted.has(level),
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
    const values = Object.entries(fields).map((
      [name, value],
    ) => [name, typeof value === "string" ? cut(value) : value]);
    const all = { ...Object.fromEntries(values), message: cut(message) };
    return escaped(JSON.stringify({ timestamp, level: NAMES[level], fields: { message: "", ...all }, target }));
  }
  const paint = (code: number, text: string): string => form === "human" ? `\x1b[${code}m${text}\x1b[0m` : text;
  const pairs = Object.entries(fields).map(([name, value]) => ` ${paint(2, `${name}=`)}${fieldText(value)}`);
  const head = `${paint(2, timestamp)} ${paint(COLOURS[level], NAMES[level].padStart(5))} ${paint(2, `${target}:`)}`;
  return `${head} ${escaped(cut(message))}${pairs.join("")}`;
}

function fieldText(value: LogFields[string]): string {
  if (typeof value !== "string") return String(value);
  return /^[\w.:/@[\]-]+$/.test(value) ? cut(value) : escaped(JSON.stringify(cut(value)));
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** What would begin a line, steer a terminal or turn the reading direction, in the form that JSON gives it. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (character) => {
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
