/**
 * What a session records of its git work tree: commit, branch, where it comes from. Read from the files of `.git`
 * itself: no git program is started in a folder that may not be trusted, and none need be installed.
 * Knows work trees, submodules, packed refs and detached heads; a repository with reftables has no readable refs.
 */
import { baseName, joinPath, parentPath } from "../base/absolute_path.ts";
import { findStat, findText } from "../host/files.ts";
import type { GitInfo } from "../protocol/types/thread.ts";

/** Null outside of a work tree. Fields that cannot be read are null. */
export async function findGitInfo(cwd: string): Promise<GitInfo | null> {
  const place = await findGitPlace(cwd);
  if (place === null) return null;
  const head = (await textOf(joinPath(place.gitFolder, "HEAD"))).trim();
  const ref = /^ref:\s*(\S+)$/.exec(head)?.[1] ?? null;
  return {
    sha: ref === null ? shaOf(head) : await resolveRef(place, ref),
    branch: ref?.startsWith("refs/heads/") && ref !== "refs/heads/.invalid" ? ref.slice("refs/heads/".length) : null,
    originUrl: originUrlOf(await textOf(joinPath(place.commonFolder, "config"))),
  };
}

/** The top folder of the work tree that `cwd` is in; null outside of one. */
export async function findGitRoot(cwd: string): Promise<string | null> {
  return (await findGitPlace(cwd))?.root ?? null;
}

interface GitPlace {
  readonly root: string;
  /** HEAD and the work tree's own refs. */
  readonly gitFolder: string;
  /** Branches, packed refs and configuration; the same folder except in a linked work tree. */
  readonly commonFolder: string;
}

async function findGitPlace(cwd: string): Promise<GitPlace | null> {
  for (let root = joinPath(cwd);; root = parentPath(root)) {
    const entry = joinPath(root, ".git");
    const stat = await findStat(entry).catch(() => null);
    const gitFolder = stat?.kind === "directory" ? entry : stat?.kind === "file" ? await linkedFolder(entry) : null;
    if (gitFolder !== null && await textOf(joinPath(gitFolder, "HEAD")) !== "") {
      const common = (await textOf(joinPath(gitFolder, "commondir"))).trim();
      return { root, gitFolder, commonFolder: common === "" ? gitFolder : joinPath(gitFolder, common) };
    }
    if (baseName(root) === "") return null;
  }
}

/** `.git` as a file: one line that names the real folder. */
async function linkedFolder(entry: string): Promise<string | null> {
  const target = /^gitdir:\s*(.+?)\s*$/m.exec(await textOf(entry))?.[1];
  return target === undefined ? null : joinPath(parentPath(entry), target);
}

/** How many refs that point to refs are followed. */
const MAX_REF_STEPS = 5;

async function resolveRef(place: GitPlace, ref: string, steps = 0): Promise<string | null> {
  // The name comes from a file: it must not lead out of the folder.
  if (ref.split("/").includes("..") || steps > MAX_REF_STEPS) return null;
  for (const folder of [place.gitFolder, place.commonFolder]) {
    const text = (await textOf(joinPath(folder, ref))).trim();
    const next = /^ref:\s*(\S+)$/.exec(text)?.[1];
    if (next !== undefined) return await resolveRef(place, next, steps + 1);
    if (shaOf(text) !== null) return text;
  }
  const packed = await textOf(joinPath(place.commonFolder, "packed-refs"));
  const line = packed.split("\n").find((entry) => entry.endsWith(` ${ref}`));
  return line === undefined ? null : shaOf(line.slice(0, line.indexOf(" ")));
}

function shaOf(text: string): string | null {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : null;
}

/** `remote.origin.url`, without a password: it would end up in session files and on the wire. */
function originUrlOf(config: string): string | null {
  let isOrigin = false;
  for (const line of config.split("\n")) {
    const section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) isOrigin = /^remote\s+"origin"$/i.test(section.trim());
    const value = isOrigin ? /^\s*url\s*=\s*(.*?)\s*$/i.exec(line)?.[1] : undefined;
    if (value) return value.replace(/^"(.*)"$/, "$1").replace(/^(https?:\/\/)[^/@]*@/i, "$1");
  }
  return null;
}

/** Empty for what is missing or cannot be read. */
async function textOf(path: string): Promise<string> {
  return await findText(path).catch(() => null) ?? "";
}
