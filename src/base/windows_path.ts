/**
 * Pure Windows path functions: no I/O, no current directory, no links or junctions (whoever decides about rights
 * resolves those first). Absolute is what depends on nothing: `C:\a` and `\\server\share\a`; `C:a` and `\a` depend on a
 * current folder and are not. Both slashes separate; names are told apart without regard to case. Paths of the other
 * namespaces (`\\?\`, `\\.\`) are brought into the usual form where they have one.
 */
import type { PathDialect } from "./path_functions.ts";

const DRIVE = /^([A-Za-z]):\\/;
const SHARE = /^\\\\([^\\]+)\\([^\\]+)(?:\\|$)/;

/** One kind of slash, and no `\\?\` in front. */
function plain(path: string): string {
  const slashed = path.replaceAll("/", "\\");
  if (/^\\\\[?.]\\UNC\\/i.test(slashed)) return `\\\\${slashed.slice(8)}`;
  return /^\\\\[?.]\\[A-Za-z]:\\/.test(slashed) ? slashed.slice(4) : slashed;
}

function rootOf(path: string): string {
  const text = plain(path);
  const drive = DRIVE.exec(text)?.[1];
  if (drive !== undefined) return `${drive.toUpperCase()}:\\`;
  const [, server, share] = SHARE.exec(text) ?? [];
  // `\\?\Volume{…}` and `\\.\pipe` have no usual form: to us they are no files.
  if (server === undefined || share === undefined || server === "?" || server === ".") return "";
  return `\\\\${server}\\${share}\\`;
}

function normalize(path: string): string {
  const root = rootOf(path);
  const text = plain(path);
  const rest = root === "" ? text : text.slice(root.startsWith("\\\\") ? root.length - 1 : root.length);
  const kept: string[] = [];
  for (const segment of rest.split("\\")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(withoutTrailingDots(segment));
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (root === "") kept.push("..");
  }
  const joined = kept.join("\\");
  if (root !== "") return joined === "" ? root : root + joined;
  return joined === "" ? "." : joined;
}

/** The system drops dots and spaces at a name's end: `.git.` and `.git ` open `.git`. */
function withoutTrailingDots(segment: string): string {
  return segment.replace(/[. ]+$/, "") || segment;
}

export const windowsPaths: PathDialect = {
  separator: "\\",
  absolutePattern: "^([A-Za-z]:[\\\\/]|[\\\\/]{2}[^\\\\/])",
  isAbsolute: (path) => rootOf(path) !== "",
  normalize,
  rootOf,
  comparable: (path) => path.toUpperCase(),
};
