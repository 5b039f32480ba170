// The sandbox plan: what a command may touch, as plain data. Made by a pure function from policy, cwd and
// environment; carried out by one small launcher per platform. Specified by sandbox_profiles/README.md.
import { isAbsolutePath, isInside, joinPath, normalizePath } from "../base/absolute_path.ts";
import type { ReadOnlyAccess, SandboxPolicy } from "../protocol/types/policy.ts";

export interface SandboxPlan {
  /** `full`: everything is readable. Otherwise only these roots and the platform's own. */
  readonly readable: "full" | readonly string[];
  /** Absolute, parents first. The launcher resolves links and drops what does not exist. */
  readonly writable: readonly string[];
  /** Read-only even under a writable root; may not exist yet. A writable root at or below one of them wins. */
  readonly protected: readonly string[];
  readonly network: "none" | "full";
  readonly cwd: string;
}

export interface PlanContext {
  readonly cwd: string;
  /** `$TMPDIR`, or null when unset. */
  readonly tmpdir: string | null;
  readonly codexHome: string;
  /** The person's home folder, or null. */
  readonly home: string | null;
}

/** Names that instruct agents or git hooks: never writable under a writable root. */
const PROTECTED_NAMES = [".git", ".codex", ".agents"] as const;

/**
 * What `policy` means in one folder. Null: the policy asks for no sandbox of ours (full access, or a sandbox that
 * somebody else made around us).
 */
export function planSandbox(policy: SandboxPolicy, context: PlanContext): SandboxPlan | null {
  switch (policy.type) {
    case "dangerFullAccess":
    case "externalSandbox":
      return null;
    case "readOnly":
      return {
        readable: readableRoots(policy.access),
        writable: [],
        protected: [],
        network: policy.networkAccess === true ? "full" : "none",
        cwd: normalizePath(context.cwd),
      };
    case "workspaceWrite": {
      const writable = writableRoots(policy, context);
      return {
        readable: readableRoots(policy.readOnlyAccess),
        writable,
        protected: protectedPaths(writable, context.codexHome),
        network: policy.networkAccess === true ? "full" : "none",
        cwd: normalizePath(context.cwd),
      };
    }
    default:
      return unreachable(policy);
  }
}

function readableRoots(access: ReadOnlyAccess | undefined): "full" | readonly string[] {
  if (access === undefined || access.type === "fullAccess") return "full";
  return parentsFirst((access.readableRoots ?? []).filter(isAbsolutePath));
}

function writableRoots(
  policy: Extract<SandboxPolicy, { type: "workspaceWrite" }>,
  context: PlanContext,
): readonly string[] {
  const roots = [context.cwd, ...(policy.writableRoots ?? []), joinPath(context.codexHome, "memories")];
  if (policy.excludeSlashTmp !== true) roots.push("/tmp");
  if (policy.excludeTmpdirEnvVar !== true && context.tmpdir !== null && isHarmlessTmpdir(context.tmpdir, context)) {
    roots.push(context.tmpdir);
  }
  return parentsFirst(roots.filter(isAbsolutePath));
}

/** `TMPDIR=/` or `TMPDIR=$HOME` must not open the disk or the home folder: an environment variable is no grant. */
function isHarmlessTmpdir(tmpdir: string, context: PlanContext): boolean {
  if (!isAbsolutePath(tmpdir) || normalizePath(tmpdir) === "/") return false;
  return context.home === null || !isAbsolutePath(context.home) || !isInside(context.home, tmpdir);
}

function protectedPaths(writable: readonly string[], codexHome: string): readonly string[] {
  const paths = writable.flatMap((root) => PROTECTED_NAMES.map((name) => joinPath(root, name)));
  // The home of settings, credentials and rules is no workspace, wherever it lies.
  if (isAbsolutePath(codexHome) && writable.some((root) => isInside(codexHome, root))) paths.push(codexHome);
  return parentsFirst(paths.filter((path) => !writable.includes(path)));
}

/** Normalised, each once; a folder before what is in it. */
function parentsFirst(paths: readonly string[]): readonly string[] {
  // Plain string order does it: a prefix sorts before what it begins.
  return [...new Set(paths.map(normalizePath))].sort();
}

function unreachable(policy: never): never {
  throw new TypeError(`Cannot plan a sandbox: unknown policy ${JSON.stringify(policy)}`);
}
