// A log that keeps its lines for a test to look at.
import type { Log, LogFields } from "../../src/base/log.ts";

export interface RecordingLog {
  readonly log: Log;
  /** `level message key=value …`, in order. */
  readonly lines: string[];
}

export function makeRecordingLog(): RecordingLog {
  const lines: string[] = [];
  const write = (level: string) => (message: string, fields: LogFields = {}): void =>
    void lines.push([level, message, ...Object.entries(fields).map(([key, value]) => `${key}=${value}`)].join(" "));
  const log: Log = {
    isEnabled: () => true,
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    trace: write("trace"),
    for: () => log,
  };
  return { log, lines };
}
