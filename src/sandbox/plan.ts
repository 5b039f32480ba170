// The sandbox plan: what a command may touch, as plain data. Made by a pure function from policy, cwd and
// environment; carried out by one small launcher per platform. Specified by sandbox_profiles/README.md.
import { baseName, isAbsolutePath, isInside, joinPath, normalizePath, parentPath } from "../base/absolute_path.ts";
import type { ReadOnlyAccess, SandboxMode, SandboxPolicy } from "../protocol/types/policy.ts";

/**
 * Paths are absolute, normalised, each once, parents first. The launcher resolves links and drops what does not exist.
 * Where several lists name paths inside each other the deepest path decides; at one path the order is hidden, writable,
 * protected, readable.
 */
export interface SandboxPlan {
  readonly readable: ReadableFiles;
  readonly writable: readonly string[];
  /** Read-only even under a writable root; may not exist yet. */
  readonly protected: readonly string[];
  /** Neither read nor written, with all below. */
  readonly hidden: readonly string[];
  /** Absolute patterns (`/ws/**\/*.env`): files and folders that are hidden wherever they match. */
  readonly hiddenPatterns: readonly string[];
  readonly network: NetworkPlan;
  readonly cwd: string;
  /** Linux: to be carried out by Landlock instead of bubblewrap, or not at all. */
  readonly legacyLandlock?: true;
}

export interface ReadableFiles {
  /** The whole disk, less what is hidden. */
  readonly everything: boolean;
  /** What programs of the platform need to start (`:minimal`): system programs and libraries. */
  readonly platform: boolean;
  /** These too; below a hidden folder they open a part of it. */
  readonly roots: readonly string[];
}

/** `proxy`: the network only through our own proxies, to the hosts that the rules allow. */
export type NetworkPlan =
  & {
    /** Named sockets of the host that may be connected to ("all": any). Without a network there are none by default. */
    readonly unixSockets: "all" | readonly string[];
    /** Ports of the host's loopback address that may be connected to. */
    readonly loopbackPorts: readonly number[];
  }
  & ({ readonly access: "none" | "full" } | { readonly access: "proxy"; readonly rules: NetworkRules });

export interface NetworkRules {
  /** `limited`: only methods that read (GET, HEAD, OPTIONS), so no CONNECT tunnels to plain bytes. */
  readonly mode: "limited" | "full";
  /** `example.com`, `*.example.com` (below it), `**.example.com` (it and below), each with an optional `:port`. */
  readonly domains: readonly { readonly pattern: string; readonly access: "allow" | "deny" }[];
  /** Where our HTTP proxy listens: `http://127.0.0.1:3128`. Null: a free port. */
  readonly httpListen: string | null;
  /** The same for SOCKS5, `socks5://127.0.0.1:1080`; "off": none. */
  readonly socksListen: string | null;
  /** Hand requests to the proxy that our own environment names. */
  readonly useUpstreamProxy: boolean;
  /** Private, loopback and link-local addresses too, where a rule allows the host. */
  readonly allowLocalBinding: boolean;
  /** Our proxies may listen on an address that other machines reach. */
  readonly allowNonLoopbackListen: boolean;
}

export const NO_NETWORK: NetworkPlan = { access: "none", unixSockets: [], loopbackPorts: [] };
export const FULL_NETWORK: NetworkPlan = { access: "full", unixSockets: "all", loopbackPorts: [] };
const READ_EVERYTHING: ReadableFiles = { everything: true, platform: true, roots: [] };

export interface PlanContext {
  readonly cwd: string;
  /** `$TMPDIR`, or null when unset. */
  readonly tmpdir: string | null;
  readonly codexHome: string;
  /** The person's home folder, or null. */
  readonly home: string | null;
  /** What `[sandbox_workspace_write]` says beyond a policy. Default: nothing more is open. */
  readonly extras?: WorkspaceExtras;
  /** What `$NAME` means in a list of sockets. Default: nothing. */
  readonly variables?: Readonly<Record<string, string>>;
  /** `features.use_legacy_landlock`. Default false. */
  readonly legacyLandlock?: boolean;
}

/** Ours only: the protocol's policies have no room for them. They count for workspace-write. */
export interface WorkspaceExtras {
  /** `.git` of each root may be written to, but for hooks and settings. */
  readonly allowGitWrites: boolean;
  readonly unixSockets: readonly string[];
  readonly loopbackPorts: readonly number[];
}

/** Names that instruct agents or git hooks: never writable under a writable root. */
const PROTECTED_NAMES = [".git", ".codex", ".agents"] as const;
/**
 * What git runs or is steered by, and the folders of other worktrees and of submodules, which have such files of their
 * own: stays as it is also where commits are allowed. With a `commondir` all of it would be read from somewhere else.
 */
export const PROTECTED_IN_GIT = [
  ...["commondir", "config", "config.worktree", "hooks", "modules", "worktrees"],
] as const;

/** The policy that a mode of `config.toml` or of a flag stands for. */
export function modePolicy(mode: SandboxMode, settings: WorkspaceSettings): SandboxPolicy {
  switch (mode) {
    case "danger-full-access":
      return { type: "dangerFullAccess" };
    case "read-only":
      return { type: "readOnly" };
    case "workspace-write":
      return {
        type: "workspaceWrite",
        writableRoots: [...settings.writableRoots],
        networkAccess: settings.networkAccess,
        excludeTmpdirEnvVar: settings.excludeTmpdirEnvVar,
        excludeSlashTmp: settings.excludeSlashTmp,
      };
  }
}

