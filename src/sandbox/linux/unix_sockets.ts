// Which sockets of a list a command may connect to: the places that the names led to when the plan was carried out. A
// file that is not there yet may come; a link that comes later leads nowhere. Where the command itself may rename files,
// only the very file of the start counts. Reads the disk only.
import { baseName, isAbsolutePath, isInside, joinPath, normalizePath, parentPath } from "../../base/absolute_path.ts";
import { findFileIdentity, findRealPath } from "../../host/files.ts";
import type { SandboxPlan } from "../plan.ts";
import { refuseReplaceableLinks } from "./name_tricks.ts";

export interface AllowedSocket {
  /** As the plan has it. */
  readonly named: string;
  /** Without a link in it. */
  readonly real: string;
  /** The only file that it may be; "missing": none; null: whatever lies there. */
  readonly file: string | null;
}

/** @throws CodexError SANDBOX_UNAVAILABLE for a name that leads through a link which a command could replace. */
export async function resolveSockets(
  list: readonly string[],
  { writable }: SandboxPlan,
  uid: number | null,
): Promise<readonly AllowedSocket[]> {
  const roots = await Promise.all(writable.map(async (root) => await findRealPath(root) ?? root));
  const allowed = await Promise.all(list.map(async (path) => {
    const named = normalizePath(path);
    const real = await realPlace(named);
    return { named, real, file: roots.some((root) => isInside(real, root)) ? await fileAt(real) : null };
  }));
  await refuseReplaceableLinks(allowed, roots, uid);
  return allowed;
}

/** Which file a path leads to, to be compared. */
export async function fileAt(path: string): Promise<string> {
  const identity = await findFileIdentity(path);
  return identity === null ? "missing" : `${identity.device} ${identity.inode}`;
}

/** What is there of the path is resolved, the rest is what has to come there. */
async function realPlace(path: string): Promise<string> {
  const real = await findRealPath(path);
  if (real !== null || parentPath(path) === path) return real ?? path;
  return joinPath(await realPlace(parentPath(path)), baseName(path));
}

/** The socket of the list that a command means by `path`; null: none of them. */
export async function findAllowedSocket(
  path: string,
  { allowed, cwd }: { readonly allowed: readonly AllowedSocket[]; readonly cwd: () => Promise<string | null> },
): Promise<AllowedSocket | null> {
  const folder = isAbsolutePath(path) ? "/" : await cwd();
  if (folder === null) return null;
  const meant = normalizePath(joinPath(folder, path));
  const found = allowed.find(({ named, real }) => named === meant || real === meant);
  if (found !== undefined) return found;
  const real = await findRealPath(meant).catch(() => null);
  return allowed.find((socket) => socket.real === real) ?? null;
}
