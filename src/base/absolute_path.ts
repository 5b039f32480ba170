/**
 * Path functions of this machine's kind, posix or Windows. Pure: no I/O, no current directory, no symbolic links.
 * Every room above base uses these instead of node:path. On a machine of one kind the other kind's spelling is an
 * ordinary (relative) name.
 */
import { makePathFunctions, type PathDialect, type PathFunctions } from "./path_functions.ts";
import { posixPaths } from "./posix_path.ts";
import { windowsPaths } from "./windows_path.ts";

/** Fixed before anything runs, and asked of the web's own API, because base knows no runtime. */
const here: PathDialect = globalThis.navigator?.platform?.startsWith("Win") === true ? windowsPaths : posixPaths;
const functions: PathFunctions = makePathFunctions(here);

/** This machine's paths are those of Windows. */
export const HAS_WINDOWS_PATHS: boolean = here === windowsPaths;

/** A regular expression that absolute paths of this machine match, for schemas. */
export const ABSOLUTE_PATH_PATTERN: string = here.absolutePattern;

/** True when `path` starts at a root. */
export function isAbsolutePath(path: string): boolean {
  return here.isAbsolute(path);
}

/**
 * The shortest equal spelling of `path`: no empty or `.` segments, `..`
 * applied, no trailing slash (except the root itself). An empty path is `.`.
 */
export function normalizePath(path: string): string {
  return here.normalize(path);
}

/**
 * `base` followed by `parts`, normalised. An absolute part starts over, so
 * `joinPath(cwd, userPath)` resolves a path that a user or a model gave.
 */
export function joinPath(base: string, ...parts: string[]): string {
  return functions.joinPath(base, ...parts);
}

/** The folder that holds `path`; the root is its own parent, a bare name's parent is `.`. */
export function parentPath(path: string): string {
  return functions.parentPath(path);
}

/** The last segment of `path`; empty for the root. */
export function baseName(path: string): string {
  return functions.baseName(path);
}

/** True when `path` is `folder` itself or lies below it. Both absolute or both relative. */
export function isInside(path: string, folder: string): boolean {
  return functions.isInside(path, folder);
}

/**
 * The way from the folder `from` to `to`, both absolute; `.` when they are equal. Where no way leads (another drive) it
 * is `to`.
 */
export function relativePath(from: string, to: string): string {
  return functions.relativePath(from, to);
}
