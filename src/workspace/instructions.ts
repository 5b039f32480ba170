/**
 * Finds the AGENTS.md files that speak for a folder: the user's own, then the project's, from its root down to the
 * folder. In each folder the override file wins over AGENTS.md, and that over the configured fallbacks.
 * Source: the recorded configuration surface (`project_doc_max_bytes`, `project_doc_fallback_filenames`,
 * `project_root_markers`).
 */
import { joinPath, parentPath } from "../base/absolute_path.ts";
import { findStat, readRange } from "../host/files.ts";

export interface InstructionOptions {
  readonly codexHome: string;
  /** Absolute. */
  readonly cwd: string;
  /** Names whose presence makes a folder the project's root, e.g. ".git". Empty: only `cwd` itself is searched. */
  readonly projectRootMarkers: readonly string[];
  /** For all files of the project together; 0 turns them off. The user's own file is not counted. */
  readonly maxBytes: number;
  readonly fallbackFilenames: readonly string[];
}

export interface InstructionFile {
  readonly path: string;
  readonly text: string;
  /** The rest was over the limit. */
  readonly isCut: boolean;
}

export interface Instructions {
  /** All files' text, a blank line between two and a rule after the user's own; null when there is none. */
  readonly text: string | null;
  /** In the order of the text. */
  readonly files: readonly InstructionFile[];
}

const OVERRIDE_NAME = "AGENTS.override.md";
const NAME = "AGENTS.md";

/** wire: models know where the project's own words begin. */
const PROJECT_RULE = "\n\n--- project-doc ---\n\n";

/** The user's own file is a sane size; this only keeps a mistake from filling the memory. */
const HOME_MAX_BYTES = 1024 * 1024;

/** A file that cannot be read (no permission, a folder of that name) is passed over. */
export async function findInstructions(options: InstructionOptions): Promise<Instructions> {
  const files: InstructionFile[] = [];
  const own = await firstFile(options.codexHome, [OVERRIDE_NAME, NAME], HOME_MAX_BYTES);
  if (own !== null) files.push(own);

  const names = [OVERRIDE_NAME, NAME, ...options.fallbackFilenames.filter((name) => name !== "")];
  let left = options.maxBytes;
  for (const folder of await projectFolders(options.cwd, options.projectRootMarkers)) {
    if (left <= 0) break;
    const file = await firstFile(folder, names, left);
    if (file === null) continue;
    left -= new TextEncoder().encode(file.text).length;
    files.push(file);
  }
  const texts = files.map((file) => file.text.trimEnd());
  const parts = own === null ? [texts] : [texts.slice(0, 1), texts.slice(1)];
  const text = parts.filter((part) => part.length > 0).map((part) => part.join("\n\n")).join(PROJECT_RULE);
  return { text: files.length === 0 ? null : text, files };
}

/**
 * The nearest folder at or above `cwd` that holds one of `markers`; null when none does: then `cwd` is in no project, and
 * nothing above it is looked at. (config/trust.ts has `projectRootOrCwd`.)
 */
export async function findProjectRoot(cwd: string, markers: readonly string[]): Promise<string | null> {
  if (markers.length === 0) return null;
  for (const folder of foldersUp(cwd)) {
    for (const marker of markers) {
      if (await findStat(joinPath(folder, marker)).catch(() => null) !== null) return folder;
    }
  }
  return null;
}

/** From the project's root down to `cwd`; only `cwd` outside of a project. */
async function projectFolders(cwd: string, markers: readonly string[]): Promise<string[]> {
  const root = await findProjectRoot(cwd, markers);
  if (root === null) return [cwd];
  const folders = foldersUp(cwd);
  return folders.slice(0, folders.indexOf(root) + 1).reverse();
}

function foldersUp(cwd: string): string[] {
  const folders = [joinPath(cwd)];
  for (let folder = joinPath(cwd); folder !== parentPath(folder) && folder !== "."; folder = parentPath(folder)) {
    folders.push(parentPath(folder));
  }
  return folders;
}

/** The first of `names` that is a file with something in it. */
async function firstFile(folder: string, names: readonly string[], maxBytes: number): Promise<InstructionFile | null> {
  for (const name of names) {
    const path = joinPath(folder, name);
    try {
      const stat = await findStat(path);
      if (stat?.kind !== "file") continue;
      const bytes = await readRange(path, 0, Math.min(stat.size, maxBytes));
      const text = decodeWhole(bytes, bytes.length < stat.size);
      if (text.trim() !== "") return { path, text, isCut: bytes.length < stat.size };
    } catch {
      continue;
    }
  }
  return null;
}

/** A cut must not leave half of a character at the end. */
function decodeWhole(bytes: Uint8Array, isCut: boolean): string {
  return new TextDecoder().decode(bytes, { stream: isCut });
}
