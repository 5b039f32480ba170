/**
 * One line of a rollout file: `{"timestamp", "type", "payload"}`. Writing is exact; reading is tolerant, because
 * a file may have been cut by a crash or written by another version. Source: recorded session files.
 */
import type { ResponseItem } from "../protocol/types/response_item.ts";
import { asObject } from "./json_value.ts";
import type { EventMsg, RolloutItem, TurnContextRecord } from "./thread_store.ts";

/** `item` as a line, with its newline. `timestamp` is ISO 8601 with milliseconds. */
export function formatLine(item: RolloutItem, timestamp: string): string {
  return `${JSON.stringify({ timestamp, type: item.type, payload: item.payload })}\n`;
}

/** The record in `line`, or null for a broken line or a record of an unknown kind. */
export function parseLine(line: string): RolloutItem | null {
  // Cheap, and most of what is not a record at all ends here.
  if (!line.startsWith("{")) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  const record = asObject(parsed);
  const payload = asObject(record?.["payload"]);
  if (record === null || payload === null) return null;
  switch (record["type"]) {
    case "session_meta":
    case "compacted":
      return { type: record["type"], payload };
    case "turn_context":
      // Both fields are looked at here; the other fields are unknown by type.
      return typeof payload["cwd"] === "string"
        ? { type: "turn_context", payload: payload as TurnContextRecord }
        : null;
    case "event_msg":
      return typeof payload["type"] === "string" ? { type: "event_msg", payload: payload as EventMsg } : null;
    case "response_item":
      // The model wrote it and the model reads it again: items are passed on as they are, known or not.
      return typeof payload["type"] === "string" ? { type: "response_item", payload: payload as ResponseItem } : null;
    default:
      return null;
  }
}
