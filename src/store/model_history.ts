/**
 * The model-visible history of a rollout, built again record by record: what the next request to the model starts
 * from. A compaction replaces what came before it; a rollback takes whole turns off the end.
 */
import type { ResponseItem } from "../protocol/types/response_item.ts";
import { asArray, asInteger, asObject, asString } from "./json_value.ts";
import type { RolloutItem } from "./thread_store.ts";

export class ModelHistory {
  #items: ResponseItem[] = [];
  /** For each turn with a message of the user: the index in `#items` where that message stands. */
  #turnStarts: number[] = [];
  #turnHasMessage = false;

  get items(): readonly ResponseItem[] {
    return this.#items;
  }

  take(record: RolloutItem): void {
    switch (record.type) {
      case "response_item":
        // Snapshots of the work tree are bookkeeping of another version, not for the model.
        if (record.payload.type !== "ghost_snapshot") this.#items.push(record.payload);
        return;
      case "compacted":
        this.#compact(record.payload);
        return;
      case "event_msg":
        if (record.payload.type === "task_started") this.#turnHasMessage = false;
        else if (record.payload.type === "user_message") this.#markTurn();
        else if (record.payload.type === "thread_rolled_back") {
          this.#rollBack(asInteger(record.payload["num_turns"]) ?? 0);
        }
        return;
      case "session_meta":
      case "turn_context":
        return;
      default:
        record satisfies never;
    }
  }

  #markTurn(): void {
    if (this.#turnHasMessage) return;
    this.#turnHasMessage = true;
    // The model's copy of the message is recorded just before the event.
    const at = this.#items.findLastIndex((item) => item.type === "message" && item.role === "user");
    this.#turnStarts.push(at === -1 ? this.#items.length : at);
  }

  #rollBack(count: number): void {
    if (count <= 0) return;
    const kept = Math.max(0, this.#turnStarts.length - count);
    const end = this.#turnStarts[kept];
    if (end !== undefined) this.#items.length = Math.min(this.#items.length, end);
    this.#turnStarts.length = kept;
    this.#turnHasMessage = false;
  }

  #compact(payload: Readonly<Record<string, unknown>>): void {
    const replacement = payload["replacement_history"];
    if (Array.isArray(replacement)) {
      // The same items as in `response_item` records; checked as far as those are.
      this.#items = asArray(replacement).filter((item) =>
        asString(asObject(item)?.["type"]) !== null
      ) as ResponseItem[];
    } else {
      // Files older than the replacement: the messages of the user stay, then the summary.
      const summary = asString(payload["message"]) ?? "";
      const messages = this.#items.filter((item) => item.type === "message" && item.role === "user");
      this.#items = summary === ""
        ? messages
        : [...messages, { type: "message", role: "user", content: [{ type: "input_text", text: summary }] }];
    }
    // Turns before the compaction can no longer be told apart in the history.
    this.#turnStarts = this.#turnStarts.map(() => this.#items.length);
  }
}
