// Finds a program that the sandbox relies on. A command in the workspace must not be able to put one of its own in the
// way: hits inside the given roots are passed over, links resolved.
import { isAbsolutePath, isInside, joinPath } from "../../base/absolute_path.ts";
import { fileTroubleOf, findRealPath, findStat } from "../../host/files.ts";

export interface ProgramSearch {
  /** The value of PATH; entries that are not absolute are passed over. */
  readonly searchPath: string;
  /** Resolved folders that a command may write to, or that come with a workspace. */
  readonly excludedRoots: readonly string[];
}

const EXECUTABLE_BITS = 0o111;

/** The resolved path of the first acceptable hit, or null. */
export async function findProgram(name: string, search: ProgramSearch): Promise<string | null> {
  return (await findPrograms(name, search))[0] ?? null;
}

/** The resolved paths of all acceptable hits, each once, in the order of PATH. */
export async function findPrograms(name: string, search: ProgramSearch): Promise<readonly string[]> {
  const folders = search.searchPath.split(":").filter(isAbsolutePath);
  const hits = await Promise.all(folders.map((folder) => findAcceptable(joinPath(folder, name), search)));
  return [...new Set(hits.filter((path) => path !== null))];
}

async function findAcceptable(named: string, search: ProgramSearch): Promise<string | null> {
  const path = await findReachable(named);
  if (path === null) return null;
  const isExcluded = search.excludedRoots.some((root) => isInside(path, root) || isInside(named, root));
  if (isExcluded) return null;
  const stat = await findStat(path);
  // Busybox and the like go by the name they are called with.
  return stat?.kind === "file" && ((stat.mode ?? 0) & EXECUTABLE_BITS) !== 0 ? path : null;
}

/** A folder on PATH that this user may not enter is passed over, as a shell does. */
async function findReachable(path: string): Promise<string | null> {
  try {
    return await findRealPath(path);
  } catch (error) {
    if (fileTroubleOf(error) === "denied") return null;
    throw error;
  }
}
