// What a plan says of one path. Pure: links are not followed. The deepest path decides; at one path hidden wins over
// writable, writable over protected, protected over readable.
import { isAbsolutePath, isInside, normalizePath } from "../base/absolute_path.ts";
import { parsePathPattern } from "./path_pattern.ts";
import type { SandboxPlan } from "./plan.ts";

export type PathAccess =
  | { readonly kind: "write" }
  /** `protectedBy`: the protected path that it is in, which lies in a writable root. */
  | { readonly kind: "read"; readonly protectedBy: string | null }
  /** `hiddenBy`: the path or pattern that hides it; null: nothing opens it. */
  | { readonly kind: "none"; readonly hiddenBy: string | null };

/** Where a system keeps its programs, and kernel interfaces that every sandbox has of its own. */
const PLATFORM = [
  ...["/bin", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/opt", "/sbin", "/usr"],
  ...["/dev", "/proc", "/sys", "/System", "/Library"],
];

/** `path` is absolute. */
export function accessInPlan(plan: SandboxPlan, path: string): PathAccess {
  if (!isAbsolutePath(path)) return { kind: "none", hiddenBy: null };
  const at = normalizePath(path);
  const pattern = plan.hiddenPatterns.find((text) => isHiddenBy(text, at));
  if (pattern !== undefined) return { kind: "none", hiddenBy: pattern };
  const readable = [
    ...(plan.readable.everything ? ["/"] : []),
    ...(plan.readable.platform ? PLATFORM : []),
    ...plan.readable.roots,
  ];
  const found = {
    hidden: deepest(plan.hidden, at),
    write: deepest(plan.writable, at),
    read: deepest(readable, at),
  };
  const depth = Math.max(...Object.values(found).map((folder) => folder?.length ?? -1));
  if (depth < 0) return { kind: "none", hiddenBy: null };
  if (found.hidden?.length === depth) return { kind: "none", hiddenBy: found.hidden };
  if (found.write?.length !== depth) return { kind: "read", protectedBy: null };
  // To protect takes away from what may be written, and shows nothing.
  const protectedBy = deepest(plan.protected, at);
  return protectedBy !== null && protectedBy.length > depth ? { kind: "read", protectedBy } : { kind: "write" };
}

function deepest(folders: readonly string[], path: string): string | null {
  const around = folders.filter((folder) => isInside(path, folder));
  return around.reduce<string | null>((best, folder) => folder.length > (best?.length ?? -1) ? folder : best, null);
}

/** The path, or a folder that it is in. */
function isHiddenBy(pattern: string, path: string): boolean {
  const { matches } = parsePathPattern(pattern);
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (matches(path.slice(0, end))) return true;
  }
  return false;
}
