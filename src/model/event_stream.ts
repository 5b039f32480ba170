// Server-sent events out of a byte stream that may be split anywhere, inside a UTF-8 sequence too. Cuts, silence and
// oversized events become `ModelError`s; what the events mean is `response_events.ts`.
import { createParser } from "eventsource-parser";
import type { ModelClock } from "./ports.ts";
import { streamFailure, transportCut } from "./failures.ts";

/** An event that has not ended after this much text is not a model's answer. */
const MAX_EVENT_CHARACTERS = 32 * 1024 * 1024;

export interface IdleWatch extends Disposable {
  /** We wait for the server from now on. */
  expect(): void;
  /** We do not: something arrived, and a slow reader is not the server's silence. */
  rest(): void;
}

/** Calls `onIdle` once when `timeoutMs` pass while waiting. One sleeping timer, however many events. Starts waiting. */
export function watchIdle(timeoutMs: number, clock: ModelClock, onIdle: () => void): IdleWatch {
  const stop = new AbortController();
  let sinceMs = clock.nowMs();
  let waiting = true;
  const wait = async (): Promise<void> => {
    for (;;) {
      const leftMs = waiting ? sinceMs + timeoutMs - clock.nowMs() : timeoutMs;
      if (leftMs <= 0) return onIdle();
      await clock.sleep(leftMs, stop.signal);
    }
  };
  // Rejects only with the reason of `stop`, when the watch is over.
  wait().catch(() => {});
  return {
    expect: () => {
      sinceMs = clock.nowMs();
      waiting = true;
    },
    rest: () => {
      waiting = false;
    },
    [Symbol.dispose]: () => stop.abort(),
  };
}

/**
 * The data of each event, in order. A last event without its closing blank line is delivered.
 * @throws ModelError when the connection breaks; whatever the stream was cancelled with is the caller's to tell apart.
 */
export async function* readEventData(body: ReadableStream<Uint8Array>, watch: IdleWatch): AsyncGenerator<string> {
  const ready: string[] = [];
  let oversized = false;
  const parser = createParser({
    onEvent: (event) => ready.push(event.data),
    onError: (error) => oversized ||= error.type === "max-buffer-size-exceeded",
    maxBufferSize: MAX_EVENT_CHARACTERS,
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      let part: ReadableStreamReadResult<Uint8Array>;
      watch.expect();
      try {
        part = await reader.read();
      } catch (error) {
        throw transportCut(error);
      }
      watch.rest();
      parser.feed(part.done ? decoder.decode() + "\n\n" : decoder.decode(part.value, { stream: true }));
      yield* ready.splice(0);
      if (oversized) throw streamFailure(`event of more than ${MAX_EVENT_CHARACTERS} characters`);
      if (part.done) return;
    }
  } finally {
    // Frees the connection when the reader stops early; a stream that already failed has nothing to cancel.
    await reader.cancel().catch(() => {});
  }
}
