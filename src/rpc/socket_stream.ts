// A message stream over an open WebSocket: one message a text frame. The socket is only used through the web's own
// interface, so that the server's accepted sockets and the client's dialled ones are alike.
import { exceedsUtf8Bytes } from "../base/utf8_bytes.ts";
import { createIncomingQueue, QUEUE_FULL } from "./incoming_queue.ts";
import { parseMessage } from "./parse_message.ts";
import type { CloseReason, Incoming, MessageStream } from "./message_stream.ts";

/** How long a close waits for the other side's close frame before the stream counts as closed. */
const CLOSE_TIMEOUT_MS = 2_000;
/** A close frame's reason holds at most this many bytes of UTF-8 (RFC 6455, section 5.5). */
const MAX_REASON_BYTES = 123;

/** What a peer is told whose message has more bytes than it may. */
export const MESSAGE_TOO_BIG: CloseReason = { code: 1009, reason: "message is too big" };

/**
 * The socket is open, or about to be (accepted on the server): nothing was sent or received on it yet. A message of more
 * than `maxMessageBytes` is not looked at and closes the stream with 1009.
 */
export function createSocketStream(socket: WebSocket, maxMessageBytes = Number.POSITIVE_INFINITY): MessageStream {
  const incoming = createIncomingQueue();
  const closed = Promise.withResolvers<CloseReason>();
  const early: string[] = [];
  let asked: CloseReason | null = null;
  let isOver = false;

  function take(message: Incoming): void {
    if (!isOver && !incoming.push(message)) giveUp(QUEUE_FULL);
  }

  /** Nothing that comes from here on is looked at. */
  function giveUp(reason: CloseReason): void {
    isOver = true;
    void close(reason);
  }

  async function close(reason: CloseReason): Promise<void> {
    if (socket.readyState === WebSocket.OPEN || socket.readyState === WebSocket.CONNECTING) {
      asked = reason;
      socket.close(reason.code, fitReason(reason.reason));
    }
    // A peer that never answers the close frame must not keep us.
    const timer = setTimeout(() => finish(reason), CLOSE_TIMEOUT_MS);
    await closed.promise;
    clearTimeout(timer);
  }

  function finish(reason: CloseReason): void {
    incoming.end();
    closed.resolve(reason);
  }

  socket.binaryType = "arraybuffer";
  socket.onopen = (): void => {
    for (const text of early.splice(0)) socket.send(text);
  };
  socket.onmessage = (event: MessageEvent): void => {
    // The web's type says `any`; frames are text or, with this binaryType, ArrayBuffers.
    const frame: unknown = event.data;
    if (isOver) return;
    if (typeof frame === "string" && exceedsUtf8Bytes(frame, maxMessageBytes)) giveUp(MESSAGE_TOO_BIG);
    else if (typeof frame === "string") take(parseMessage(frame));
    else take({ kind: "malformed", reason: "binary frames are not supported; send text frames" });
  };
  // An error is always followed by a close, which carries what can be told.
  socket.onerror = (event: Event): void => event.preventDefault();
  socket.onclose = (event: CloseEvent): void => finish(asked ?? { code: event.code, reason: event.reason });

  return {
    incoming,
    closed: closed.promise,
    get bufferedBytes(): number {
      return socket.bufferedAmount;
    },
    send(text: string): void {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
      else if (socket.readyState === WebSocket.CONNECTING) early.push(text);
    },
    close,
  };
}

function fitReason(reason: string): string {
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  return new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES)).replace(/\uFFFD+$/, "");
}
