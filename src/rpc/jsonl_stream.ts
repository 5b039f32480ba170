// A message stream over bytes: one message a line, ended by LF (a CR before it is white space to JSON). Splitting is at
// LF bytes only, so that line separators inside of JSON strings stay what they are.
import { messageOf } from "../base/errors.ts";
import { createIncomingQueue } from "./incoming_queue.ts";
import { parseMessage } from "./parse_message.ts";
import type { CloseReason, Incoming, MessageStream } from "./message_stream.ts";

export interface JsonlStreamOptions {
  readonly input: ReadableStream<Uint8Array>;
  /** Writes all of the bytes; settles when they are taken. Rejects when the reader has gone. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

/** The longest line that is read; the same bound as one WebSocket message has. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
/** Bytes that are joined into one write. */
const WRITE_BATCH_BYTES = 256 * 1024;

const LF = 0x0a;

export function createJsonlStream(options: JsonlStreamOptions): MessageStream {
  const incoming = createIncomingQueue();
  const closed = Promise.withResolvers<CloseReason>();
  const encoder = new TextEncoder();
  const reader = options.input.getReader();
  const outgoing: Uint8Array[] = [];
  let bufferedBytes = 0;
  let writing: Promise<void> | null = null;
  let open = true;

  function finish(reason: CloseReason): void {
    open = false;
    incoming.end();
    closed.resolve(reason);
  }

  async function read(): Promise<void> {
    const waiting: Incoming[] = [];
    const lines = createLineSplitter(MAX_LINE_BYTES, (line) => waiting.push(line));
    // A pipe can be slowed down: nothing more is read while there is no room.
    const deliver = async (): Promise<void> => {
      for (const line of waiting.splice(0)) {
        while (!incoming.push(line)) await incoming.whenTaken();
      }
    };
    try {
      while (open) {
        const { value, done } = await reader.read();
        if (done) break;
        lines.push(value);
        await deliver();
      }
      lines.end();
      await deliver();
      // Only the reading half has ended: what was asked may still be answered, and then the owner closes.
      incoming.end();
    } catch (error) {
      finish({ code: 1006, reason: messageOf(error) });
    }
  }

  async function writeAll(): Promise<void> {
    try {
      while (outgoing.length > 0) {
        const batch = takeBatch(outgoing);
        await options.write(batch);
        bufferedBytes -= batch.length;
      }
    } catch (error) {
      outgoing.length = 0;
      bufferedBytes = 0;
      finish({ code: 1006, reason: messageOf(error) });
      await reader.cancel().catch(() => {});
    } finally {
      writing = null;
    }
  }

  async function settled(): Promise<void> {
    while (writing) await writing;
  }

  void read();

  return {
    incoming,
    closed: closed.promise,
    get bufferedBytes(): number {
      return bufferedBytes;
    },
    send(text: string): void {
      if (!open) return;
      const bytes = encoder.encode(text + "\n");
      outgoing.push(bytes);
      bufferedBytes += bytes.length;
      writing ??= writeAll();
    },
    async close(reason: CloseReason): Promise<void> {
      if (!open) return;
      open = false;
      await settled();
      finish(reason);
      await reader.cancel().catch(() => {});
    },
  };
}

function takeBatch(queue: Uint8Array[]): Uint8Array {
  let size = 0;
  let count = 0;
  for (const bytes of queue) {
    if (count > 0 && size + bytes.length > WRITE_BATCH_BYTES) break;
    size += bytes.length;
    count++;
  }
  const batch = new Uint8Array(size);
  let at = 0;
  for (const bytes of queue.splice(0, count)) {
    batch.set(bytes, at);
    at += bytes.length;
  }
  return batch;
}

interface LineSplitter {
  push(chunk: Uint8Array): void;
  end(): void;
}

function createLineSplitter(maxLineBytes: number, emit: (line: Incoming) => void): LineSplitter {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let size = 0;
  let tooLong = false;

  function keep(bytes: Uint8Array): void {
    size += bytes.length;
    if (size > maxLineBytes) {
      tooLong = true;
      parts = [];
    } else if (bytes.length > 0) parts.push(bytes);
  }

  function flush(): void {
    if (tooLong) emit({ kind: "malformed", reason: `line longer than ${maxLineBytes} bytes` });
    else if (size > 0) emitLine(parts.length === 1 && parts[0] ? parts[0] : join(parts, size));
    parts = [];
    size = 0;
    tooLong = false;
  }

  function emitLine(bytes: Uint8Array): void {
    let text: string;
    try {
      text = decoder.decode(bytes);
    } catch {
      return emit({ kind: "malformed", reason: "line is not UTF-8" });
    }
    if (text.trim() !== "") emit(parseMessage(text));
  }

  return {
    push(chunk: Uint8Array): void {
      let from = 0;
      for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, from)) {
        keep(chunk.subarray(from, at));
        flush();
        from = at + 1;
      }
      keep(chunk.subarray(from));
    },
    end: flush,
  };
}

function join(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
