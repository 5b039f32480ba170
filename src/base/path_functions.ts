/**
 * Path functions over one kind of path, posix or Windows. Pure: no I/O, no current directory, no symbolic links.
 */

/** What differs between the kinds of paths. */
export interface PathDialect {
  readonly separator: string;
  /** A regular expression that absolute paths match, for schemas. */
  readonly absolutePattern: string;
  isAbsolute(path: string): boolean;
  /** The shortest equal spelling: no empty or `.` segments, `..` applied, no separator at the end but a root's own. */
  normalize(path: string): string;
  /** `/`, `C:\\`, `\\\\server\\share\\` of an absolute path, else empty. */
  rootOf(path: string): string;
  /** Two normalised paths name the same file when these are equal. */
  comparable(path: string): string;
}

export interface PathFunctions {
  joinPath(base: string, ...parts: string[]): string;
  parentPath(path: string): string;
  baseName(path: string): string;
  isInside(path: string, folder: string): boolean;
  relativePath(from: string, to: string): string;
}

/** What each does is said in absolute_path.ts. */
export function makePathFunctions(dialect: PathDialect): PathFunctions {
  const { separator, isAbsolute, normalize, rootOf, comparable } = dialect;

  function joinPath(base: string, ...parts: string[]): string {
    let path = base;
    for (const part of parts) {
      if (part === "") continue;
      path = isAbsolute(part) ? part : `${path}${separator}${part}`;
    }
    return normalize(path);
  }

  function parentPath(path: string): string {
    const normal = normalize(path);
    const root = rootOf(normal);
    if (root !== "" && normal.length <= root.length) return normal;
    const cut = normal.lastIndexOf(separator);
    if (root === "") {
      if (cut === -1) return normal === ".." || normal === "." ? joinPath(normal, "..") : ".";
      if (normal.endsWith(`${separator}..`)) return `${normal}${separator}..`;
    }
    return cut < root.length ? root : normal.slice(0, cut);
  }

  function baseName(path: string): string {
    const normal = normalize(path);
    return normal.slice(Math.max(rootOf(normal).length, normal.lastIndexOf(separator) + 1));
  }

  function isInside(path: string, folder: string): boolean {
    const inner = comparable(normalize(path));
    const outer = comparable(normalize(folder));
    if (isAbsolute(inner) !== isAbsolute(outer)) return false;
    if (inner === outer) return true;
    if (outer === ".") return inner !== ".." && !inner.startsWith(`..${separator}`);
    return inner.startsWith(outer.endsWith(separator) ? outer : `${outer}${separator}`);
  }

  function segmentsOf(path: string): readonly string[] {
    return path.slice(rootOf(path).length).split(separator).filter((segment) => segment !== "");
  }

  function relativePath(from: string, to: string): string {
    const [start, end] = [normalize(from), normalize(to)];
    if (comparable(rootOf(start)) !== comparable(rootOf(end))) return end;
    const [source, target] = [segmentsOf(start), segmentsOf(end)];
    let shared = 0;
    while (
      shared < source.length && shared < target.length &&
      comparable(source[shared] ?? "") === comparable(target[shared] ?? "")
    ) shared++;
    const up = source.slice(shared).map(() => "..");
    return [...up, ...target.slice(shared)].join(separator) || ".";
  }

  return { joinPath, parentPath, baseName, isInside, relativePath };
}
