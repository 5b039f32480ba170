// Reads a byte stream by its own marks: lines and counts, each with a bound. What was read too far stays for the next
// read.
import type { ByteStream } from "../../host/byte_stream.ts";

/** The other side broke the protocol, or sent more than we take. The message may be shown to it. */
export class ProtocolError extends Error {
  override readonly name: string = "ProtocolError";
}

const EMPTY = new Uint8Array(0);

export class StreamReader {
  readonly #stream: ByteStream;
  #rest: Uint8Array = EMPTY;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** Some bytes, at most `maxBytes`; null at the end. */
  async readSome(maxBytes: number): Promise<Uint8Array | null> {
    if (this.#rest.length === 0) {
      const chunk = await this.#stream.read();
      if (chunk === null) return null;
      this.#rest = chunk;
    }
    return this.#take(Math.min(maxBytes, this.#rest.length));
  }

  /** Exactly `count` bytes. @throws ProtocolError when the stream ends before. */
  async readExactly(count: number): Promise<Uint8Array> {
    while (this.#rest.length < count) await this.#fill();
    return this.#take(count);
  }

  /** Text up to and with `mark` (bytes as Latin-1), or null when the stream ends before its first byte. */
  async readUntil(mark: string, maxBytes: number): Promise<string | null> {
    const bytes = [...mark].map((char) => char.charCodeAt(0));
    for (let from = 0;;) {
      const at = indexOf(this.#rest, bytes, from);
      if (at >= 0 && at + bytes.length <= maxBytes) return latin1(this.#take(at + bytes.length));
      if (at >= 0 || this.#rest.length >= maxBytes) throw new ProtocolError(`more than ${maxBytes} bytes in one part`);
      from = Math.max(0, this.#rest.length - bytes.length + 1);
      if (this.#rest.length === 0) {
        const first = await this.#stream.read();
        if (first === null) return null;
        this.#rest = first;
      } else {
        await this.#fill();
      }
    }
  }

  async #fill(): Promise<void> {
    const chunk = await this.#stream.read();
    if (chunk === null) throw new ProtocolError("the connection ended in the middle");
    const joined = new Uint8Array(this.#rest.length + chunk.length);
    joined.set(this.#rest);
    joined.set(chunk, this.#rest.length);
    this.#rest = joined;
  }

  #take(count: number): Uint8Array {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
}

function indexOf(bytes: Uint8Array, mark: readonly number[], from: number): number {
  const [first = 0] = mark;
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (mark.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
