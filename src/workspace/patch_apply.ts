/**
 * What a patch would do, checked against the files (`planPatch`), and the doing (`applyPlan`).
 * Between the two somebody may be asked for approval, so a plan holds every byte it was made from, and applying
 * refuses when a file has changed since. A plan is applied wholly or, as far as the disk allows, not at all.
 * Whether it may be applied is the caller's question; `writtenPaths` and `staysInside` answer where it writes.
 */
import { baseName, isInside, joinPath, parentPath } from "../base/absolute_path.ts";
import { CodexError, messageOf } from "../base/errors.ts";
import type { FileUpdateChange } from "../protocol/types/item.ts";
import { applyHunks } from "./patch_match.ts";
import type { Patch, PatchSection } from "./patch_parse.ts";
import { hostPatchFiles, type PatchFiles } from "./patch_files.ts";
import { ITEM_CONTEXT_LINES, unifiedHunks } from "./unified_diff.ts";

/** One file that the patch touches, over all of its sections. */
export interface PlannedFile {
  /** Absolute, as the patch names it. */
  readonly path: string;
  /** The same with every link followed: where content is written. */
  readonly realPath: string;
  /** The same with the links of its folder followed: the entry that a removal takes away. */
  readonly entryPath: string;
  /** The bytes that were there when the plan was made; null for a file that did not exist. */
  readonly before: Uint8Array | null;
  /** The bytes that will be there; null for a file that goes away. */
  readonly after: Uint8Array | null;
  /** Where this file's content goes, when the patch moves it. */
  readonly movedTo: string | null;
}

export interface PatchPlan {
  /** In the order of first mention. */
  readonly files: readonly PlannedFile[];
  /** As the wire's `fileChange` item has them: sorted by path. */
  readonly changes: readonly FileUpdateChange[];
  /** The patch's own names, for the summary. */
  readonly summary: { readonly added: string[]; readonly modified: string[]; readonly deleted: string[] };
}

export interface PlanOptions {
  /** Absolute; the patch's relative paths start here. */
  readonly cwd: string;
  /** Default: the real files. */
  readonly files?: PatchFiles;
}

/**
 * Checks the patch against the files and works out every file's new content. Writes nothing.
 * @throws CodexError PATCH_INVALID naming the file, the hunk and what is wrong
 */
export async function planPatch(patch: Patch, options: PlanOptions): Promise<PatchPlan> {
  const draft = new PlanDraft(options.cwd, options.files ?? hostPatchFiles);
  const summary = { added: [] as string[], modified: [] as string[], deleted: [] as string[] };
  for (const section of patch.sections) {
    await draft.take(section);
    if (section.kind === "add") summary.added.push(section.path);
    else if (section.kind === "delete") summary.deleted.push(section.path);
    else summary.modified.push(section.movePath ?? section.path);
  }
  const files = draft.files();
  return { files, changes: changesOf(files), summary };
}

/** The files as they will be, section by section: a later section sees what an earlier one leaves. */
class PlanDraft {
  readonly #cwd: string;
  readonly #disk: PatchFiles;
  readonly #files = new Map<string, PlannedFile>();

  constructor(cwd: string, disk: PatchFiles) {
    this.#cwd = cwd;
    this.#disk = disk;
  }

