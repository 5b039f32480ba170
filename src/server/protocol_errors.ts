// Violations of the WebSocket protocol: the runtime names them in an error's text and ends the connection without a
// close frame; here is which code such a frame would have had, and its bytes. Source: RFC 6455, sections 5.5.1 and 7.4.1.
import type { CloseReason } from "../rpc/message_stream.ts";

export const PROTOCOL_ERROR = 1002;
export const INVALID_DATA = 1007;
export const TOO_BIG = 1009;

const TEXTS: readonly (readonly [part: string, code: number, reason: string])[] = [
  ["Reserved bits", PROTOCOL_ERROR, "reserved bits are set"],
  ["Invalid value", PROTOCOL_ERROR, "unknown opcode"],
  ["Ping frame too large", PROTOCOL_ERROR, "control frame is too long"],
  ["Control frame must not be fragmented", PROTOCOL_ERROR, "control frame is fragmented"],
  ["Invalid continuation frame", PROTOCOL_ERROR, "continuation of nothing"],
  ["Invalid fragment", PROTOCOL_ERROR, "a message begins inside of another"],
  ["Invalid close", PROTOCOL_ERROR, "close frame is malformed"],
  ["Invalid UTF-8", INVALID_DATA, "text is not UTF-8"],
  ["Frame too large", TOO_BIG, "frame is too long"],
];

/** The close that the error's text calls for; null for an error that is none of the peer's (a lost connection). */
export function closeForError(message: string): CloseReason | null {
  const found = TEXTS.find(([part]) => message.includes(part));
  return found === undefined ? null : { code: found[1], reason: found[2] };
}

/** A close frame of a server (not masked). `reason` is at most 123 bytes of ASCII. */
export function closeFrame({ code, reason }: CloseReason): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(reason).subarray(0, 123);
  const frame = new Uint8Array(4 + text.length);
  frame.set([0x88, 2 + text.length, code >> 8, code & 0xff]);
  frame.set(text, 4);
  return frame;
}
