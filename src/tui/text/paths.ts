// Paths as people read them: relative to the session's folder, or from the home folder.
import { isInside, relativePath } from "../../base/absolute_path.ts";

export function shortPath(path: string, folder: string | null): string {
  if (folder === null || !path.startsWith("/") || !folder.startsWith("/")) return path;
  return isInside(path, folder) ? relativePath(folder, path) || "." : path;
}

export function homePath(path: string, home: string | null): string {
  if (home === null || home === "/" || !path.startsWith(home)) return path;
  const rest = path.slice(home.length);
  return rest === "" ? "~" : rest.startsWith("/") ? `~${rest}` : path;
}
