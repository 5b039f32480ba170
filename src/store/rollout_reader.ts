/**
 * Reads rollout files: whole ones as a stream (`readRollout`), or only the start that a list needs (`readHead`).
 * Lines that are broken or of an unknown kind are passed over, wherever they stand; nothing after them is lost.
 */
import { readChunks, readRange } from "../host/files.ts";
import { asString } from "./json_value.ts";
import { parseLine } from "./rollout_line.ts";
import { sessionMetaFrom } from "./session_meta.ts";
import type { RolloutItem, SessionMeta } from "./thread_store.ts";

const CHUNK_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** The file's records in order. Memory in use: a chunk and the longest line. */
export async function* readRollout(path: string): AsyncGenerator<RolloutItem> {
  for await (const line of readLines(path)) {
    const record = parseLine(line);
    if (record !== null) yield record;
  }
}

/** Lines without their newline; a last line without one counts, it may be whole all the same. */
async function* readLines(path: string, chunkBytes = CHUNK_BYTES): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  for await (const chunk of readChunks(path, chunkBytes)) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) {
      yield parts.length === 0 ? line : parts.splice(0).join("") + line;
    }
    if (rest !== "") parts.push(rest);
  }
  parts.push(decoder.decode());
  const last = parts.join("");
  if (last !== "") yield last;
}

/** What a list says of a thread. */
export interface RolloutHead {
  readonly meta: SessionMeta;
  /** The first text of the user, "" for images alone; null while there is no message (such a thread is not listed). */
  readonly preview: string | null;
}

/** How much of a file is read for its head. Instructions and context come before the first message. */
const HEAD_MAX_BYTES = 4 * 1024 * 1024;
const HEAD_CHUNK_BYTES = 64 * 1024;

/** Null for a file that has no usable `session_meta`. */
export async function readHead(path: string): Promise<RolloutHead | null> {
  let meta: SessionMeta | null = null;
  let preview: string | null = null;
  let readBytes = 0;
  for await (const line of readLines(path, HEAD_CHUNK_BYTES)) {
    readBytes += line.length;
    if (meta === null || isUserMessageLine(line)) {
      const record = parseLine(line);
      if (record !== null) {
        meta ??= metaOf(record);
        // A thread whose first message is an image alone is one too; a later text is the better preview.
        preview = previewOf(record) ?? preview;
        if (meta !== null && preview) return { meta, preview };
      }
    }
    if (readBytes > HEAD_MAX_BYTES) break;
  }
  return meta === null ? null : { meta, preview };
}

/** Saves parsing the long records in front of the one that is wanted. */
function isUserMessageLine(line: string): boolean {
  return line.includes('"user_message"');
}

/** The session of a `session_meta` record; null for every other record. */
export function metaOf(record: RolloutItem): SessionMeta | null {
  return record.type === "session_meta" ? sessionMetaFrom(record.payload) : null;
}

/** wire: editors put their context before this heading; what the user asked comes after it. */
const REQUEST_HEADING = "## My request for Codex:";

/** The preview that a `user_message` record gives; null for every other record. */
export function previewOf(record: RolloutItem): string | null {
  if (record.type !== "event_msg" || record.payload.type !== "user_message") return null;
  const message = asString(record.payload["message"]) ?? "";
  const heading = message.indexOf(REQUEST_HEADING);
  return (heading === -1 ? message : message.slice(heading + REQUEST_HEADING.length)).trim();
}

const TAIL_BYTES = 64 * 1024;

/**
 * How many bytes of the file are whole lines, and whether a whole record without its newline follows them. A torn
 * line is what a crash or a full disk leaves.
 */
export async function findTornEnd(
  path: string,
  size: number,
): Promise<{ readonly wholeBytes: number; readonly lacksNewline: boolean }> {
  let start = size;
  let tail = new Uint8Array(0);
  while (start > 0) {
    const length = Math.min(TAIL_BYTES, start);
    start -= length;
    const block = await readRange(path, start, length);
    const joined = new Uint8Array(block.length + tail.length);
    joined.set(block);
    joined.set(tail, block.length);
    tail = joined;
    if (block.includes(NEWLINE)) break;
  }
  const lastNewline = tail.lastIndexOf(NEWLINE);
  const wholeBytes = start + lastNewline + 1;
  const rest = new TextDecoder().decode(tail.subarray(lastNewline + 1));
  return { wholeBytes, lacksNewline: rest !== "" && isWholeJson(rest) };
}

function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
