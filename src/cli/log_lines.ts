// The operator's log as lines: on stderr for a server, in a file of CODEX_HOME when a terminal UI owns the screen.
import { messageOf } from "../base/errors.ts";
import { parentPath } from "../base/absolute_path.ts";
import { makeFolder, openAppend } from "../host/files.ts";
import type { Log } from "../base/log.ts";

export function makeServerLog(printLine: (line: string) => void): Log {
  const log: Log = {
    isEnabled: (level) => level === "error" || level === "warn",
    info(): void {},
    debug(): void {},
    trace(): void {},
    for: () => log,
    warn: (message) => printLine(`warning: ${message}`),
    error(message, _fields, cause): void {
      const reason = cause === undefined
        ? ""
        : `: ${cause instanceof Error ? cause.stack ?? cause.message : messageOf(cause)}`;
      printLine(`error: ${message}${reason}`);
    },
  };
  return log;
}

export interface FileLog {
  printLine(line: string): void;
  /** Settles when what was printed is in the file. */
  flush(): Promise<void>;
}

/** Appends lines, one after the other. A log that cannot be written is given up silently: it must not stop the work. */
export function makeFileLog(path: string, nowMs: () => number): FileLog {
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
      last = last.then(() => append(`${new Date(nowMs()).toISOString()} ${line}\n`)).catch(() => {});
    },
    flush: () => last,
  };
}