export interface WorkspaceSettings {
  readonly writableRoots: readonly string[];
  readonly networkAccess: boolean;
  readonly excludeTmpdirEnvVar: boolean;
  readonly excludeSlashTmp: boolean;
}

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
        readable: readableFiles(policy.access),
        writable: [],
        protected: [],
        hidden: [],
        hiddenPatterns: [],
        network: policy.networkAccess === true ? FULL_NETWORK : NO_NETWORK,
        cwd: normalizePath(context.cwd),
        ...meansOf(context),
      };
    case "workspaceWrite": {
      const roots = writableRoots(policy, context);
      const writable = context.extras?.allowGitWrites ? parentsFirst(roots.flatMap(withGit)) : roots;
      return {
        readable: readableFiles(policy.readOnlyAccess),
        writable,
        protected: protectedPaths(writable, context),
        hidden: [],
        hiddenPatterns: [],
        network: workspaceNetwork(policy.networkAccess === true, context),
        cwd: normalizePath(context.cwd),
        ...meansOf(context),
      };
    }
    default:
      return unreachable(policy);
  }
}

/** What of a plan is about how it is carried out. */
export function meansOf({ legacyLandlock }: PlanContext): Pick<SandboxPlan, "legacyLandlock"> {
  return legacyLandlock === true ? { legacyLandlock } : {};
}

function readableFiles(access: ReadOnlyAccess | undefined): ReadableFiles {
  if (access === undefined || access.type === "fullAccess") return READ_EVERYTHING;
  return {
    everything: false,
    platform: access.includePlatformDefaults !== false,
    roots: parentsFirst((access.readableRoots ?? []).filter(isAbsolutePath)),
  };
}

function writableRoots(
  policy: Extract<SandboxPolicy, { type: "workspaceWrite" }>,
  context: PlanContext,
): readonly string[] {
  const roots = [context.cwd, ...(policy.writableRoots ?? []), ...memoriesFolder(context)];
  if (policy.excludeSlashTmp !== true) roots.push("/tmp");
  if (policy.excludeTmpdirEnvVar !== true && context.tmpdir !== null && isHarmlessTmpdir(context.tmpdir, context)) {
    roots.push(context.tmpdir);
  }
  return parentsFirst(roots.filter(isAbsolutePath));
}

/** Where threads keep notes. Landlock could not protect the names in it. */
export function memoriesFolder({ codexHome, legacyLandlock }: PlanContext): readonly string[] {
  return legacyLandlock === true || !isAbsolutePath(codexHome) ? [] : [joinPath(codexHome, "memories")];
}

function withGit(root: string): readonly string[] {
  return baseName(root) === ".git" ? [root] : [root, joinPath(root, ".git")];
}

function workspaceNetwork(isOpen: boolean, context: PlanContext): NetworkPlan {
  if (isOpen) return FULL_NETWORK;
  const { unixSockets = [], loopbackPorts = [] } = context.extras ?? {};
  return { ...NO_NETWORK, unixSockets: socketPaths(unixSockets, context), loopbackPorts };
}

/** A variable that is not set, or is no absolute path, names no socket: there is no agent today. */
export function socketPaths(list: readonly string[], { variables }: PlanContext): readonly string[] {
  const paths = list.map((entry) => entry.startsWith("$") ? variables?.[entry.slice(1)] ?? "" : entry);
  return paths.filter(isAbsolutePath);
}

/** `TMPDIR=/` or `TMPDIR=$HOME` must not open the disk or the home folder: an environment variable is no grant. */
export function isHarmlessTmpdir(tmpdir: string, context: PlanContext): boolean {
  if (!isAbsolutePath(tmpdir) || parentPath(tmpdir) === normalizePath(tmpdir)) return false;
  return context.home === null || !isAbsolutePath(context.home) || !isInside(context.home, tmpdir);
}

/** What stays read-only under `writable`, whoever may write there. */
export function protectedPaths(writable: readonly string[], context: PlanContext): readonly string[] {
  const { codexHome } = context;
  const opened = context.extras?.allowGitWrites ? writable.filter((root) => baseName(root) === ".git") : [];
  const names: readonly string[] = PROTECTED_NAMES;
  // Access rules cannot keep parts of a root: whoever names `.git` there, which may not exist yet, gets all of it.
  const whole = context.legacyLandlock === true ? writable.filter((root) => names.includes(baseName(root))) : [];
  const paths = [
    ...writable.filter((root) => !opened.includes(root) && !whole.includes(root)).flatMap((root) =>
      below(root, PROTECTED_NAMES)
    ),
    ...opened.flatMap((root) => below(root, PROTECTED_IN_GIT)),
  ];
  // The home of settings, credentials and rules is no workspace, wherever it lies.
  if (isAbsolutePath(codexHome) && writable.some((root) => isInside(codexHome, root))) paths.push(codexHome);
  return parentsFirst(paths.filter((path) => !writable.includes(path)));
}

function below(root: string, names: readonly string[]): readonly string[] {
  return names.map((name) => joinPath(root, name));
}

/** Normalised, each once; a folder before what is in it. */
export function parentsFirst(paths: readonly string[]): readonly string[] {
  // Plain string order does it: a prefix sorts before what it begins.
  return [...new Set(paths.map(normalizePath))].sort();
}

function unreachable(policy: never): never {
  throw new TypeError(`Cannot plan a sandbox: unknown policy ${JSON.stringify(policy)}`);
}
