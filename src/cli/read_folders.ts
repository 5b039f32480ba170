// Folders that the person opens for reading while a session runs (`/sandbox-add-read-dir`). They are needed where commands
// run as another user, which only the elevated sandbox of Windows does; anywhere else there is nothing to open.
import { isAbsolutePath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { findRealPath, findStat } from "../host/files.ts";
import type { Platform } from "../host/platform.ts";
import type { WindowsLevel } from "../sandbox/windows/windows_plan.ts";

export interface ReadFolders {
  /** Resolved paths, in the order in which they were added. */
  list(): readonly string[];
  /** The resolved path. @throws CodexError SANDBOX_UNSUPPORTED | USAGE */
  add(path: string): Promise<string>;
}

export interface ReadFoldersOptions {
  readonly platform: Pick<Platform, "os">;
  readonly level: () => Promise<WindowsLevel>;
}

export function createReadFolders({ platform, level }: ReadFoldersOptions): ReadFolders {
  const folders = new Set<string>();
  return {
    list: () => [...folders],
    async add(path): Promise<string> {
      if (platform.os !== "windows") throw nothingToOpen("this is not Windows", "permissions in config.toml");
      if (await level() !== "elevated") {
        throw nothingToOpen('windows.sandbox is not "elevated", so that commands read what you can', null);
      }
      if (!isAbsolutePath(path)) throw unusable(path, "it is not an absolute path");
      const stat = await findStat(path);
      if (stat === null) throw unusable(path, "it does not exist");
      if (stat.kind !== "directory") throw unusable(path, "it is not a folder");
      const real = await findRealPath(path) ?? path;
      folders.add(real);
      return real;
    },
  };
}

/** For a server elsewhere: what its commands may read is decided there. */
export function refuseReadFolder(): Promise<never> {
  return Promise.reject(nothingToOpen("the server is elsewhere", "permissions in the server's config.toml"));
}

function nothingToOpen(why: string, instead: string | null): CodexError {
  const hint = instead === null ? {} : { hint: `What commands may read is set by ${instead}` };
  return new CodexError("SANDBOX_UNSUPPORTED", `/sandbox-add-read-dir has nothing to open: ${why}`, hint);
}

function unusable(path: string, why: string): CodexError {
  return new CodexError("USAGE", `Cannot open "${path}" to sandboxed commands: ${why}`, {
    hint: "Give the whole path of a folder that exists",
  });
}
