/**
 * Pure posix path functions: no I/O, no current directory, no symbolic links.
 * The wire carries absolute posix paths, so every room above base uses these
 * instead of node:path. Behaviour follows POSIX pathname resolution without
 * the file system: `..` removes the segment before it, `/..` is `/`.
 */

/** True when `path` starts at the root. */
export function isAbsolutePath(path: string): boolean {
  return path.startsWith("/");
}

/**
 * The shortest equal spelling of `path`: no empty or `.` segments, `..`
 * applied, no trailing slash (except the root itself). An empty path is `.`.
 */
export function normalizePath(path: string): string {
  const absolute = isAbsolutePath(path);
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!absolute) kept.push("..");
  }
  const joined = kept.join("/");
  if (absolute) return `/${joined}`;
  return joined === "" ? "." : joined;
}

/**
 * `base` followed by `parts`, normalised. An absolute part starts over, so
 * `joinPath(cwd, userPath)` resolves a path that a user or a model gave.
 */
export function joinPath(base: string, ...parts: string[]): string {
  let path = base;
  for (const part of parts) {
    if (part === "") continue;
    path = isAbsolutePath(part) ? part : `${path}/${part}`;
  }
  return normalizePath(path);
}

/** The folder that holds `path`; the root is its own parent, a bare name's parent is `.`. */
export function parentPath(path: string): string {
  const normal = normalizePath(path);
  const slash = normal.lastIndexOf("/");
  if (slash === -1) return normal === ".." || normal === "." ? joinPath(normal, "..") : ".";
  if (normal.endsWith("/..") && !isAbsolutePath(normal)) return `${normal}/..`;
  return slash === 0 ? "/" : normal.slice(0, slash);
}

/** The last segment of `path`; empty for the root. */
export function baseName(path: string): string {
  const normal = normalizePath(path);
  return normal.slice(normal.lastIndexOf("/") + 1);
}

/** True when `path` is `folder` itself or lies below it. Both absolute or both relative. */
export function isInside(path: string, folder: string): boolean {
  const inner = normalizePath(path);
  const outer = normalizePath(folder);
  if (isAbsolutePath(inner) !== isAbsolutePath(outer)) return false;
  if (inner === outer) return true;
  if (outer === ".") return inner !== ".." && !inner.startsWith("../");
  return inner.startsWith(outer === "/" ? "/" : `${outer}/`);
}

/** The way from the folder `from` to `to`, both absolute; `.` when they are equal. */
export function relativePath(from: string, to: string): string {
  const source = normalizePath(from).split("/").filter((segment) => segment !== "");
  const target = normalizePath(to).split("/").filter((segment) => segment !== "");
  let shared = 0;
  while (shared < source.length && shared < target.length && source[shared] === target[shared]) shared++;
  const up = source.slice(shared).map(() => "..");
  return [...up, ...target.slice(shared)].join("/") || ".";
}
