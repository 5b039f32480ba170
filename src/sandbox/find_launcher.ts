// Chooses the sandbox of this machine. A platform without one is an error that says so: there is no weaker way to run.
import { isInside, joinPath, parentPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { findLinkStat, findRealPath, findText } from "../host/files.ts";
import type { Dialer } from "../host/dial.ts";
import type { Platform } from "../host/platform.ts";
import type { Launcher, LauncherFinder, PreparedLaunch } from "./launcher.ts";
import { createBwrapFinder } from "./linux/find_bwrap.ts";
import { findProgram, type ProgramSearch } from "./linux/find_program.ts";
import { isWsl1, wsl1Unsupported } from "./linux/kernel_limits.ts";
import { createBwrapLauncher } from "./linux/launch.ts";
import { createMountPoints } from "./linux/mount_points.ts";
import { needsOwnNetwork, refuseSocketLists, socketListOf } from "./linux/own_network.ts";
import { createSeatbeltFinder } from "./macos/find_seatbelt.ts";
import type { SandboxPlan } from "./plan.ts";
import type { WindowsSettings } from "./windows/settings.ts";

export interface LauncherFinderOptions {
  readonly platform: Platform;
  /** PATH is read from it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Unix milliseconds, for what is told of the network. Default: the system's clock. */
  readonly nowMs?: () => number;
  /** How names are looked up and addresses connected to for proxied commands. Default: the system's. */
  readonly dialer?: Dialer;
  /** Our home folder: what was tried is remembered there, and a helper laid down. Left out or null: neither. */
  readonly home?: string | null;
  /** The text of /proc/version; read when left out. */
  readonly procVersion?: string;
  /** macOS: marks what is refused in the system's log, for `followDenials`. */
  readonly logTag?: string;
  /** Windows: what `[windows]` of config.toml says. Default: unelevated, with a desktop of its own. */
  readonly windows?: () => Promise<WindowsSettings>;
}

/** One per process: it keeps what it found, and the mount points of all its sandboxes. */
export function createLauncherFinder(options: LauncherFinderOptions): LauncherFinder {
  if (options.platform.os === "macos") return findSeatbelt(options);
  if (options.platform.os === "windows") return windowsFinder(options);
  const bwraps = createBwrapFinder({ home: options.home ?? null, uid: options.platform.uid });
  const launchers = new Map<string, Launcher>();
  const mountPoints = createMountPoints();
  let version: Promise<string | null> | null = null;
  let landlock: Launcher | null = null;
  let withSockets: ((inner: Launcher) => Launcher) | null = null;

  return {
    async find(plan): Promise<Launcher> {
      version ??= Promise.resolve(options.procVersion ?? findText("/proc/version"));
      if (isWsl1(await version ?? "")) throw wsl1Unsupported();
      if (plan.legacyLandlock === true) return landlock ??= await findLandlock(options.platform);
      refuseSocketLists(plan.network);
      refuseNul(plan);
      const search: ProgramSearch = {
        searchPath: options.environment["PATH"] ?? "",
        excludedRoots: await untrustedRoots(plan),
      };
      const [{ path: bwrap, proc }, setsid] = await Promise.all([bwraps.find(search), findProgram("setsid", search)]);
      const hasOwnNetwork = needsOwnNetwork(plan.network);
      const key = JSON.stringify([bwrap, proc, setsid, hasOwnNetwork]);
      const launcher = launchers.get(key) ?? createBwrapLauncher({
        bwrap,
        proc,
        setsid,
        architecture: options.platform.arch,
        uid: options.platform.uid,
        mountPoints,
        hasOwnNetwork,
      });
      launchers.set(key, launcher);
      const networked = hasOwnNetwork ? await withOwnNetwork(launcher, { bwrap, search, options }) : launcher;
      if (socketListOf(plan.network) === null) return networked;
      return (withSockets ??= await findSocketLaunchers(options.platform))(networked);
    },
  };
}

async function withOwnNetwork(
  inner: Launcher,
  { bwrap, search, options }: {
    readonly bwrap: string;
    readonly search: ProgramSearch;
    readonly options: LauncherFinderOptions;
  },
): Promise<Launcher> {
  const { createProxiedLauncher } = await import("./linux/launch_proxied.ts");
  const nsenter = await findProgram("nsenter", search);
  return createProxiedLauncher({
    bwrap,
    nsenter,
    inner,
    environment: options.environment,
    nowMs: options.nowMs ?? Date.now,
    ...(options.dialer === undefined ? {} : { dialer: options.dialer }),
  });
}

async function findSocketLaunchers({ arch, uid }: Platform): Promise<(inner: Launcher) => Launcher> {
  const { createSocketLaunchers } = await import("./linux/launch_with_sockets.ts");
  return createSocketLaunchers({ architecture: arch, uid });
}

async function findLandlock({ arch, uid }: Platform): Promise<Launcher> {
  const { createLandlockLauncher } = await import("./linux/landlock_launch.ts");
  return createLandlockLauncher({ architecture: arch, uid });
}

function findSeatbelt({ environment, nowMs = Date.now, dialer, logTag }: LauncherFinderOptions): LauncherFinder {
  const more = dialer === undefined ? {} : { dialer };
  return createSeatbeltFinder({
    startProxies: async (network, env) => {
      const { startLoopbackProxies } = await import("./macos/loopback_proxies.ts");
      return await startLoopbackProxies(network.rules, { env, environment, nowMs, ...more });
    },
    ...(logTag === undefined ? {} : { logTag }),
  });
}

function windowsFinder({ environment, home, windows }: LauncherFinderOptions): LauncherFinder {
  return {
    async prepareBare(command): Promise<PreparedLaunch> {
      const { prepareBareWindows } = await import("./windows/find_launcher.ts");
      return await prepareBareWindows(command, home ?? null);
    },
    async find(): Promise<Launcher> {
      const { findWindowsLauncher } = await import("./windows/find_launcher.ts");
      return await findWindowsLauncher({
        environment,
        home: home ?? null,
        ...(windows === undefined ? {} : { windows: await windows() }),
      });
    },
  };
}

/** No path has one, and the C library would read the path up to it. */
function refuseNul(plan: SandboxPlan): void {
  const paths = [...plan.writable, ...plan.protected, ...plan.hidden, ...plan.hiddenPatterns, ...plan.readable.roots];
  const found = paths.find((path) => path.includes("\0"));
  if (found === undefined) return;
  throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot use the path ${JSON.stringify(found)}: it has a NUL in it`, {
    hint: "Take it out of the list of folders in config.toml, or of the request",
  });
}

/** Where a workspace could have put programs of its own: its folders, the project around it, all writable roots. */
async function untrustedRoots(plan: SandboxPlan): Promise<readonly string[]> {
  const named = [plan.cwd, ...plan.writable];
  const project = await projectRoot(plan.cwd);
  if (project !== null) named.push(project);
  const resolved = await Promise.all(named.map((path) => findRealPath(path)));
  const roots = [...named, ...resolved.filter((path) => path !== null)];
  // Somebody who works in `/` or `/usr` still has a system.
  return [...new Set(roots)].filter((root) => !isInside("/usr/bin", root));
}

async function projectRoot(cwd: string): Promise<string | null> {
  for (let folder = cwd;; folder = parentPath(folder)) {
    if (await findLinkStat(joinPath(folder, ".git")) !== null) return folder;
    if (folder === parentPath(folder)) return null;
  }
}
