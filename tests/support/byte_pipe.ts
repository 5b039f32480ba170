// Two ends of one connection in memory, as the proxies see connections.
import type { ByteStream } from "../../src/host/byte_stream.ts";

interface Direction {
  readonly chunks: Uint8Array[];
  isEnded: boolean;
  isBroken: boolean;
  wake: () => void;
}

/** What one end writes, the other reads. A write settles at once. */
export function bytePipe(): readonly [ByteStream, ByteStream] {
  const there = direction();
  const back = direction();
  return [end(back, there), end(there, back)];
}

function direction(): Direction {
  return { chunks: [], isEnded: false, isBroken: false, wake: () => {} };
}

function end(incoming: Direction, outgoing: Direction): ByteStream {
  return {
    async read(): Promise<Uint8Array | null> {
      for (;;) {
        const chunk = incoming.chunks.shift();
        if (chunk !== undefined) return chunk;
        if (incoming.isEnded) return null;
        await new Promise<void>((resolve) => incoming.wake = resolve);
      }
    },
    write(bytes): Promise<void> {
      if (outgoing.isEnded) return Promise.reject(new Error("closed"));
      if (bytes.length > 0) outgoing.chunks.push(bytes.slice());
      outgoing.wake();
      return Promise.resolve();
    },
    closeWrite(): Promise<void> {
      outgoing.isEnded = true;
      outgoing.wake();
      return Promise.resolve();
    },
    close(): void {
      for (const way of [incoming, outgoing]) {
        way.isEnded = true;
        way.wake();
      }
    },
  };
}

/** Everything up to the end, as Latin-1. */
export async function readAllText(stream: ByteStream): Promise<string> {
  let text = "";
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) text += latin1(chunk);
  return text;
}

export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
