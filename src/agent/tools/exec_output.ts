// What the model reads after a command ran or was looked at: the recorded header lines, then its output, cut in the
// middle when it is too long. Tokens are estimated as four bytes each.

import { type Denial, denialText } from "../../sandbox/denial.ts";

const BYTES_PER_TOKEN = 4;
/** When the model names no limit of its own. */
export const DEFAULT_OUTPUT_TOKENS = 10_000;

export function estimateTokens(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / BYTES_PER_TOKEN);
}

/** Head and tail of a text that is longer than `tokens`, with a line that says what is missing. */
export function cutMiddle(text: string, tokens: number): string {
  const bytes = new TextEncoder().encode(text);
  const limit = Math.max(0, tokens) * BYTES_PER_TOKEN;
  if (bytes.length <= limit) return text;
  const head = Math.ceil(limit / 2);
  const tail = limit - head;
  const start = decodeWhole(bytes.subarray(0, head));
  const end = decodeWhole(bytes.subarray(bytes.length - tail));
  const missing = Math.ceil((bytes.length - limit) / BYTES_PER_TOKEN);
  return `${start}\n…${missing} tokens left out…\n${end}`;
}

/** Drops the halves of characters that a cut left at either end. */
function decodeWhole(bytes: Uint8Array): string {
  let [from, to] = [0, bytes.length];
  while (from < to && (bytes[from] ?? 0) >>> 6 === 0b10) from++;
  let lead = to - 1;
  while (lead >= from && (bytes[lead] ?? 0) >>> 6 === 0b10) lead--;
  const first = bytes[lead] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  if (lead >= from && lead + length > to) to = lead;
  return new TextDecoder().decode(bytes.subarray(from, to));
}

export interface CommandReport {
  readonly wallMs: number;
  readonly output: string;
  readonly maxTokens: number;
  /** Null while the command runs. */
  readonly exitCode: number | null;
  /** Where to reach it while it runs. */
  readonly processId: string;
  /** A line to add before the output, or null. */
  readonly note?: string | null;
}

/** What the model is told when the sandbox stopped a command: which rule refused what. */
export function denialNote(denials: readonly Denial[] = []): string {
  const lines = denials.map((denial) => `- ${denialText(denial)}`);
  return ["The sandbox stopped something that this command tried.", ...lines].join("\n");
}

/** Six hexadecimal digits that name this piece of output. */
function chunkId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(3)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** wire: the header lines are those that models know. */
export function commandReport(report: CommandReport, id: string = chunkId()): string {
  return [
    `Chunk ID: ${id}`,
    `Wall time: ${(report.wallMs / 1000).toFixed(4)} seconds`,
    report.exitCode === null
      ? `Process running with session ID ${report.processId}`
      : `Process exited with code ${report.exitCode}`,
    `Original token count: ${estimateTokens(report.output)}`,
    ...(report.note ? [report.note] : []),
    "Output:",
    cutMiddle(report.output, report.maxTokens),
  ].join("\n");
}
