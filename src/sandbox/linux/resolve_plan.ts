// A plan against the disk: links resolved, what is missing dropped, patterns looked up, and one access for each path
// that differs from the folder around it. Reads only. What cannot be carried out is an error, never a gap.
import { isInside, parentPath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { fileTroubleOf, findLinkStat, findRealPath, findStat, findText } from "../../host/files.ts";
import { openGitFolders } from "../git_folders.ts";
import type { NetworkPlan, SandboxPlan } from "../plan.ts";
import { firstMissing, type LinkProtection, protectedMounts } from "../protected_paths.ts";
import { isNeverWritable } from "../writable_roots.ts";
import { type HeldLink, holdLink } from "./held_links.ts";
import { findHiddenMatches } from "./hidden_matches.ts";
import { refuseOtherNames, refuseReplaceableLinks, type ResolvedPath } from "./name_tricks.ts";

/** `missing`, `missingFile`: nothing is there, and nothing may come there. */
export type MountAccess = "read" | "missing" | "missingFile" | "write" | "hiddenFolder" | "hiddenFile";

export interface Mount {
  readonly path: string;
  readonly access: MountAccess;
}

export interface ResolvedPlan {
  readonly readable: {
    /** The whole disk, less what `mounts` hides; else nothing but `mounts`. */
    readonly everything: boolean;
    /** The system's own folders too. */
    readonly platform: boolean;
  };
  /** Parents first; a later one lies on top. */
  readonly mounts: readonly Mount[];
  /** Links that must stay where they are; what they lead to is among the mounts. */
  readonly links: readonly HeldLink[];
  readonly network: NetworkPlan;
  readonly cwd: string;
}

type Accesses = Map<string, MountAccess | "link">;

/** What programs of a usual Linux system need to start, for plans that do not read everything. */
export const PLATFORM_FOLDERS = [
  ...["/bin", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/opt", "/sbin", "/usr"],
];

/** Where the kernel's settings lie. `/proc` and `/dev` are mounted anew in every sandbox. */
const KERNEL_SETTINGS = "/sys";

/** @throws CodexError SANDBOX_UNAVAILABLE when a part of the plan cannot be carried out. */
export async function resolvePlan(wanted: SandboxPlan, uid: number | null): Promise<ResolvedPlan> {
  const plan = await openGitFolders(wanted, { findRealPath, findLinkStat, findText });
  const [writableRoots, readableRoots, hiddenPaths, [cwd]] = await Promise.all(
    [plan.writable, plan.readable.roots, plan.hidden, [plan.cwd]].map(resolveAll),
  ) as [readonly ResolvedPath[], readonly ResolvedPath[], readonly ResolvedPath[], readonly ResolvedPath[]];
  const writable = realPaths(writableRoots).filter((root) => !isNeverWritable(root));
  await refuseReplaceableLinks([...writableRoots, ...readableRoots, ...hiddenPaths], writable, uid);

  const accesses: Accesses = new Map();
  const linkTexts = new Map<string, string>();
  const ofLink: LinkProtection = (place, roots) => holdLink(place, roots, uid);
  const protections = await Promise.all(plan.protected.map((path) => protectedMounts(path, writable, ofLink)));
  for (const mount of protections.flat().filter(({ path }) => !isNeverWritable(path))) {
    accesses.set(mount.path, mount.access);
    if (mount.access === "link") linkTexts.set(mount.path, mount.text);
  }
  const protectedOnly = new Set(accesses.keys());
  for (const root of realPaths(readableRoots)) {
    if (!accesses.has(root)) accesses.set(root, "read");
    protectedOnly.delete(root);
  }
  // Whoever names a protected path as a root means it.
  for (const root of writable) {
    accesses.set(root, "write");
    protectedOnly.delete(root);
  }
  if (accesses.get("/") === "write" && await findStat(KERNEL_SETTINGS) !== null) accesses.set(KERNEL_SETTINGS, "read");
  await addHidden(hiddenPaths, writable, accesses);
  const movable = await addMatches(plan.hiddenPatterns, accesses);
  await refuseOtherNames([...accesses].filter(([, access]) => access === "hiddenFile").map(([path]) => path));

  const everything = plan.readable.everything && accesses.get("/") !== "hiddenFolder";
  const readable = { everything, platform: plan.readable.platform };
  if (accesses.get("/") === "hiddenFolder") accesses.delete("/");
  dropWithoutEffect(accesses, protectedOnly, readable);
  keepInPlace(accesses, movable);
  const resolved: ResolvedPlan = {
    readable,
    mounts: [...accesses].flatMap(([path, access]) => access === "link" ? [] : [{ path, access }])
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    links: [...linkTexts].flatMap(([path, text]) => accesses.get(path) === "link" ? [{ path, text }] : []),
    network: plan.network,
    cwd: existingCwd(cwd, plan.cwd),
  };
  if (!isVisible(resolved.cwd, resolved)) throw hiddenCwd(resolved.cwd);
  return resolved;
}

/** Can a command see what is at this path, if anything? */
export function isVisible(path: string, { mounts, readable }: Pick<ResolvedPlan, "mounts" | "readable">): boolean {
  const nearest = mounts.findLast((mount) => isInside(path, mount.path));
  if (nearest !== undefined) return nearest.access === "write" || nearest.access === "read";
  return readable.everything || (readable.platform && isPlatform(path));
}

function isPlatform(path: string): boolean {
  return PLATFORM_FOLDERS.some((folder) => isInside(path, folder));
}

function resolveAll(paths: readonly string[]): Promise<readonly ResolvedPath[]> {
  return Promise.all(paths.map(async (named) => ({ named, real: await findReachable(named) })));
}

/** What this user may not even look up is nothing to a command either. */
async function findReachable(path: string): Promise<string | null> {
  try {
    return await findRealPath(path);
  } catch (error) {
    if (fileTroubleOf(error) === "denied") return null;
    throw error;
  }
}

function realPaths(paths: readonly ResolvedPath[]): readonly string[] {
  return [...new Set(paths.map(({ real }) => real).filter((real) => real !== null))].sort();
}

/** The nearest folder around this path that has an access of its own. */
function around(path: string, accesses: Accesses): string | null {
  for (let folder = path; folder !== "/";) {
    folder = parentPath(folder);
    if (accesses.has(folder)) return folder;
  }
  return null;
}

async function addHidden(paths: readonly ResolvedPath[], writable: readonly string[], all: Accesses): Promise<void> {
  for (const { named, real } of paths) {
    if (real !== null) {
      all.set(real, await hidingOf(real));
      continue;
    }
    const place = await firstMissing(named);
    // Only where a command could make it; elsewhere a mount point would be a trace in folders that are none of ours.
    if (writable.some((root) => isInside(place, root)) && !all.has(place)) all.set(place, "missing");
  }
}

/** Answers with the matches that may be moved within a folder, since their pattern finds them again there. */
async function addMatches(patterns: readonly string[], all: Accesses): Promise<ReadonlyMap<string, string>> {
  const movable = new Map<string, string>();
  if (patterns.length === 0) return movable;
  const hiddenFolders = [...all].filter(([, access]) => access === "hiddenFolder").map(([path]) => path);
  const reopened = [...all].filter(([, access]) => access === "read" || access === "write").map(([path]) => path);
  const passedOver = hiddenFolders.filter((folder) => !reopened.some((path) => isInside(path, folder)));
  for (const { path, anywhereBelow } of await findHiddenMatches(patterns, passedOver)) {
    const real = await findRealPath(path);
    if (real === null) continue;
    all.set(real, await hidingOf(real));
    if (anywhereBelow !== null) movable.set(real, anywhereBelow);
  }
  return movable;
}

async function hidingOf(path: string): Promise<"hiddenFolder" | "hiddenFile"> {
  return (await findStat(path))?.kind === "directory" ? "hiddenFolder" : "hiddenFile";
}

function dropWithoutEffect(
  all: Accesses,
  protectedOnly: ReadonlySet<string>,
  readable: ResolvedPlan["readable"],
): void {
  for (const [path, access] of [...all]) {
    const nearest = around(path, all);
    const outer = nearest === null ? null : all.get(nearest);
    const isHiding = access === "hiddenFolder" || access === "hiddenFile";
    // To protect is not to show.
    const isCovered = outer === "hiddenFolder" && (isHiding || isMissing(access) || protectedOnly.has(path));
    const isSameAnyway = access === "read" && outer === null && readable.everything;
    const isAbsent = isHiding && outer === null && !readable.everything && !(readable.platform && isPlatform(path));
    if (isCovered || isSameAnyway || isAbsent) all.delete(path);
  }
}

/**
 * A folder between a writable one and what lies in it by another access could be renamed, and its name used anew: a
 * mount of the folder on itself stops that.
 */
function keepInPlace(all: Accesses, movable: ReadonlyMap<string, string>): void {
  for (const path of [...all.keys()]) {
    const nearest = around(path, all);
    if (nearest === null || all.get(nearest) !== "write") continue;
    const base = movable.get(path);
    if (base !== undefined && isInside(nearest, base)) continue;
    for (let folder = parentPath(path); folder !== nearest; folder = parentPath(folder)) {
      // The sandbox has its own of these, which cannot be renamed.
      if (!isNeverWritable(folder)) all.set(folder, "write");
    }
  }
}

/** Nothing is there, and something has to be made to mount on. */
export function isMissing(access: MountAccess | "link"): access is "missing" | "missingFile" {
  return access === "missing" || access === "missingFile";
}

function existingCwd(cwd: ResolvedPath | undefined, named: string): string {
  if (typeof cwd?.real === "string") return cwd.real;
  throw new CodexError("EXEC_FAILED", `Cannot run a command in "${named}": there is no such folder`, {
    hint: "Choose a folder that exists with -C",
  });
}

function hiddenCwd(cwd: string): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot run a command in "${cwd}": the sandbox does not show it`, {
    hint: "Grant the permission profile read access to this folder, or choose another one with -C",
  });
}
