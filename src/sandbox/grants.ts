// A permission profile (`[permissions.NAME]`) as a plan, and as the policy that clients of the protocol are shown. Pure.
// A plan can say more than a policy: clients that send the shown policy back mean the profile.
import { isInside, joinPath, normalizePath } from "../base/absolute_path.ts";
import type { ReadOnlyAccess, SandboxPolicy } from "../protocol/types/policy.ts";
import { FULL_NETWORK, type NetworkPlan, type NetworkRules, NO_NETWORK, type PlanContext } from "./plan.ts";
import {
  isHarmlessTmpdir,
  meansOf,
  memoriesFolder,
  parentsFirst,
  protectedPaths,
  type SandboxPlan,
  socketPaths,
} from "./plan.ts";

export type FileAccess = "read" | "write" | "none";

export type FileTarget =
  /** Absolute. With `*`, `?` or `[` in it a pattern, which only `none` takes. */
  | { readonly kind: "path"; readonly path: string }
  /** The workspace, or something below it. */
  | { readonly kind: "projectRoots"; readonly below: string | null }
  | { readonly kind: "root" | "minimal" | "tmpdir" };

export interface FileRule {
  readonly target: FileTarget;
  readonly access: FileAccess;
}

export interface ProfileNetwork {
  readonly enabled: boolean;
  /** Null: no rules, so the whole network when enabled. */
  readonly rules: NetworkRules | null;
  readonly unixSockets: "all" | readonly string[];
  readonly loopbackPorts: readonly number[];
}

export interface PermissionProfile {
  readonly name: string;
  readonly files: readonly FileRule[];
  readonly network: ProfileNetwork;
}

export const NO_PROFILE_NETWORK: ProfileNetwork = { enabled: false, rules: null, unixSockets: [], loopbackPorts: [] };

interface Grants {
  readonly everything: boolean;
  readonly platform: boolean;
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly none: readonly string[];
  readonly patterns: readonly string[];
}

const PATTERN = /[*?[]/;

export function isPattern(path: string): boolean {
  return PATTERN.test(path);
}

/** What `profile` means in one folder. */
export function planProfile(profile: PermissionProfile, context: PlanContext): SandboxPlan {
  const grants = grantsOf(profile, context);
  const writable = parentsFirst([...grants.write, ...memoriesOf(grants, context)]);
  // Read inside of what may be written means: read only.
  const readOnly = grants.read.filter((path) => writable.some((root) => root !== path && isInside(path, root)));
  const hidden = parentsFirst(grants.none);
  const isOpened = (path: string): boolean => hidden.some((folder) => folder !== path && isInside(path, folder));
  return {
    readable: {
      everything: grants.everything,
      platform: grants.everything || grants.platform,
      roots: parentsFirst(grants.everything ? grants.read.filter(isOpened) : grants.read),
    },
    writable: writable.filter((path) => !hidden.includes(path)),
    protected: parentsFirst([...protectedPaths(writable, context), ...readOnly]).filter((path) =>
      !hidden.includes(path)
    ),
    hidden,
    hiddenPatterns: parentsFirst(grants.patterns),
    network: networkOf(profile.network, context),
    cwd: normalizePath(context.cwd),
    ...meansOf(context),
  };
}

/** The nearest policy of the protocol. Specified by recorded answers of the reference. */
export function policyOfProfile(profile: PermissionProfile, context: PlanContext): SandboxPolicy {
  const grants = grantsOf(profile, context);
  const networkAccess = profile.network.enabled;
  if (grants.write.includes("/")) {
    return networkAccess ? { type: "dangerFullAccess" } : { type: "externalSandbox", networkAccess: "restricted" };
  }
  const access: ReadOnlyAccess = grants.everything ? { type: "fullAccess" } : {
    type: "restricted",
    includePlatformDefaults: grants.platform,
    readableRoots: [...parentsFirst(grants.read)],
  };
  if (grants.write.length === 0) return { type: "readOnly", access, networkAccess };
  const cwd = normalizePath(context.cwd);
  const tmpdir = context.tmpdir === null ? null : normalizePath(context.tmpdir);
  const known = [cwd, tmpdir, "/tmp"];
  return {
    type: "workspaceWrite",
    writableRoots: [
      ...parentsFirst(grants.write).filter((path) => !known.includes(path)),
      joinPath(context.codexHome, "memories"),
    ],
    readOnlyAccess: access,
    networkAccess,
    excludeTmpdirEnvVar: !profile.files.some(({ target, access }) => target.kind === "tmpdir" && access === "write"),
    excludeSlashTmp: !grants.write.includes("/tmp"),
  };
}

function grantsOf({ files }: PermissionProfile, context: PlanContext): Grants {
  const of = (wanted: FileAccess): string[] =>
    files.filter(({ access }) => access === wanted).flatMap(({ target }) => pathsOf(target, context));
  const has = (kind: FileTarget["kind"], accesses: readonly FileAccess[]): boolean =>
    files.some(({ target, access }) => target.kind === kind && accesses.includes(access));
  const none = of("none");
  const everything = of("read").includes("/") || of("write").includes("/");
  return {
    everything,
    platform: has("minimal", ["read", "write"]),
    read: of("read").filter((path) => path !== "/"),
    write: of("write").filter((path) => !none.includes(path)),
    // The root hidden is what a profile without it says as well.
    none: none.filter((path) => !isPattern(path) && path !== "/"),
    patterns: none.filter(isPattern),
  };
}

function pathsOf(target: FileTarget, context: PlanContext): readonly string[] {
  switch (target.kind) {
    case "path":
      return [normalizePath(target.path)];
    case "projectRoots":
      return [joinPath(context.cwd, target.below ?? "")];
    case "root":
      return ["/"];
    case "minimal":
      return [];
    case "tmpdir":
      return context.tmpdir !== null && isHarmlessTmpdir(context.tmpdir, context)
        ? [normalizePath(context.tmpdir)]
        : [];
  }
}

/** Threads keep notes there; a workspace that may be written to has them too, as under workspace-write. */
function memoriesOf({ write }: Grants, context: PlanContext): readonly string[] {
  const isWorkspaceWritable = write.some((root) => isInside(context.cwd, root));
  return isWorkspaceWritable ? memoriesFolder(context) : [];
}

function networkOf(
  { enabled, rules, unixSockets: named, loopbackPorts }: ProfileNetwork,
  context: PlanContext,
): NetworkPlan {
  const unixSockets = named === "all" ? named : socketPaths(named, context);
  if (!enabled) return { ...NO_NETWORK, unixSockets, loopbackPorts };
  if (rules !== null) return { access: "proxy", rules, unixSockets, loopbackPorts };
  return FULL_NETWORK;
}
