// Bodies of HTTP/1.1 messages, passed on as they come, each piece written before the next is read. Chunks are read and
// written anew, so that both sides agree where the body ends.
import type { ByteStream } from "../../host/byte_stream.ts";
import type { BodyKind } from "./http_head.ts";
import { ProtocolError, type StreamReader } from "./stream_reader.ts";

const PIECE_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 8 * 1024;
const MAX_TRAILER_LINES = 64;
const MAX_CHUNK_DIGITS = 12;
const encoder = new TextEncoder();

/** @throws ProtocolError when it is malformed or ends early. */
export async function copyBody(body: BodyKind, from: StreamReader, to: ByteStream): Promise<void> {
  switch (body.kind) {
    case "none":
      return;
    case "length":
      return await copyExactly(body.bytes, from, to);
    case "toEnd":
      for (let piece = await from.readSome(PIECE_BYTES); piece !== null; piece = await from.readSome(PIECE_BYTES)) {
        await to.write(piece);
      }
      return;
    case "chunked":
      return await copyChunks(from, to);
  }
}

async function copyExactly(bytes: number, from: StreamReader, to: ByteStream): Promise<void> {
  for (let left = bytes; left > 0;) {
    const piece = await from.readSome(Math.min(left, PIECE_BYTES));
    if (piece === null) throw new ProtocolError("the connection ended in the middle of a body");
    left -= piece.length;
    await to.write(piece);
  }
}

async function copyChunks(from: StreamReader, to: ByteStream): Promise<void> {
  for (;;) {
    const line = await lineOf(from);
    // Extensions of chunks mean nothing to anybody and are read in different ways: they are not passed on.
    const digits = /^([0-9A-Fa-f]+)[\t ]*(?:;[\t\x20-\x7e]*)?$/.exec(line)?.[1];
    if (digits === undefined || digits.length > MAX_CHUNK_DIGITS) throw new ProtocolError("a chunk is malformed");
    const size = Number.parseInt(digits, 16);
    if (size === 0) break;
    await to.write(encoder.encode(`${size.toString(16)}\r\n`));
    await copyExactly(size, from, to);
    if (await lineOf(from) !== "") throw new ProtocolError("a chunk is longer than it says");
    await to.write(encoder.encode("\r\n"));
  }
  // Trailers are dropped: a recipient may take them for headers.
  for (let lines = 0; await lineOf(from) !== ""; lines++) {
    if (lines >= MAX_TRAILER_LINES) throw new ProtocolError("too many trailer lines");
  }
  await to.write(encoder.encode("0\r\n\r\n"));
}

async function lineOf(from: StreamReader): Promise<string> {
  const line = await from.readUntil("\r\n", MAX_LINE_BYTES);
  if (line === null) throw new ProtocolError("the connection ended in the middle of a body");
  return line.slice(0, -2);
}
