/**
 * The patch language that models write: `*** Begin Patch`, file sections, `*** End Patch`.
 * Parsing is pure and knows nothing of files; what a patch would do is planned in patch_apply.ts.
 * Lenient where models are careless (a heredoc around the patch, blank lines, CRLF, a first hunk without `@@`),
 * strict where a guess could write something else than was meant.
 */
import { CodexError } from "../base/errors.ts";

export interface PatchLine {
  /** ` ` is context, `-` is removed, `+` is added. */
  readonly op: " " | "-" | "+";
  readonly text: string;
}

/** One `@@` part of an update: where to look, what to find, what to leave behind. */
export interface PatchHunk {
  /** The line that stands before the hunk, from `@@ text`; null for a bare `@@`. */
  readonly context: string | null;
  readonly lines: readonly PatchLine[];
  /** `*** End of File`: the hunk ends where the file does. */
  readonly atEndOfFile: boolean;
}

export type PatchSection =
  | { readonly kind: "add"; readonly path: string; readonly content: string }
  | { readonly kind: "delete"; readonly path: string }
  | {
    readonly kind: "update";
    readonly path: string;
    readonly movePath: string | null;
    readonly hunks: readonly PatchHunk[];
  };

/** Sections in the order they were written; paths as they were written. Never empty. */
export interface Patch {
  readonly sections: readonly PatchSection[];
}

const BEGIN = "*** Begin Patch";
const END = "*** End Patch";
const ADD = "*** Add File: ";
const DELETE = "*** Delete File: ";
const UPDATE = "*** Update File: ";
const MOVE = "*** Move to: ";
const END_OF_FILE = "*** End of File";

/** @throws CodexError PATCH_INVALID with the line number, counted from the line after `*** Begin Patch` as line 2. */
export function parsePatch(text: string): Patch {
  const body = patchBody(text.trim().split("\n").map((line) => line.replace(/\r$/, "")));
  const reader = new LineReader(body);
  const sections: PatchSection[] = [];
  while (!reader.atEnd) {
    if (reader.peek().trim() === "") reader.next();
    else sections.push(parseSection(reader));
  }
  if (sections.length === 0) throw invalid("it changes no file");
  return { sections };
}

class LineReader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  get atEnd(): boolean {
    return this.#at >= this.#lines.length;
  }

  /** Of the line that `next` gives; the first line of the body is line 2 of the patch. */
  get lineNumber(): number {
    return this.#at + 2;
  }

  peek(): string {
    return this.#lines[this.#at] ?? "";
  }

  next(): string {
    return this.#lines[this.#at++] ?? "";
  }
}

function invalid(why: string, line?: number): CodexError {
  const where = line === undefined ? "" : ` line ${line}:`;
  return new CodexError("PATCH_INVALID", `Cannot parse the patch:${where} ${why}`);
}

/** The lines between the two markers, with a heredoc around them taken off. */
function patchBody(lines: readonly string[]): readonly string[] {
  const inner = isHeredoc(lines) ? lines.slice(1, -1) : lines;
  if (inner[0]?.trim() !== BEGIN) throw invalid(`the first line is not "${BEGIN}"`);
  if (inner.length < 2 || inner.at(-1)?.trim() !== END) throw invalid(`the last line is not "${END}"`);
  return inner.slice(1, -1);
}

function isHeredoc(lines: readonly string[]): boolean {
  const opening = /^<<-?\s*(['"]?)(\w+)\1$/.exec(lines[0]?.trim() ?? "");
  return opening !== null && lines.length >= 4 && lines.at(-1)?.trim() === opening[2];
}

function parseSection(reader: LineReader): PatchSection {
  const line = reader.lineNumber;
  const header = reader.next().trim();
  if (header.startsWith(ADD)) return parseAdd(reader, header.slice(ADD.length));
  if (header.startsWith(DELETE)) return { kind: "delete", path: header.slice(DELETE.length) };
  if (header.startsWith(UPDATE)) return parseUpdate(reader, header.slice(UPDATE.length), line);
  throw invalid(
    `${quote(header)} does not start a file section (${quote(ADD.trim())}, ${quote(DELETE.trim())}, ${
      quote(UPDATE.trim())
    })`,
    line,
  );
}

function parseAdd(reader: LineReader, path: string): PatchSection {
  let content = "";
  while (!reader.atEnd && reader.peek().startsWith("+")) content += `${reader.next().slice(1)}\n`;
  return { kind: "add", path, content };
}

function parseUpdate(reader: LineReader, path: string, headerLine: number): PatchSection {
  const movePath = reader.peek().startsWith(MOVE) ? reader.next().slice(MOVE.length).trim() : null;
  const hunks: PatchHunk[] = [];
  while (!reader.atEnd) {
    if (reader.peek().trim() === "") reader.next();
    else if (reader.peek().startsWith("***")) break;
    else hunks.push(parseHunk(reader, { path, isFirst: hunks.length === 0 }));
  }
  if (hunks.length === 0 && movePath === null) throw invalid(`the update of ${quote(path)} has no hunk`, headerLine);
  return { kind: "update", path, movePath, hunks };
}

function parseHunk(reader: LineReader, options: { readonly path: string; readonly isFirst: boolean }): PatchHunk {
  const { path, isFirst } = options;
  const headerLine = reader.lineNumber;
  let context: string | null = null;
  if (reader.peek() === "@@") reader.next();
  else if (reader.peek().startsWith("@@ ")) context = reader.next().slice(3);
  else if (!isFirst) {
    throw invalid(`a hunk for ${quote(path)} must start with "@@": ${quote(reader.peek())}`, headerLine);
  }

  const lines: PatchLine[] = [];
  while (!reader.atEnd) {
    const line = reader.peek();
    if (line === END_OF_FILE && lines.length > 0) {
      reader.next();
      return { context, lines, atEndOfFile: true };
    }
    const op = line === "" ? " " : line.charAt(0);
    if (op !== " " && op !== "+" && op !== "-") {
      if (lines.length > 0) break;
      throw invalid(
        `a line of a hunk for ${quote(path)} must start with " ", "+" or "-": ${quote(line)}`,
        reader.lineNumber,
      );
    }
    lines.push({ op, text: line.slice(1) });
    reader.next();
  }
  if (lines.length === 0) throw invalid(`a hunk for ${quote(path)} has no lines`, headerLine);
  return { context, lines, atEndOfFile: false };
}

function quote(text: string): string {
  return JSON.stringify(text);
}
