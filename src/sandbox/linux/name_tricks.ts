// Names with which a command could make the next sandbox open or hide the wrong thing: links that it can replace, and
// second names of what is hidden. Both are refused, with a way out.
import { isInside, joinPath, parentPath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { findFileIdentity, findLinkStat, findRealPath, findStat } from "../../host/files.ts";

export interface ResolvedPath {
  readonly named: string;
  /** Links resolved; null when nothing is there. */
  readonly real: string | null;
}

const STICKY_BIT = 0o1000;

/**
 * A path that leads through a link in a writable folder means, the next time, whatever a command makes of that link.
 *
 * @throws CodexError SANDBOX_UNAVAILABLE
 */
export async function refuseReplaceableLinks(
  paths: readonly ResolvedPath[],
  writable: readonly string[],
  uid: number | null,
): Promise<void> {
  for (const { named, real } of paths) {
    if (real === null || real === named) continue;
    // One that stays within the same folders gains nothing.
    const link = await findLink(named, async (place) => {
      return writable.some((root) => isInside(parentPath(place), root)) && await canBeReplaced(place, uid);
    });
    if (link === null || writable.some((root) => isInside(real, root) && root !== real)) continue;
    throw new CodexError(
      "SANDBOX_UNAVAILABLE",
      `Cannot use "${named}" in a sandbox: "${link}" is a link that a sandboxed command could replace`,
      { hint: `Name what it points to: "${real}"` },
    );
  }
}

/** The first link on the way that `fits`, by its own resolved place. */
async function findLink(path: string, fits: (place: string) => Promise<boolean>): Promise<string | null> {
  let folder = "/";
  for (const name of path.split("/").filter((part) => part !== "")) {
    const place = joinPath(folder, name);
    if ((await findLinkStat(place))?.kind === "symlink" && await fits(place)) return place;
    const real = await findRealPath(place);
    if (real === null) return null;
    folder = real;
  }
  return null;
}

/** In a sticky folder (`/tmp`) only the owners of a link and of the folder may remove it. */
export async function canBeReplaced(link: string, uid: number | null): Promise<boolean> {
  const folder = await findStat(parentPath(link));
  const stat = await findLinkStat(link);
  if (folder === null || stat === null || uid === null || uid === 0) return true;
  return ((folder.mode ?? 0) & STICKY_BIT) === 0 || stat.uid === uid || folder.uid === uid;
}

/**
 * A mount hides a file by one name; by another (a hard link) it could be read.
 *
 * @throws CodexError SANDBOX_UNAVAILABLE unless all names of a file are among `paths`.
 */
export async function refuseOtherNames(paths: readonly string[]): Promise<void> {
  const seen = new Map<string, { readonly path: string; missing: number }>();
  for (const path of paths) {
    const identity = await findFileIdentity(path);
    if (identity === null || identity.links <= 1) continue;
    const key = `${identity.device} ${identity.inode}`;
    const entry = seen.get(key) ?? { path, missing: identity.links };
    entry.missing--;
    seen.set(key, entry);
  }
  for (const { path, missing } of seen.values()) {
    if (missing <= 0) continue;
    throw new CodexError(
      "SANDBOX_UNAVAILABLE",
      `Cannot hide "${path}": it can be read by ${missing} other name${missing === 1 ? "" : "s"} (hard links)`,
      { hint: `Hide or remove those too; to find them: find / -xdev -samefile '${path}'` },
    );
  }
}
