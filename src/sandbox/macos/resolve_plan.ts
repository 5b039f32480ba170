// A plan against the disk of a Mac: links resolved, what has to exist and does not dropped. Protected and hidden names
// stay although nothing is there: Seatbelt compares names, so nothing has to be made for it. Reads only.
import { baseName, isInside, joinPath, normalizePath, parentPath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { type Disk, gitFileFolders, openGitFolders } from "../git_folders.ts";
import { parsePathPattern } from "../path_pattern.ts";
import type { SandboxPlan } from "../plan.ts";
import { kernelSpelling } from "./mac_paths.ts";
import { staticPrefix } from "./path_patterns.ts";

/** Devices: opened one by one in sandbox_profiles/seatbelt_devices.sbpl. */
const NEVER_WRITABLE = "/dev";

/** @throws CodexError SANDBOX_UNAVAILABLE when the folder does not exist; CONFIG_INVALID for what is no pattern. */
export async function resolveForSeatbelt(wanted: SandboxPlan, disk: Disk): Promise<SandboxPlan> {
  const plan = await openGitFolders(wanted, disk);
  const cwd = await disk.findRealPath(plan.cwd);
  if (cwd === null) {
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot run in "${plan.cwd}": there is no such folder`, {
      hint: "Choose a folder that exists",
    });
  }
  const writable = (await existing(plan.writable, disk)).filter((path) => !isInside(path, NEVER_WRITABLE));
  const guarded = (paths: readonly string[]): Promise<readonly string[]> => withTargets(paths, disk);
  const protectedPaths = await guarded(plan.protected);
  const gitFolders = await Promise.all(protectedPaths.map((path) => gitTargets(path, disk)));
  const isRoot = (path: string): boolean => writable.includes(path);
  const unixSockets = plan.network.unixSockets === "all" ? "all" : await guarded(plan.network.unixSockets);
  return {
    readable: { ...plan.readable, roots: await existing(plan.readable.roots, disk) },
    writable,
    // Whoever names a protected path as a root means it.
    protected: sorted([...protectedPaths, ...gitFolders.flat()]).filter((path) => !isRoot(path)),
    hidden: await guarded(plan.hidden),
    hiddenPatterns: await patterns(plan.hiddenPatterns, disk),
    network: { ...plan.network, unixSockets },
    cwd: kernelSpelling(cwd),
  };
}

async function existing(paths: readonly string[], disk: Disk): Promise<readonly string[]> {
  const resolved = await Promise.all(paths.map((path) => disk.findRealPath(path)));
  return sorted(resolved.filter((path) => path !== null));
}

/** Each path with the folders above it resolved, and where it is a link, what that leads to as well. */
async function withTargets(paths: readonly string[], disk: Disk): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(async (path) => {
    const place = path === "/" ? path : joinPath(await nearest(parentPath(path), disk), baseName(path));
    const target = await disk.findRealPath(path);
    return target === null ? [place] : [place, target];
  }));
  return sorted(found.flat());
}

/** A path of which only the first folders exist, with those resolved. */
async function nearest(path: string, disk: Disk): Promise<string> {
  const resolved = await disk.findRealPath(path);
  if (resolved !== null || path === parentPath(path)) return resolved ?? path;
  return joinPath(await nearest(parentPath(path), disk), baseName(path));
}

/** As it was written and with the folders that it names outright resolved. */
async function patterns(all: readonly string[], disk: Disk): Promise<readonly string[]> {
  const found = await Promise.all(all.map(async (text) => {
    parsePathPattern(text); // Refuses what is no pattern.
    const pattern = normalizePath(text);
    const prefix = staticPrefix(pattern);
    const resolved = await nearest(prefix, disk);
    const rest = prefix === "/" ? pattern : pattern.slice(prefix.length);
    return [pattern, `${resolved === "/" ? "" : resolved}${rest}`];
  }));
  return [...new Set(found.flat())].sort();
}

/** Where a gitfile points, and the repository that a linked worktree shares: hooks and settings lie there. */
async function gitTargets(path: string, disk: Disk): Promise<readonly string[]> {
  if (baseName(path) !== ".git" || (await disk.findLinkStat(path))?.kind !== "file") return [];
  return await gitFileFolders(path, disk, (folder) => nearest(folder, disk));
}

function sorted(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.map(kernelSpelling))].sort();
}
