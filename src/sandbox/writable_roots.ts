// What is wrong with a path that somebody asks to open for writing: a launcher drops what does not exist and what is the
// kernel's, so the person hears of it where it was asked for. Reads only.
import { isInside, normalizePath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { fileTroubleOf, findLinkStat, findRealPath, findStat } from "../host/files.ts";

export interface RootTrouble {
  /** After the path: "there is no such folder". */
  readonly why: string;
  readonly remedy: string;
}

export interface RootWarning {
  readonly summary: string;
  readonly details: string;
}

/** Kernel interfaces, not files: with them a command could change the machine. */
const OF_THE_KERNEL = ["/proc", "/sys"];
/** A sandbox has one of its own. */
const DEVICES = "/dev";

const OF_KERNEL = { why: "it belongs to the kernel", remedy: "Run what has to write there without a sandbox" };
const UNREACHABLE = { why: "this user may not look it up", remedy: "Name a folder that you may enter" };

/** Is this resolved path one that no plan opens? */
export function isNeverWritable(path: string): boolean {
  return path === DEVICES || OF_THE_KERNEL.some((folder) => isInside(path, folder));
}

/** Null when commands may write there, to a folder or to a single file. */
export async function findRootTrouble(path: string): Promise<RootTrouble | null> {
  try {
    const real = await findRealPath(path);
    if (real === null) return await missing(path);
    return isNeverWritable(real) ? OF_KERNEL : null;
  } catch (error) {
    if (fileTroubleOf(error) === "denied") return UNREACHABLE;
    throw error;
  }
}

async function missing(path: string): Promise<RootTrouble> {
  if ((await findLinkStat(path))?.kind === "symlink") {
    return { why: "it is a link to something that is not there", remedy: "Make that first, or name another folder" };
  }
  const remedy = `Make it first: mkdir -p '${path}'. Commands that start later may write to it`;
  return { why: "there is no such folder", remedy };
}

/**
 * Refuses what `--add-dir` names and no folder is.
 *
 * @throws CodexError USAGE
 */
export async function checkAddedFolders(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const trouble = await findRootTrouble(path) ?? await notAFolder(path);
    if (trouble === null) continue;
    throw new CodexError("USAGE", `Cannot add "${path}": ${trouble.why}`, { hint: trouble.remedy });
  }
}

/** What is surprising about the roots of `sandbox_workspace_write.writable_roots`. Never refuses. */
export async function rootWarnings(paths: readonly string[], codexHome: string): Promise<readonly RootWarning[]> {
  const warnings: RootWarning[] = [];
  for (const path of new Set(paths.map(normalizePath))) {
    const trouble = await findRootTrouble(path);
    if (trouble !== null) {
      warnings.push({ summary: `Commands cannot write to "${path}": ${trouble.why}`, details: trouble.remedy });
    } else if (path === "/" || path === normalizePath(codexHome)) {
      warnings.push({
        summary: path === "/" ? "Commands may write to the whole disk" : `Commands may change settings in "${path}"`,
        details:
          `sandbox_workspace_write.writable_roots names "${path}"; a relative path is meant from the file's folder`,
      });
    }
  }
  return warnings;
}

async function notAFolder(path: string): Promise<RootTrouble | null> {
  if ((await findStat(path))?.kind === "directory") return null;
  return {
    why: "it is no folder",
    remedy: "Name the folder that it lies in, or the file in sandbox_workspace_write.writable_roots",
  };
}
