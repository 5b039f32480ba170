// A `.git` that is opened for commits, against the disk. In a linked worktree or a submodule it is a file that names the
// real folder: that one is opened in its stead, if it knows this worktree as its own, so that no file can be written
// that opens a folder of somebody else. Reads only.
import { baseName, isInside, joinPath, parentPath } from "../base/absolute_path.ts";
import type { FileStat } from "../host/files.ts";
import { parentsFirst, PROTECTED_IN_GIT, type SandboxPlan } from "./plan.ts";

/** What is asked of the disk; of `host/files.ts`, or of a test. */
export interface Disk {
  findRealPath(path: string): Promise<string | null>;
  /** Does not follow a link. */
  findLinkStat(path: string): Promise<Pick<FileStat, "kind"> | null>;
  findText(path: string): Promise<string | null>;
}

interface GitFolders {
  readonly writable: readonly string[];
  readonly protected: readonly string[];
}

const MAX_FILE_CHARS = 65_536;

/** The plan with real folders of git in place of the names that were opened; what is not in order stays closed. */
export async function openGitFolders(plan: SandboxPlan, disk: Disk): Promise<SandboxPlan> {
  const opened = plan.writable.filter((path) => baseName(path) === ".git");
  if (opened.length === 0) return plan;
  const each = await Promise.all(opened.map((place) => foldersOf(place, disk)));
  return {
    ...plan,
    writable: parentsFirst([
      ...plan.writable.filter((path) => !opened.includes(path)),
      ...each.flatMap(({ writable }) => writable),
    ]),
    protected: parentsFirst([...plan.protected, ...each.flatMap((folders) => folders.protected)]),
  };
}

async function foldersOf(place: string, disk: Disk): Promise<GitFolders> {
  const closed: GitFolders = { writable: [], protected: [place] };
  const kind = (await disk.findLinkStat(place))?.kind;
  // Nothing is there: the names below it stay as they are, which keeps it from coming into being.
  if (kind === undefined) return { writable: [place], protected: [] };
  const real = await disk.findRealPath(place);
  if (real === null) return closed;
  const realKind = kind === "symlink" ? (await disk.findLinkStat(real))?.kind : kind;
  if (realKind === "directory") {
    // One that borrows from another folder is none that git made for this place.
    const common = await shortText(joinPath(real, "commondir"), disk);
    if (common !== "" && common !== ".") return closed;
    // A link must stay in its place, whatever may be written behind it.
    return { writable: [place], protected: kind === "symlink" ? [place] : [] };
  }
  if (kind !== "file") return closed;
  const target = await gitFileTarget(real, disk);
  const folder = target === null ? null : await disk.findRealPath(target);
  if (folder === null) return closed;
  const folders = await worktreeFolders(folder, real, disk) ?? await submoduleFolders(folder, real, disk);
  if (folders === null) return closed;
  return {
    writable: folders,
    protected: [
      place,
      joinPath(folder, "gitdir"),
      ...folders.flatMap((path) => PROTECTED_IN_GIT.map((name) => joinPath(path, name))),
    ],
  };
}

/** Where a gitfile points; null for a file that is none. */
async function gitFileTarget(gitFile: string, disk: Disk): Promise<string | null> {
  const target = /^gitdir: (.+)/.exec(await shortText(gitFile, disk))?.[1]?.trim();
  return target === undefined ? null : joinPath(parentPath(gitFile), target);
}

/**
 * Where a gitfile points, and the repository that a linked worktree shares: hooks and settings lie there. `resolve`
 * follows links, of what exists of a path.
 */
export async function gitFileFolders(
  gitFile: string,
  disk: Disk,
  resolve: (path: string) => Promise<string>,
): Promise<readonly string[]> {
  const target = await gitFileTarget(gitFile, disk);
  if (target === null) return [];
  const folder = await resolve(target);
  const common = await shortText(await resolve(joinPath(folder, "commondir")), disk);
  return common === "" ? [folder] : [folder, await resolve(joinPath(folder, common))];
}

/** A linked worktree: its folder lies in `worktrees` of the repository and names the gitfile. */
async function worktreeFolders(folder: string, gitFile: string, disk: Disk): Promise<readonly string[] | null> {
  const back = await shortText(joinPath(folder, "gitdir"), disk);
  const shared = await shortText(joinPath(folder, "commondir"), disk);
  if (back === "" || shared === "") return null;
  const common = await disk.findRealPath(joinPath(folder, shared));
  if (common === null || !isInside(folder, joinPath(common, "worktrees")) || !await isRepository(common, disk)) {
    return null;
  }
  return await disk.findRealPath(joinPath(folder, back)) === gitFile ? [common, folder] : null;
}

/** A submodule: its folder names the worktree in its settings. */
async function submoduleFolders(folder: string, gitFile: string, disk: Disk): Promise<readonly string[] | null> {
  if (await shortText(joinPath(folder, "commondir"), disk) !== "" || !await isRepository(folder, disk)) return null;
  const settings = await shortText(joinPath(folder, "config"), disk);
  const worktree = /^\[core\][^[]*?^\s*worktree\s*=\s*"?([^"\n]+?)"?\s*$/m.exec(settings)?.[1];
  if (worktree === undefined) return null;
  return await disk.findRealPath(joinPath(folder, worktree)) === parentPath(gitFile) ? [folder] : null;
}

async function isRepository(folder: string, disk: Disk): Promise<boolean> {
  const kinds = await Promise.all(["objects", "refs"].map((name) => disk.findLinkStat(joinPath(folder, name))));
  return kinds.every((stat) => stat?.kind === "directory") && await shortText(joinPath(folder, "HEAD"), disk) !== "";
}

/** Of a file, trimmed; empty when there is none. */
async function shortText(path: string, disk: Disk): Promise<string> {
  if ((await disk.findLinkStat(path))?.kind !== "file") return "";
  return (await disk.findText(path) ?? "").slice(0, MAX_FILE_CHARS).trim();
}
