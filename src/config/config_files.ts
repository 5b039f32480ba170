// Configuration files read from disk, kept while they stay the same: `config/read` is asked often.
import { CodexError, messageOf } from "../base/errors.ts";
import { isAbsolutePath, joinPath, parentPath } from "../base/absolute_path.ts";
import { findStat, findText } from "../host/files.ts";
import { ROOT } from "./keys.ts";
import type { ConfigTable } from "./loaded_config.ts";
import { versionOf } from "./merge.ts";
import { parseTomlFile } from "./toml.ts";
import { mapPaths } from "./value_type.ts";

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  /** Paths in it are absolute. */
  readonly table: ConfigTable;
  readonly version: string;
}

/** A file that changed this shortly before it was read may change again with the same time and size. */
const SETTLED_MS = 2000;
/** Files remembered; the oldest goes first. */
const MAX_FILES = 128;

interface Remembered {
  readonly file: ConfigFile | CodexError;
  readonly modifiedMs: number;
  readonly size: number;
  readonly settled: boolean;
}

export class ConfigFiles {
  readonly #remembered = new Map<string, Remembered>();
  readonly #home: string | null;

  /** `home` is what `~` means. */
  constructor(home: string | null) {
    this.#home = home;
  }

  /**
   * The file, or null when there is none. An unchanged file is the same object as before.
   * @throws ConfigError when it is not TOML; CodexError CONFIG_UNREADABLE when it cannot be read.
   */
  async find(path: string): Promise<ConfigFile | null> {
    let stat;
    let text: string | null = null;
    const known = this.#remembered.get(path);
    try {
      stat = await findStat(path);
      if (stat === null) {
        this.#remembered.delete(path);
        return null;
      }
      if (known?.settled && known.modifiedMs === stat.modifiedMs && known.size === stat.size) return result(known);
      text = await findText(path);
    } catch (error) {
      throw new CodexError("CONFIG_UNREADABLE", `Cannot read "${path}": ${messageOf(error)}`, {
        cause: error,
        hint: "Make the file readable, or move it away.",
      });
    }
    if (text === null) return null;
    const same = known !== undefined && !(known.file instanceof CodexError) && known.file.text === text;
    const remembered: Remembered = {
      file: same ? known.file : await this.#parse(path, text),
      modifiedMs: stat.modifiedMs,
      size: stat.size,
      settled: stat.modifiedMs < Date.now() - SETTLED_MS,
    };
    this.#remembered.delete(path);
    this.#remembered.set(path, remembered);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= MAX_FILES) break;
      this.#remembered.delete(oldest);
    }
    return result(remembered);
  }

  async #parse(path: string, text: string): Promise<ConfigFile | CodexError> {
    try {
      const table = resolvePaths(parseTomlFile(path, text), parentPath(path), this.#home);
      return { path, text, table, version: await versionOf(table) };
    } catch (error) {
      if (error instanceof CodexError) return error;
      throw error;
    }
  }
}

function result({ file }: Remembered): ConfigFile {
  if (file instanceof CodexError) throw file;
  return file;
}

/** Relative paths are meant from `base`. */
export function resolvePaths(table: ConfigTable, base: string, home: string | null): ConfigTable {
  const resolve = (path: string): string => {
    if (path === "") return path;
    if (home !== null && (path === "~" || path.startsWith("~/"))) return joinPath(home, path.slice(2));
    return isAbsolutePath(path) ? path : joinPath(base, path);
  };
  // A table stays a table.
  return mapPaths(ROOT, table, resolve) as ConfigTable;
}
