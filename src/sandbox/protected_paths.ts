// Protected names of a plan against the disk: told apart into those to bind read-only and those to keep from coming into
// being, with what a gitfile points to. Reads only. What cannot be protected is an error, never a gap.
import { baseName, isInside, joinPath, parentPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { findLinkStat, findRealPath, findStat, findText, listFolder } from "../host/files.ts";
import { isHeldFolder } from "../host/held_folder.ts";
import { canBeReplaced } from "./linux/name_tricks.ts";

export interface ProtectedMount {
  readonly path: string;
  /** `missing`: nothing is there, and nothing may come there. */
  readonly access: "read" | "missing";
}

const MAX_GITFILE_CHARS = 4096;

function deepestRoot(path: string, roots: readonly string[]): string | undefined {
  return roots.findLast((root) => isInside(path, root));
}

/**
 * What keeps one protected path as it is; nothing when it lies in no writable root.
 *
 * @throws CodexError SANDBOX_UNAVAILABLE when it is a link that the command could replace.
 */
export async function protectedMounts(
  path: string,
  roots: readonly string[],
  uid: number | null,
): Promise<readonly ProtectedMount[]> {
  const parent = await findRealPath(parentPath(path));
  // The root of this name does not exist, or exists only deeper down.
  const place = parent === null ? await firstMissing(path) : joinPath(parent, baseName(path));
  if (deepestRoot(place, roots) === undefined) return [];
  const stat = await findLinkStat(place);
  if (stat === null || await isMountPoint(place)) return [{ path: place, access: "missing" }];
  if (stat.kind === "symlink") return await protectLink(place, roots, uid);
  const mounts: ProtectedMount[] = [{ path: place, access: "read" }];
  if (stat.kind === "file" && baseName(place) === ".git") {
    for (const target of await gitFolders(place)) {
      const inside = deepestRoot(target, roots) !== undefined;
      if (!inside) continue;
      const there = await findStat(target) !== null;
      mounts.push({ path: there ? target : await firstMissing(target), access: there ? "read" : "missing" });
    }
  }
  return mounts;
}

/** Only there for another sandbox: it goes with that one, and so must be held for this one too. */
async function isMountPoint(path: string): Promise<boolean> {
  return isHeldFolder(path) && (await listFolder(path).catch(() => [])).length === 0;
}

/** The shortest part of the path that does not exist, its existing parents resolved. */
export async function firstMissing(path: string): Promise<string> {
  const parent = parentPath(path);
  const resolved = await findRealPath(parent);
  return resolved === null ? await firstMissing(parent) : joinPath(resolved, baseName(path));
}

/**
 * The kernel follows a link when it mounts, so the link itself stays as it is: a command could remove it and put a
 * folder of its own there.
 */
async function protectLink(
  path: string,
  roots: readonly string[],
  uid: number | null,
): Promise<readonly ProtectedMount[]> {
  if (await canBeReplaced(path, uid)) {
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot protect "${path}": it is a symbolic link`, {
      hint: `Replace the link by the folder it points to, or remove it, or make ${parentPath(path)} not writable`,
    });
  }
  const target = await findRealPath(path);
  return target !== null && deepestRoot(target, roots) !== undefined ? [{ path: target, access: "read" }] : [];
}

/** Where a gitfile points, and the repository that a linked worktree shares: hooks and settings lie there. */
async function gitFolders(gitFile: string): Promise<readonly string[]> {
  const target = /^gitdir: (.+)/.exec(await shortText(gitFile))?.[1]?.trim();
  if (target === undefined) return [];
  const gitFolder = joinPath(parentPath(gitFile), target);
  const resolved = await findRealPath(gitFolder) ?? gitFolder;
  const common = (await shortText(joinPath(resolved, "commondir"))).trim();
  if (common === "") return [resolved];
  const commonFolder = joinPath(resolved, common);
  return [resolved, await findRealPath(commonFolder) ?? commonFolder];
}

async function shortText(path: string): Promise<string> {
  if ((await findStat(path))?.kind !== "file") return "";
  return (await findText(path) ?? "").slice(0, MAX_GITFILE_CHARS);
}
