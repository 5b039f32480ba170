// The disk of this machine, as the search for folders that are open to everybody looks at it.
import { systemClock } from "../../host/clock.ts";
import { listFolder } from "../../host/files.ts";
import { openWindowsApi } from "../../host/windows/api.ts";
import { readDacl } from "../../host/windows/security.ts";
import type { Disk } from "./world_writable.ts";

/** @throws CodexError SANDBOX_UNSUPPORTED anywhere but on Windows. */
export function openWindowsDisk(): Disk {
  const api = openWindowsApi();
  return {
    async listFolders(path): Promise<readonly string[]> {
      return (await listFolder(path)).filter(({ kind }) => kind === "directory").map(({ name }) => name);
    },
    readAccess: (path) => readDacl(api, path),
    nowMs: systemClock.nowMs,
  };
}
