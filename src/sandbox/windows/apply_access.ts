// Puts the entries of a confinement on the disk, and holds every path it touches: held, a path cannot be exchanged for a
// junction between our look at it and our change, nor renamed away while the command runs.
import { parentPath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { findLinkStat, findRealPath } from "../../host/files.ts";
import type { AclEntry } from "../../host/windows/acl.ts";
import { INVALID_HANDLE, type WindowsApi } from "../../host/windows/api.ts";
import { holdExisting, holdUntilClosed, makeHeldFolder } from "../../host/windows/held_path.ts";
import { readDacl, writeDacl } from "../../host/windows/security.ts";
import { windowsPaths } from "../../base/windows_path.ts";
import {
  allowEntry,
  denyEntry,
  FILE_ALL,
  FILE_ANY_WRITE,
  FILE_MODIFY,
  FILE_READ_EXECUTE,
  withEntries,
} from "./access_rules.ts";
import type { Confinement, LaunchRequest } from "./contract.ts";

export interface HeldAccess {
  /** Lets go of all paths; folders that were only to keep a name from being taken go too. */
  release(): void;
}

/** @throws CodexError SANDBOX_UNAVAILABLE when a path is not what it was, or its list cannot be changed. */
export async function applyAccess(
  api: WindowsApi,
  confinement: Confinement | null,
  logon: LaunchRequest["logon"],
): Promise<HeldAccess> {
  const handles: bigint[] = [];
  if (confinement === null) return { release: () => {} };
  const everySid = [...confinement.capabilitySids, ...(logon === null ? [] : [logon.groupSid])];
  const release = (): void => handles.splice(0).reverse().forEach((handle) => void api.CloseHandle(handle));
  try {
    for (const [path, sids] of byPath(confinement.allowWrite)) {
      handles.push(await holdAsNamed(api, path));
      ensureEntries(api, path, sids.map((sid) => allowEntry(sid, FILE_MODIFY)), everySid);
    }
    for (const [path, sids] of byPath(confinement.denyWrite)) {
      handles.push(await protect(api, path, sids.map((sid) => denyEntry(sid, FILE_ANY_WRITE))));
    }
    if (logon !== null) {
      for (const path of logon.allowRead) {
        if (await findLinkStat(path) === null) continue;
        ensureEntries(api, path, [allowEntry(logon.groupSid, FILE_READ_EXECUTE)], [logon.groupSid]);
      }
      for (const path of logon.denyRead) {
        if (await findLinkStat(path) === null) continue;
        handles.push(await holdAsNamed(api, path));
        ensureEntries(api, path, [denyEntry(logon.groupSid, FILE_ALL)]);
      }
    }
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

/** What is missing becomes an empty folder for as long as we hold it; in it nothing can be made. */
async function protect(api: WindowsApi, path: string, denials: readonly AclEntry[]): Promise<bigint> {
  const isOurs = await findLinkStat(path) === null && makeHeldFolder(api, path);
  if (!isOurs) {
    const handle = await holdAsNamed(api, path);
    ensureEntries(api, path, denials);
    return handle;
  }
  try {
    ensureEntries(api, path, denials);
    return holdUntilClosed(api, path);
  } catch (error) {
    // Opened to be removed and closed again: nothing of it stays.
    api.CloseHandle(holdUntilClosed(api, path));
    throw error;
  }
}

async function holdAsNamed(api: WindowsApi, path: string): Promise<bigint> {
  const handle = holdExisting(api, path);
  const real = await findRealPath(path);
  if (real !== null && windowsPaths.comparable(real) === windowsPaths.comparable(path)) return handle;
  if (handle !== INVALID_HANDLE) api.CloseHandle(handle);
  throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot sandbox the command: "${path}" became a link`, {
    hint: `See what changes "${parentPath(path)}" at the same time`,
  });
}

function ensureEntries(
  api: WindowsApi,
  path: string,
  wanted: readonly AclEntry[],
  openedTo: readonly string[] = [],
): void {
  const changed = withEntries(readDacl(api, path), wanted, openedTo);
  if (changed !== null) writeDacl(api, path, changed);
}

function byPath(rows: Confinement["allowWrite"]): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  for (const { path, sid } of rows) result.set(path, [...result.get(path) ?? [], sid]);
  return result;
}