  files(): readonly PlannedFile[] {
    return [...this.#files.values()];
  }

  async take(section: PatchSection): Promise<void> {
    const path = joinPath(this.#cwd, section.path);
    const file = await this.#open(path, section.kind);
    switch (section.kind) {
      case "add":
        this.#set(file, encode(section.content));
        return;
      case "delete":
        if (file.after === null) throw unreadable("delete", path);
        this.#set(file, null);
        return;
      case "update": {
        if (file.after === null) throw unreadable("update", path);
        const before = decode(file.after, path);
        const after = section.hunks.length === 0 ? before : applyHunks(before, section.hunks, path);
        const target = section.movePath === null ? path : joinPath(this.#cwd, section.movePath);
        if (target === path) {
          this.#set(file, encode(after));
          return;
        }
        const destination = await this.#open(target, "move to");
        this.#set(file, null, target);
        this.#set(destination, encode(after));
        return;
      }
      default:
        section satisfies never;
    }
  }

  async #open(path: string, action: string): Promise<PlannedFile> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    try {
      const before = await this.#disk.read(path);
      const realPath = await this.#disk.resolve(path);
      const entryPath = joinPath(await this.#disk.resolve(parentPath(path)), baseName(path));
      return { path, realPath, entryPath, before, after: before, movedTo: null };
    } catch (error) {
      throw new CodexError("PATCH_INVALID", `Failed to read file to ${action} ${path}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #set(file: PlannedFile, after: Uint8Array | null, movedTo: string | null = null): void {
    this.#files.set(file.path, { ...file, after, movedTo });
  }
}

/** wire: the model has seen this sentence of the reference for missing files. */
function unreadable(action: string, path: string): CodexError {
  return new CodexError(
    "PATCH_INVALID",
    `Failed to read file to ${action} ${path}: No such file or directory (os error 2)`,
  );
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Strict: writing back a text with replacement characters would spoil the rest of the file. */
function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CodexError("PATCH_INVALID", `Failed to read file to update ${path}: it is not UTF-8 text`, {
      cause: error,
    });
  }
}

function show(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function changesOf(files: readonly PlannedFile[]): FileUpdateChange[] {
  const destinations = new Set(files.map((file) => file.movedTo));
  const changes: FileUpdateChange[] = [];
  for (const file of files) {
    const { path, before, after, movedTo } = file;
    const moved = movedTo === null ? undefined : files.find((other) => other.path === movedTo)?.after ?? undefined;
    if (before !== null && moved !== undefined && movedTo !== null) {
      const diff = unifiedHunks(show(before), show(moved), ITEM_CONTEXT_LINES);
      changes.push({
        path,
        kind: { type: "update", move_path: movedTo },
        // wire: the destination is repeated after the hunks.
        diff: `${diff}\n\nMoved to: ${movedTo}`,
      });
    } else if (destinations.has(path) && after !== null) continue;
    else if (before === null && after !== null) changes.push({ path, kind: { type: "add" }, diff: show(after) });
    else if (before !== null && after === null) changes.push({ path, kind: { type: "delete" }, diff: show(before) });
    else if (before !== null && after !== null) {
      const diff = unifiedHunks(show(before), show(after), ITEM_CONTEXT_LINES);
      changes.push({ path, kind: { type: "update", move_path: null }, diff });
    }
  }
  return changes.sort((left, right) => left.path < right.path ? -1 : left.path > right.path ? 1 : 0);
}

/** Every real path that applying writes or removes, links followed. */
export function writtenPaths(plan: PatchPlan): string[] {
  const changed = plan.files.filter(isChanged);
  const paths = changed.map((file) => file.after === null ? file.entryPath : file.realPath);
  return [...new Set(paths)];
}

function isChanged(file: PlannedFile): boolean {
  return file.before !== file.after && !(file.before === null && file.after === null);
}

/**
 * True when everything that applying writes lies below one of `roots` and not below one of `exceptions`. Links in
 * the roots are followed too, so that a workspace reached through a link is still itself.
 */
export async function staysInside(
  plan: PatchPlan,
  options: { readonly roots: readonly string[]; readonly exceptions?: readonly string[]; readonly files?: PatchFiles },
): Promise<boolean> {
  const disk = options.files ?? hostPatchFiles;
  const roots = await Promise.all(options.roots.map((root) => disk.resolve(root)));
  const exceptions = await Promise.all((options.exceptions ?? []).map((path) => disk.resolve(path)));
  return writtenPaths(plan).every((path) =>
    roots.some((root) => isInside(path, root)) && !exceptions.some((exception) => isInside(path, exception))
  );
}

export interface PatchOutcome {
  /** The text that the model and the item get on success. */
  readonly stdout: string;
  /** Why nothing was changed, or what was left changed. */
  readonly stderr: string;
  readonly success: boolean;
}

/** Writes the plan. Failures are told in the outcome, and what was written before them is taken back. */
export async function applyPlan(plan: PatchPlan, files: PatchFiles = hostPatchFiles): Promise<PatchOutcome> {
  const undo: (() => Promise<void>)[] = [];
  let current: PlannedFile | undefined;
  try {
    const changed = plan.files.filter(isChanged);
    for (current of changed) await checkUnchanged(current, files);
    // Content is written before anything is removed: a crash in between leaves a copy too many, not one too few.
    for (current of changed.filter((file) => file.after !== null)) await writeFile(current, files, undo);
    for (current of changed.filter((file) => file.after === null)) await deleteFile(current, files, undo);
  } catch (error) {
    const trouble = `Failed to write ${current?.path ?? "the patch"}: ${messageOf(error)}\n`;
    return { stdout: "", stderr: trouble + await rollBack(undo), success: false };
  }
  const { added, modified, deleted } = plan.summary;
  const lines = [
    ...added.map((path) => `A ${path}\n`),
    ...modified.map((path) => `M ${path}\n`),
    ...deleted.map((path) => `D ${path}\n`),
  ];
  // wire: clients and models read this text.
  return { stdout: `Success. Updated the following files:\n${lines.join("")}`, stderr: "", success: true };
}

async function checkUnchanged(file: PlannedFile, files: PatchFiles): Promise<void> {
  const entryFolder = await files.resolve(parentPath(file.path));
  const isSamePlace = await files.resolve(file.path) === file.realPath && entryFolder === parentPath(file.entryPath);
  if (!isSamePlace) throw new Error("it now leads to another place than planned");
  const now = await files.read(file.realPath);
  const same = now === null || file.before === null
    ? now === file.before
    : now.length === file.before.length && now.every((byte, index) => byte === file.before?.[index]);
  if (!same) throw new Error("it has changed since the patch was checked");
}

async function writeFile(file: PlannedFile, files: PatchFiles, undo: (() => Promise<void>)[]): Promise<void> {
  const { realPath, before, after } = file;
  if (after === null) return;
  const made = await files.makeFolders(parentPath(realPath));
  for (const folder of made) undo.push(() => files.removeEmptyFolder(folder));
  await files.replace(realPath, after);
  undo.push(() => before === null ? files.remove(realPath) : files.replace(realPath, before));
}

async function deleteFile(file: PlannedFile, files: PatchFiles, undo: (() => Promise<void>)[]): Promise<void> {
  const { entryPath, before } = file;
  if (before === null) return;
  // The entry goes away; what a link points to stays.
  await files.remove(entryPath);
  undo.push(() => files.replace(entryPath, before));
}

/** Newest first. Says what could not be taken back. */
async function rollBack(undo: readonly (() => Promise<void>)[]): Promise<string> {
  let lost = 0;
  for (const step of [...undo].reverse()) {
    try {
      await step();
    } catch {
      lost++;
    }
  }
  return lost === 0 ? "No file was changed.\n" : `${lost} earlier changes of this patch could not be taken back.\n`;
}
