// The audit log as a file: one JSON object a line with its time, in order, readable by its owner only. A disk that is
// full does not stop the server: the loss is told in the log, and counted in the file once it can be written again.
import { CodexError, messageOf, systemMessageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Audit } from "../server/audit.ts";

/** The file, opened anew for each batch so that it may be moved away (logrotate) at any time. */
export type AppendText = (path: string, text: string) => Promise<void>;

export interface AuditFile extends Audit {
  /** Settles when what was recorded is in the file. */
  flush(): Promise<void>;
}

export interface AuditFileOptions {
  readonly path: string;
  readonly append: AppendText;
  readonly log: Log;
  /** Unix milliseconds. */
  nowMs(): number;
}

/** Records that may wait for the disk. */
const MAX_WAITING = 10_000;

/** @throws CodexError AUTH_SETUP when the file cannot be written now. */
export async function openAuditFile({ path, append, log, nowMs }: AuditFileOptions): Promise<AuditFile> {
  let waiting: string[] = [];
  let lost = 0;
  let isFailing = false;
  let writing: Promise<void> | null = null;
  try {
    await append(path, "");
  } catch (cause) {
    throw new CodexError("AUTH_SETUP", `Cannot write the audit log "${path}": ${systemMessageOf(cause)}`, { cause });
  }

  function line(fields: Readonly<Record<string, unknown>>): string {
    return `${JSON.stringify({ time: new Date(nowMs()).toISOString(), ...fields })}\n`;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      const head = lost > 0 ? line({ event: "lost", count: lost }) : "";
      try {
        await append(path, head + batch.join(""));
        if (isFailing) log.info("The audit log can be written again", { lost });
        lost = 0;
        isFailing = false;
      } catch (error) {
        lost += batch.length;
        if (!isFailing) log.error(`Cannot write the audit log, records are lost: ${messageOf(error)}`);
        isFailing = true;
      }
    }
  }

  return {
    record(record): void {
      if (waiting.length >= MAX_WAITING) return void lost++;
      waiting.push(line({ ...record }));
      writing ??= writeAll().finally(() => writing = null);
    },
    async flush(): Promise<void> {
      while (writing !== null) await writing;
    },
  };
}
