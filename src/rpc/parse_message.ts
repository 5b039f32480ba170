// Text of a wire to what arrived: a JSON value, or why it is none.
import { messageOf } from "../base/errors.ts";
import type { Incoming } from "./message_stream.ts";

/** Characters of a malformed text that are kept for the log. */
const HEAD_CHARS = 120;

export function parseMessage(text: string): Incoming {
  try {
    return { kind: "message", value: JSON.parse(text), bytes: text.length };
  } catch (error) {
    // The engine quotes the text; a reason must not, since it is logged and the text may hold secrets.
    const reason = messageOf(error).replace(/, (\.\.\.)?"[^]*$/, "");
    return { kind: "malformed", head: text.slice(0, HEAD_CHARS), reason };
  }
}
