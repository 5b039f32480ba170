/**
 * Unified diffs as the wire has them: bare hunks for one file of a patch, git-style text for a whole turn.
 * Pure but for the SHA-1 of git's blob ids. A diff that takes too long becomes one hunk that replaces everything
 * between the first and the last changed line: correct, only longer.
 */
import { structuredPatch } from "diff";
import { isInside, relativePath } from "../base/absolute_path.ts";

/** How long one file's diff may take before the plain form is used. */
const DIFF_TIMEOUT_MS = 500;

/** Context lines of a `fileChange` item's diff. */
export const ITEM_CONTEXT_LINES = 1;

/** Context lines of a turn's diff. */
const TURN_CONTEXT_LINES = 3;

interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  readonly lines: readonly string[];
}

/** The hunks that lead from `before` to `after`; empty text when they are equal. */
export function unifiedHunks(before: string, after: string, contextLines: number): string {
  if (before === after) return "";
  const patch = structuredPatch("", "", before, after, "", "", { context: contextLines, timeout: DIFF_TIMEOUT_MS });
  const hunks: readonly Hunk[] = patch?.hunks ?? [wholeHunk(before, after)];
  return hunks.map(hunkText).join("");
}

function hunkText(hunk: Hunk): string {
  const header = `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@\n`;
  return header + hunk.lines.map((line) => `${line}\n`).join("");
}

/** A length of one is left out; an empty side names the line before it (POSIX diff -u). */
function span(start: number, length: number): string {
  if (length === 1) return String(start);
  return length === 0 ? `${start - 1},0` : `${start},${length}`;
}

/** Everything between the common start and the common end, as one hunk without context. */
function wholeHunk(before: string, after: string): Hunk {
  const old = splitLines(before);
  const fresh = splitLines(after);
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < fresh.length - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail++;
  const removed = old.slice(head, old.length - tail);
  const added = fresh.slice(head, fresh.length - tail);
  return {
    oldStart: head + 1,
    oldLines: removed.length,
    newStart: head + 1,
    newLines: added.length,
    lines: [...removed.flatMap((line) => marked("-", line)), ...added.flatMap((line) => marked("+", line))],
  };
}

/** Lines with their newline, so that a last line without one differs from the same line with one. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(mark: string, line: string): string[] {
  return line.endsWith("\n") ? [mark + line.slice(0, -1)] : [mark + line, "\\ No newline at end of file"];
}

/** One side of a changed file. */
export interface FileVersion {
  /** Absolute. */
  readonly path: string;
  readonly content: Uint8Array;
  /** As git has it; default "100644". */
  readonly mode?: "100644" | "100755" | "120000";
}

/** A file before and after; null where it does not exist. Never both null. */
export interface FileDelta {
  readonly before: FileVersion | null;
  readonly after: FileVersion | null;
}

/**
 * What `turn/diff/updated` carries: git-style text, files in the order of their paths, unchanged files left out.
 * Paths inside `root` are relative to it. Source: recorded `turn/diff/updated` notifications.
 */
export async function gitStyleDiff(deltas: readonly FileDelta[], root: string): Promise<string> {
  const sorted = [...deltas].sort((left, right) => comparePaths(deltaPath(left), deltaPath(right)));
  const parts: string[] = [];
  for (const delta of sorted) parts.push(await fileDiff(delta, root));
  return parts.join("");
}

function deltaPath(delta: FileDelta): string {
  return delta.before?.path ?? delta.after?.path ?? "";
}

/** By code unit, so that the order does not depend on the locale. */
function comparePaths(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

const NO_BLOB = "0".repeat(40);
const DEFAULT_MODE = "100644";

async function fileDiff({ before, after }: FileDelta, root: string): Promise<string> {
  if (before === null && after === null) return "";
  const oldName = shownPath(before?.path ?? after?.path ?? "", root);
  const newName = shownPath(after?.path ?? before?.path ?? "", root);
  const oldMode = before?.mode ?? DEFAULT_MODE;
  const newMode = after?.mode ?? DEFAULT_MODE;
  const isSame = before !== null && after !== null && equalBytes(before.content, after.content);
  if (isSame && oldName === newName && oldMode === newMode) return "";

  let text = `diff --git a/${oldName} b/${newName}\n`;
  if (before === null) text += `new file mode ${newMode}\n`;
  else if (after === null) text += `deleted file mode ${oldMode}\n`;
  else if (oldMode !== newMode) text += `old mode ${oldMode}\nnew mode ${newMode}\n`;
  if (isSame) return text;

  const oldBlob = before === null ? NO_BLOB : await blobId(before.content);
  const newBlob = after === null ? NO_BLOB : await blobId(after.content);
  text += `index ${oldBlob}..${newBlob}\n`;
  const oldText = before === null ? "" : decodeText(before.content);
  const newText = after === null ? "" : decodeText(after.content);
  const oldLabel = before === null ? "/dev/null" : `a/${oldName}`;
  const newLabel = after === null ? "/dev/null" : `b/${newName}`;
  if (oldText === null || newText === null) return `${text}Binary files ${oldLabel} and ${newLabel} differ\n`;
  return `${text}--- ${oldLabel}\n+++ ${newLabel}\n${unifiedHunks(oldText, newText, TURN_CONTEXT_LINES)}`;
}

function shownPath(path: string, root: string): string {
  return isInside(path, root) ? relativePath(root, path) : path;
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** The text, or null for what is not UTF-8 or holds a NUL: what git calls binary. */
function decodeText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Git's object id of a file's content: SHA-1 over a header and the bytes. */
async function blobId(content: Uint8Array): Promise<string> {
  const header = new TextEncoder().encode(`blob ${content.length}\0`);
  const bytes = new Uint8Array(header.length + content.length);
  bytes.set(header);
  bytes.set(content, header.length);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
