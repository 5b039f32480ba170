// Text of a wire to what arrived: a JSON value, or why it is none.
import { messageOf } from "../base/errors.ts";
import type { Incoming } from "./message_stream.ts";

export function parseMessage(text: string): Incoming {
  try {
    return { kind: "message", value: JSON.parse(text), bytes: text.length };
  } catch (error) {
    // The engine quotes the text; a reason must not, since it is logged and the text may hold secrets.
    const reason = messageOf(error).replace(/, (\.\.\.)?"[^]*$/, "");
    return { kind: "malformed", reason };
  }
}
