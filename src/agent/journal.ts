// One thread's record: the model-visible history in memory and the rollout on disk, which grow together. What is
// appended is safe once `save` settles. An ephemeral thread has no file.
import type { ResponseItem } from "../protocol/types/response_item.ts";
import type { RolloutItem, RolloutWriter } from "../store/thread_store.ts";
import type { History } from "./history.ts";

export class Journal {
  readonly history: History;
  readonly #writer: RolloutWriter | null;

  constructor(history: History, writer: RolloutWriter | null) {
    this.history = history;
    this.#writer = writer;
  }

  /** Absolute path of the rollout, or null. */
  get path(): string | null {
    return this.#writer?.path ?? null;
  }

  append(...records: readonly RolloutItem[]): void {
    this.#writer?.append(records);
  }

  /** Adds to what the model sees and to the file. */
  response(...items: readonly ResponseItem[]): void {
    this.history.add(...items);
    this.append(...items.map((payload): RolloutItem => ({ type: "response_item", payload })));
  }

  /** @throws CodexError STORE_FAILED */
  async save(): Promise<void> {
    await this.#writer?.flush();
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }
}
