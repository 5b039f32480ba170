// Protected names of a plan against the disk: told apart into those to bind read-only and those to keep from coming into
// being, with what a gitfile points to. Reads only. What cannot be protected is an error, never a gap.
import { baseName, isInside, joinPath, parentPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { findLinkStat, findRealPath, findStat, findText, listFolder } from "../host/files.ts";
import { isHeldName } from "../host/held_name.ts";
import { gitFileFolders } from "./git_folders.ts";

export type ProtectedMount =
  /**
   * `missing`: nothing is there, and nothing may come there. `missingFile`: the same for a name under which git wants
   * a file.
   */
  | { readonly path: string; readonly access: "read" | "missing" | "missingFile" }
  /** A symbolic link that says `text`, and is to stay where it is. */
  | { readonly path: string; readonly access: "link"; readonly text: string };

/** What becomes of a protected name that is a symbolic link: its parents are real. */
export type LinkProtection = (place: string, roots: readonly string[]) => Promise<readonly ProtectedMount[]>;

/** Names under which git wants a file, with a text that changes nothing: this folder itself, and no settings. */
const NEUTRAL_FILES: Readonly<Record<string, string>> = { commondir: ".\n", "config.worktree": "" };

/** What lies in the place of a `missingFile`. */
export function neutralText(path: string): string {
  return NEUTRAL_FILES[baseName(path)] ?? "";
}

function deepestRoot(path: string, roots: readonly string[]): string | undefined {
  return roots.findLast((root) => isInside(path, root));
}

/** What keeps one protected path as it is; nothing when it lies in no writable root. */
export async function protectedMounts(
  path: string,
  roots: readonly string[],
  protectLink: LinkProtection,
): Promise<readonly ProtectedMount[]> {
  const parent = await findRealPath(parentPath(path));
  // The root of this name does not exist, or exists only deeper down.
  const place = parent === null ? await firstMissing(path) : joinPath(parent, baseName(path));
  if (deepestRoot(place, roots) === undefined) return [];
  const stat = await findLinkStat(place);
  if (stat === null || await isMountPoint(place)) {
    // What of the path is missing may be a folder around it.
    const isFile = Object.hasOwn(NEUTRAL_FILES, baseName(place)) && baseName(place) === baseName(path);
    return [{ path: place, access: isFile ? "missingFile" : "missing" }];
  }
  if (stat.kind === "symlink") return await protectLink(place, roots);
  const mounts: ProtectedMount[] = [{ path: place, access: "read" }];
  if (stat.kind === "file" && baseName(place) === ".git") mounts.push(...await gitFolderMounts(place, roots));
  return mounts;
}

/** What keeps the folders of a gitfile as they are, where a command could write to them. */
export async function gitFolderMounts(gitFile: string, roots: readonly string[]): Promise<readonly ProtectedMount[]> {
  const mounts: ProtectedMount[] = [];
  const resolve = async (path: string): Promise<string> => await findRealPath(path) ?? path;
  const disk = { findRealPath, findLinkStat, findText };
  for (const target of await gitFileFolders(gitFile, disk, resolve)) {
    if (deepestRoot(target, roots) === undefined) continue;
    const there = await findStat(target) !== null;
    mounts.push({ path: there ? target : await firstMissing(target), access: there ? "read" : "missing" });
  }
  return mounts;
}

/** Only there for another sandbox: it goes with that one, and so must be held for this one too. */
async function isMountPoint(path: string): Promise<boolean> {
  if (!isHeldName(path)) return false;
  if ((await findLinkStat(path))?.kind === "file") return await findText(path) === neutralText(path);
  return (await listFolder(path).catch(() => [])).length === 0;
}

/** The shortest part of the path that does not exist, its existing parents resolved. */
export async function firstMissing(path: string): Promise<string> {
  const parent = parentPath(path);
  const resolved = await findRealPath(parent);
  return resolved === null ? await firstMissing(parent) : joinPath(resolved, baseName(path));
}

/**
 * Where a link cannot be held in place: a command could remove it and put a folder of its own there.
 *
 * @throws CodexError SANDBOX_UNAVAILABLE
 */
export function refuseLink(place: string): Promise<never> {
  throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot protect "${place}": it is a symbolic link`, {
    hint: `Replace the link by the folder it points to, or remove it, or make ${parentPath(place)} not writable`,
  });
}
