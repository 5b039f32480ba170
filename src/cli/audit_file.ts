// The audit log as a file: one JSON object a line with its time, in order, readable by its owner only. A disk that is
// full does not stop the server: records wait for it up to a bound, beyond which they are counted instead, and the
// operator's log tells when the trouble begins and ends.
import { CodexError, messageOf, systemMessageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Audit } from "../server/audit.ts";

export interface AuditDisk {
  /**
   * Opens the file anew for each text, so that it may be moved away (logrotate) at any time. On failure nothing of the
   * text stays in the file.
   */
  append(path: string, text: string): Promise<void>;
  /** The file ends inside of a line: the machine stopped while it was written. */
  endsInLine(path: string): Promise<boolean>;
}

export interface AuditFile extends Audit {
  /** Settles when what was recorded is in the file, or cannot be written; waits for a hanging disk only so long. */
  close(): Promise<void>;
}

export interface AuditFileOptions {
  readonly path: string;
  readonly disk: AuditDisk;
  readonly log: Log;
  /** Unix milliseconds. */
  nowMs(): number;
  /** Records that may wait for the disk; default 10,000. */
  readonly maxWaiting?: number;
  /** After how long a disk that failed is tried again, ms; default 1,000. */
  readonly retryMs?: number;
}

const MAX_WAITING = 10_000;
/** UTF-16 units of the records that wait. */
const MAX_WAITING_UNITS = 16 * 1024 * 1024;
const RETRY_MS = 1_000;
const CLOSE_MS = 2_000;

/** @throws CodexError AUTH_SETUP when the file cannot be written now. */
export async function openAuditFile(options: AuditFileOptions): Promise<AuditFile> {
  const { path, disk, log, nowMs, maxWaiting = MAX_WAITING, retryMs = RETRY_MS } = options;
  let waiting: string[] = [];
  let waitingUnits = 0;
  /** Records after those that wait, which had no room. */
  let lost = 0;
  let isFailing = false;
  let isClosing = false;
  let writing: Promise<void> | null = null;
  let retryNow: () => void = () => {};
  try {
    // Whether it can be written; and a torn line is ended, so that what follows can be read.
    await disk.append(path, "");
    if (await disk.endsInLine(path)) await disk.append(path, "\n");
  } catch (cause) {
    throw new CodexError("AUTH_SETUP", `Cannot write the audit log "${path}": ${systemMessageOf(cause)}`, { cause });
  }

  function line(fields: Readonly<Record<string, unknown>>): string {
    return `${JSON.stringify({ time: new Date(nowMs()).toISOString(), ...fields })}\n`;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const [batch, missing] = [waiting, lost];
      waiting = [];
      const text = batch.join("");
      try {
        await disk.append(path, text + (missing > 0 ? line({ event: "lost", count: missing }) : ""));
        waitingUnits -= text.length;
        lost -= missing;
        if (isFailing) log.warn("The audit log can be written again", { lost: missing });
        isFailing = false;
      } catch (error) {
        waiting = [...batch, ...waiting];
        if (!isFailing) log.error(`Cannot write the audit log, its records wait: ${systemMessageOf(error)}`);
        isFailing = true;
        if (isClosing) break;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, retryMs);
          retryNow = (): void => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    }
    writing = null;
  }

  return {
    record(record): void {
      const text = line({ ...record });
      const isFull = waiting.length >= maxWaiting || waitingUnits + text.length > MAX_WAITING_UNITS;
      if (isFull && waiting.length > 0) {
        if (lost++ === 0) log.error("The audit log waits for its disk for too long, records are lost");
        return;
      }
      waiting.push(text);
      waitingUnits += text.length;
      writing ??= writeAll().catch((error) => log.error(`Cannot write the audit log: ${messageOf(error)}`, {}, error));
    },
    async close(): Promise<void> {
      isClosing = true;
      retryNow();
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, CLOSE_MS);
      await Promise.race([writing, late.promise]);
      clearTimeout(timer);
      const missing = waiting.length + lost;
      if (missing > 0) log.error("The audit log is not complete", { lost: missing });
    },
  };
}
