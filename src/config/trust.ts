// Whether a folder's own configuration counts: what `projects."PATH".trust_level` says of it, of its project's root,
// or of the repository that a git worktree belongs to. Nothing is trusted by itself.
import { baseName, isAbsolutePath, joinPath, normalizePath, parentPath } from "../base/absolute_path.ts";
import { findLinkStat, findText } from "../host/files.ts";
import type { ConfigTable } from "./loaded_config.ts";
import { isTable, ownValue } from "./value_type.ts";

export type TrustLevel = "trusted" | "untrusted";

/** The level of the first of `folders` that has one. */
export function findTrust(config: ConfigTable, folders: readonly string[]): TrustLevel | null {
  const projects = ownValue(config, "projects");
  if (!isTable(projects)) return null;
  const levels = new Map<string, TrustLevel>();
  for (const [path, settings] of Object.entries(projects)) {
    const level = isTable(settings) ? ownValue(settings, "trust_level") : undefined;
    if (level === "trusted" || level === "untrusted") levels.set(normalizePath(path), level);
  }
  for (const folder of folders) {
    const level = levels.get(folder);
    if (level !== undefined) return level;
  }
  return null;
}

/** `folder` and its parents, nearest first. */
export function foldersUpFrom(folder: string): string[] {
  const folders = [normalizePath(folder)];
  for (;;) {
    const current = folders[folders.length - 1] ?? "/";
    const parent = parentPath(current);
    if (parent === current || !isAbsolutePath(parent)) return folders;
    folders.push(parent);
  }
}

/**
 * The nearest folder from `cwd` up that has one of `markers`, or `cwd` when none has: there is always a folder to trust
 * or not. (workspace/instructions.ts has `findProjectRoot`, which tells "no project" apart.)
 */
export async function projectRootOrCwd(cwd: string, markers: readonly string[]): Promise<string> {
  const folders = foldersUpFrom(cwd);
  const marked = await Promise.all(folders.map(async (folder) => {
    const stats = await Promise.all(markers.map((marker) => findLinkStat(joinPath(folder, marker)).catch(() => null)));
    return stats.some((stat) => stat !== null);
  }));
  return folders[marked.indexOf(true)] ?? normalizePath(cwd);
}

/** The main repository of a git worktree at `root`, or null when it is none. */
export async function findMainRepository(root: string): Promise<string | null> {
  // A worktree's `.git` is a file: "gitdir: /main/.git/worktrees/NAME".
  const text = await findText(joinPath(root, ".git")).catch(() => null);
  const target = text === null ? undefined : /^gitdir:\s*(.+?)\s*$/m.exec(text)?.[1];
  if (target === undefined) return null;
  const worktrees = parentPath(isAbsolutePath(target) ? target : joinPath(root, target));
  const gitFolder = parentPath(worktrees);
  return baseName(worktrees) === "worktrees" && baseName(gitFolder) === ".git" ? parentPath(gitFolder) : null;
}
