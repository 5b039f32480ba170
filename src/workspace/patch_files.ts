/**
 * The files that patches read and write: a port, so that tests can make a disk fail, and the real one.
 * Writing replaces a file in one step (a new file beside it, then a rename), so a reader or a crash never sees half
 * of one; permission bits stay.
 */
import { baseName, joinPath, parentPath } from "../base/absolute_path.ts";
import { uuidV4 } from "../base/ids.ts";
import * as host from "../host/files.ts";

export interface PatchFiles {
  /** The bytes of a file, following links; null when nothing is there. */
  read(path: string): Promise<Uint8Array | null>;
  /**
   * Where `path` really is, with every link followed. Of a path that does not exist: the real place of its nearest
   * folder that does, and the rest as it is.
   */
  resolve(path: string): Promise<string>;
  /** Replaces or makes the file in one step. Its folder exists. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Removes a file or a link. */
  remove(path: string): Promise<void>;
  /** Makes the folder and its parents; returns those that were made, outermost first. */
  makeFolders(path: string): Promise<readonly string[]>;
  removeEmptyFolder(path: string): Promise<void>;
}

export const hostPatchFiles: PatchFiles = {
  async read(path): Promise<Uint8Array | null> {
    return await host.findStat(path) === null ? null : await host.readBytes(path);
  },

  async resolve(path): Promise<string> {
    let existing = path;
    let rest = "";
    while (true) {
      const real = await host.findRealPath(existing);
      if (real !== null) return rest === "" ? real : joinPath(real, rest);
      // A dangling link points somewhere that a write would make: that place counts.
      const link = await host.findLinkTarget(existing);
      if (link !== null) {
        existing = joinPath(parentPath(existing), link);
        continue;
      }
      if (existing === parentPath(existing)) return path;
      rest = rest === "" ? baseName(existing) : joinPath(baseName(existing), rest);
      existing = parentPath(existing);
    }
  },

  async replace(path, bytes): Promise<void> {
    const mode = (await host.findStat(path))?.mode ?? null;
    const fresh = joinPath(parentPath(path), `.${baseName(path).slice(0, 100)}.${uuidV4().slice(0, 8)}.tmp`);
    try {
      // Without a mode the process's umask decides; Deno sets an explicit one whatever the umask says.
      await host.writeBytes(fresh, bytes, { createNew: true });
      if (mode !== null) await host.setMode(fresh, mode & 0o7777);
      await host.moveFile(fresh, path);
    } catch (error) {
      await host.removeTree(fresh);
      throw error;
    }
  },

  remove: host.removeFile,

  async makeFolders(path): Promise<readonly string[]> {
    const missing: string[] = [];
    for (let folder = path; await host.findStat(folder) === null; folder = parentPath(folder)) missing.unshift(folder);
    await host.makeFolder(path);
    return missing;
  },

  removeEmptyFolder: host.removeEmptyFolder,
};
