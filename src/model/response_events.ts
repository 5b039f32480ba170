// What each server-sent event of a response means. Unknown events, unknown items and garbage mean nothing and are
// skipped, as the reference does, so that a provider may add to its API.
import { uuidV4 } from "../base/ids.ts";
import { ResponseItem } from "../protocol/types/response_item.ts";
import { fieldOf } from "./error_object.ts";
import { failedResponse, incompleteResponse, streamFailure } from "./failures.ts";
import type { ModelEvent, ModelUsage } from "./model_client.ts";
import { pickFields } from "./pick_fields.ts";

/** Reads the events of one response; remembers the ids of its items. */
export class ResponseEventReader {
  /** Output index → id, for providers whose deltas and items name none. */
  readonly #ids = new Map<number, string>();

  /**
   * The event in `data`, or null when it says nothing to us.
   * @throws ModelError when the event ends the response in failure.
   */
  read(data: string): ModelEvent | null {
    let event: unknown;
    try {
      event = JSON.parse(data);
    } catch {
      return null;
    }
    switch (fieldOf(event, "type")) {
      case "response.created":
        return { type: "created" };
      case "response.output_item.added":
        return this.#item(event, "itemAdded");
      case "response.output_item.done":
        return this.#item(event, "itemDone");
      case "response.output_text.delta":
        return this.#delta(event, (itemId, delta) => ({ type: "textDelta", itemId, delta }));
      case "response.reasoning_summary_part.added":
        return {
          type: "reasoningSummaryPartAdded",
          itemId: this.#itemId(event),
          summaryIndex: indexOf(event, "summary_index"),
        };
      case "response.reasoning_summary_text.delta":
        return this.#delta(event, (itemId, delta) => ({
          type: "reasoningSummaryDelta",
          itemId,
          summaryIndex: indexOf(event, "summary_index"),
          delta,
        }));
      case "response.reasoning_text.delta":
        return this.#delta(event, (itemId, delta) => ({
          type: "reasoningTextDelta",
          itemId,
          contentIndex: indexOf(event, "content_index"),
          delta,
        }));
      case "response.completed":
        return completed(fieldOf(event, "response"));
      case "response.failed": {
        const error = fieldOf(fieldOf(event, "response"), "error");
        throw failedResponse(error, typeof error === "object" && error !== null);
      }
      case "error": {
        // The API's own error event: its fields stand at the top or under `error`.
        const error = fieldOf(event, "error");
        throw failedResponse(typeof error === "object" && error !== null ? error : event, true);
      }
      case "response.incomplete": {
        const reason = fieldOf(fieldOf(fieldOf(event, "response"), "incomplete_details"), "reason");
        throw incompleteResponse(typeof reason === "string" ? reason : null);
      }
      default:
        return null;
    }
  }

  #item(event: unknown, type: "itemAdded" | "itemDone"): ModelEvent | null {
    const raw = fieldOf(event, "item");
    const item = pickFields(ResponseItem, raw);
    if (item === null || item.type === "other") return null;
    const ownId = fieldOf(raw, "id");
    const index = indexOf(event, "output_index");
    const id = typeof ownId === "string" && ownId !== "" ? ownId : this.#ids.get(index) ?? uuidV4();
    if (type === "itemAdded") this.#ids.set(index, id);
    else this.#ids.delete(index);
    return { type, id, item };
  }

  #delta(event: unknown, make: (itemId: string, delta: string) => ModelEvent): ModelEvent | null {
    const delta = fieldOf(event, "delta");
    return typeof delta === "string" ? make(this.#itemId(event), delta) : null;
  }

  #itemId(event: unknown): string {
    const id = fieldOf(event, "item_id");
    return typeof id === "string" && id !== "" ? id : this.#ids.get(indexOf(event, "output_index")) ?? "";
  }
}

function completed(response: unknown): ModelEvent {
  const id = fieldOf(response, "id");
  // wire: the reference's own words for it.
  if (typeof id !== "string") throw streamFailure("failed to parse ResponseCompleted: missing field `id`");
  return { type: "completed", responseId: id, usage: readUsage(fieldOf(response, "usage")) };
}

function readUsage(usage: unknown): ModelUsage | null {
  if (typeof usage !== "object" || usage === null) return null;
  return {
    inputTokens: countOf(usage, "input_tokens"),
    cachedInputTokens: countOf(fieldOf(usage, "input_tokens_details"), "cached_tokens"),
    outputTokens: countOf(usage, "output_tokens"),
    reasoningOutputTokens: countOf(fieldOf(usage, "output_tokens_details"), "reasoning_tokens"),
    totalTokens: countOf(usage, "total_tokens"),
  };
}

function countOf(value: unknown, name: string): number {
  const count = fieldOf(value, name);
  return typeof count === "number" && Number.isFinite(count) ? Math.trunc(count) : 0;
}

function indexOf(event: unknown, name: string): number {
  return countOf(event, name);
}
