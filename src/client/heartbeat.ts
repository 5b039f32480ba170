// Notices a server that is gone without a word (a laptop that slept, a cable that was pulled): after a while of silence
// it is asked something cheap that every server of this protocol answers, and when nothing at all arrives the
// connection counts as lost. The server's own pings are answered by the runtime and not seen here.
import type { CloseReason, Incoming, MessageStream } from "../rpc/message_stream.ts";

export interface HeartbeatBounds {
  /** Silence after which the server is asked, ms. */
  readonly silentMs: number;
  /** How long it may take to say anything then, ms. */
  readonly answerMs: number;
}

/** Together, with the pause that a close may take, under half a minute. */
export const HEARTBEAT: HeartbeatBounds = { silentMs: 10_000, answerMs: 15_000 };

/** In the range that applications may use (RFC 6455, section 7.4.2). */
const SILENT_SERVER: CloseReason = { code: 4000, reason: "the server does not answer any more" };

/** The stream, closed when the other side falls silent. */
export function withHeartbeat(stream: MessageStream, bounds: HeartbeatBounds = HEARTBEAT): MessageStream {
  let heardAtMs = performance.now();
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function waitForSilence(): void {
    // From the last sign of life on, not from the last look. A negative time would be warned of, on the screen.
    const leftMs = Math.max(0, heardAtMs + bounds.silentMs - performance.now());
    timer = setTimeout(() => performance.now() < heardAtMs + bounds.silentMs ? waitForSilence() : ask(), leftMs);
  }

  function ask(): void {
    const askedAtMs = performance.now();
    // Nobody waits for the answer: that something arrives is all.
    const id = `heartbeat-${++asked}`;
    stream.send(JSON.stringify({ method: "thread/loaded/list", id, params: { limit: 1 } }));
    timer = setTimeout(
      () => heardAtMs >= askedAtMs ? waitForSilence() : void stream.close(SILENT_SERVER),
      bounds.answerMs,
    );
  }

  async function* listen(): AsyncIterable<Incoming> {
    for await (const incoming of stream.incoming) {
      heardAtMs = performance.now();
      yield incoming;
    }
  }

  waitForSilence();
  void stream.closed.then(() => clearTimeout(timer));
  return {
    incoming: listen(),
    closed: stream.closed,
    get bufferedBytes(): number {
      return stream.bufferedBytes;
    },
    send: (text) => stream.send(text),
    close: (reason) => stream.close(reason),
  };
}
