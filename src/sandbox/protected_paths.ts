// A plan against the disk: links resolved, what is missing dropped, protected names told apart into those to bind
// read-only and those to keep from coming into being. Reads only. What cannot be protected is an error, never a gap.
import { baseName, isInside, joinPath, parentPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { findLinkStat, findRealPath, findStat, findText, listFolder } from "../host/files.ts";
import { isHeldFolder } from "../host/held_folder.ts";
import type { NetworkPlan, ReadableFiles, SandboxPlan } from "./plan.ts";

export type MountAccess = "write" | "read" | "missing";

export interface Mount {
  readonly path: string;
  /** `missing`: nothing is there, and nothing may come there. */
  readonly access: MountAccess;
}

export interface ResolvedPlan {
  readonly readable: ReadableFiles;
  /** Parents first; a later one lies on top. */
  readonly mounts: readonly Mount[];
  readonly network: NetworkPlan;
  readonly cwd: string;
}

/** Kernel interfaces, not files: a writable root there would be a way to change the machine. */
const NEVER_WRITABLE = ["/proc", "/sys"];
const MAX_GITFILE_CHARS = 4096;
const STICKY_BIT = 0o1000;

/** @throws CodexError SANDBOX_UNAVAILABLE when a protected name is a link that the command could replace. */
export async function resolvePlan(plan: SandboxPlan, uid: number | null): Promise<ResolvedPlan> {
  const roots = await existing(plan.writable);
  const writable = roots.filter((root) => !NEVER_WRITABLE.some((folder) => isInside(root, folder)));
  const mounts = new Map<string, MountAccess>();
  for (const path of plan.protected) {
    for (const mount of await protect(path, writable, uid)) mounts.set(mount.path, mount.access);
  }
  // Whoever names a protected path as a root means it.
  for (const root of writable) mounts.set(root, "write");
  for (const path of [...mounts.keys()]) {
    for (const ancestor of ancestorsBelowRoot(path, writable)) {
      // A folder between a root and what is protected in it could be renamed, and its name used anew: a mount of the
      // folder on itself stops that.
      if (!mounts.has(ancestor)) mounts.set(ancestor, "write");
    }
  }
  return {
    readable: { ...plan.readable, roots: await existing(plan.readable.roots) },
    mounts: [...mounts].map(([path, access]) => ({ path, access })).sort((a, b) => (a.path < b.path ? -1 : 1)),
    network: plan.network,
    cwd: await findRealPath(plan.cwd) ?? plan.cwd,
  };
}

async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const resolved = await Promise.all(paths.map((path) => findRealPath(path)));
  return [...new Set(resolved.filter((path) => path !== null))].sort();
}

function deepestRoot(path: string, roots: readonly string[]): string | undefined {
  return roots.findLast((root) => isInside(path, root));
}

function ancestorsBelowRoot(path: string, roots: readonly string[]): readonly string[] {
  const root = deepestRoot(parentPath(path), roots);
  const between: string[] = [];
  if (root === undefined) return between;
  for (let folder = parentPath(path); folder !== root; folder = parentPath(folder)) between.push(folder);
  return between;
}

async function protect(path: string, roots: readonly string[], uid: number | null): Promise<readonly Mount[]> {
  const parent = await findRealPath(parentPath(path));
  // The root of this name does not exist, or exists only deeper down.
  const place = parent === null ? await firstMissing(path) : joinPath(parent, baseName(path));
  if (deepestRoot(place, roots) === undefined) return [];
  const stat = await findLinkStat(place);
  if (stat === null || await isMountPoint(place)) return [{ path: place, access: "missing" }];
  if (stat.kind === "symlink") return await protectLink(place, roots, uid);
  const mounts: Mount[] = [{ path: place, access: "read" }];
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
async function firstMissing(path: string): Promise<string> {
  const parent = parentPath(path);
  const resolved = await findRealPath(parent);
  return resolved === null ? await firstMissing(parent) : joinPath(resolved, baseName(path));
}

/**
 * The kernel follows a link when it mounts, so the link itself stays as it is: a command could remove it and put a
 * folder of its own there.
 */
async function protectLink(path: string, roots: readonly string[], uid: number | null): Promise<readonly Mount[]> {
  if (await canBeReplaced(path, uid)) {
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot protect "${path}": it is a symbolic link`, {
      hint: `Replace the link by the folder it points to, or remove it, or make ${parentPath(path)} not writable`,
    });
  }
  const target = await findRealPath(path);
  return target !== null && deepestRoot(target, roots) !== undefined ? [{ path: target, access: "read" }] : [];
}

/** In a sticky folder (`/tmp`) only the owners of a link and of the folder may remove it. */
async function canBeReplaced(path: string, uid: number | null): Promise<boolean> {
  const folder = await findStat(parentPath(path));
  const link = await findLinkStat(path);
  if (folder === null || link === null || uid === null || uid === 0) return true;
  return ((folder.mode ?? 0) & STICKY_BIT) === 0 || link.uid === uid || folder.uid === uid;
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
