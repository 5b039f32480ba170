/**
 * Pure posix path functions: no I/O, no current directory, no symbolic links. Behaviour follows POSIX pathname
 * resolution without the file system: `..` removes the segment before it, `/..` is `/`.
 */
import type { PathDialect } from "./path_functions.ts";

function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

function normalize(path: string): string {
  const absolute = isAbsolute(path);
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

export const posixPaths: PathDialect = {
  separator: "/",
  absolutePattern: "^/",
  isAbsolute,
  normalize,
  rootOf: (path) => (isAbsolute(path) ? "/" : ""),
  comparable: (path) => path,
};
