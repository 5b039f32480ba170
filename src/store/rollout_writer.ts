/**
 * Appends records to one rollout file, in order, as whole lines.
 * `append` only queues; one write carries everything queued since the last. A failed write is undone (the file is
 * cut back to where it was) and what it held stays queued, so that the next `flush` tries again and nothing
 * is lost while the disk is full. A turn that cannot be saved must end: the agent sees STORE_FAILED from `flush`.
 */
import { CodexError, messageOf } from "../base/errors.ts";
import { type AppendFile, fileTroubleOf } from "../host/files.ts";
import { formatLine } from "./rollout_line.ts";
import type { RolloutItem, RolloutWriter } from "./thread_store.ts";

export interface RolloutFileOptions {
  readonly path: string;
  /** Called once, with the first record; called again after it failed. */
  readonly open: () => Promise<AppendFile>;
  /** Records that go in front of the first appended ones. */
  readonly prologue: readonly RolloutItem[];
  /** Unix milliseconds. */
  readonly nowMs: () => number;
}

export class RolloutFile implements RolloutWriter {
  readonly path: string;
  readonly #options: RolloutFileOptions;
  #prologue: readonly RolloutItem[];
  #queued: string[] = [];
  #file: AppendFile | null = null;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(options: RolloutFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#prologue = options.prologue;
  }

  append(items: readonly RolloutItem[]): void {
    if (this.#closed) throw new CodexError("STORE_FAILED", `Cannot append to the closed session file "${this.path}"`);
    if (items.length === 0) return;
    const timestamp = new Date(this.#options.nowMs()).toISOString();
    for (const item of [...this.#prologue, ...items]) this.#queued.push(formatLine(item, timestamp));
    this.#prologue = [];
    // A failure here is met again, and told, by the next flush.
    this.#run().catch(() => {});
  }

  async flush(options: { readonly sync?: boolean } = {}): Promise<void> {
    // What runs already may have been started before the last append, or be about to fail: one more try is ours.
    if (this.#running !== null) await this.#running.catch(() => {});
    try {
      await this.#run();
      if (options.sync) await this.#file?.sync();
    } catch (error) {
      throw this.#failure(error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.flush();
    } finally {
      this.#closed = true;
      this.#file?.close();
      this.#file = null;
    }
  }

  #run(): Promise<void> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #drain(): Promise<void> {
    // Everything that is appended in the same turn of the event loop goes out in one write.
    await Promise.resolve();
    while (this.#queued.length > 0) {
      const file = this.#file ?? await this.#open();
      const count = this.#queued.length;
      const bytes = new TextEncoder().encode(this.#queued.join(""));
      // Asked each time: another process may have appended to the same session.
      const wholeBytes = await file.size();
      try {
        await file.write(bytes);
      } catch (error) {
        // The other lines of a partly written batch are written again, so the part must go.
        await file.truncate(wholeBytes).catch(() => this.#forget(file));
        throw error;
      }
      this.#queued.splice(0, count);
    }
  }

  async #open(): Promise<AppendFile> {
    this.#file = await this.#options.open();
    return this.#file;
  }

  /** A file that cannot even be cut is opened anew, which repairs its end. */
  #forget(file: AppendFile): void {
    if (this.#file === file) this.#file = null;
    file.close();
  }

  #failure(error: unknown): CodexError {
    if (error instanceof CodexError) return error;
    return new CodexError("STORE_FAILED", `Cannot write the session file "${this.path}": ${messageOf(error)}`, {
      cause: error,
      hint: hintFor(error),
    });
  }
}

function hintFor(error: unknown): string {
  switch (fileTroubleOf(error)) {
    case "full":
      return "Free space on that disk and send the message again; what was saved before is intact";
    case "denied":
      return "Give this user write permission there, or set CODEX_HOME to a folder that it owns";
    default:
      return "Check that CODEX_HOME is on a disk that can be written";
  }
}
