// Bytes of two connections passed to each other until both directions have ended. Each end is passed on by itself; a
// piece is written before the next is read, so that a slow reader slows its sender down and nothing piles up here.
import type { ByteStream } from "../../host/byte_stream.ts";
import type { StreamReader } from "./stream_reader.ts";

const PIECE_BYTES = 64 * 1024;

export interface TunnelEnd {
  readonly stream: ByteStream;
  /** Reads the stream; it may hold bytes that were read before. */
  readonly reader: StreamReader;
}

/** Settles when both directions have ended, or one broke, or nothing came for `idleMs`; then both are closed. */
export async function tunnel(a: TunnelEnd, b: TunnelEnd, idleMs: number): Promise<void> {
  const closeBoth = (): void => {
    a.stream.close();
    b.stream.close();
  };
  let timer = setTimeout(closeBoth, idleMs);
  const seen = (): void => {
    clearTimeout(timer);
    timer = setTimeout(closeBoth, idleMs);
  };
  try {
    await Promise.all([pass(a, b, seen), pass(b, a, seen)]);
  } catch {
    // A broken connection ends the pair, like the end of both.
  } finally {
    clearTimeout(timer);
    closeBoth();
  }
}

async function pass(from: TunnelEnd, to: TunnelEnd, seen: () => void): Promise<void> {
  for (;;) {
    const piece = await from.reader.readSome(PIECE_BYTES);
    seen();
    if (piece === null) break;
    await to.stream.write(piece);
    seen();
  }
  await to.stream.closeWrite();
}
