// The command line of bubblewrap for a resolved plan. Pure. The order matters: later mounts lie on earlier ones.
// Specified by sandbox_profiles/README.md; checked by the escape tests in tests/sandbox.
import { isInside } from "../../base/absolute_path.ts";
import type { Mount, ResolvedPlan } from "../protected_paths.ts";

export interface BwrapOptions {
  /** bwrap's own path. */
  readonly bwrap: string;
  readonly seccompFd: number;
  readonly statusFd: number;
  /** A program that starts the command as the leader of a session with its terminal; null for none. */
  readonly terminalLeader: readonly string[] | null;
  readonly command: readonly string[];
}

/** What programs of a usual Linux system need to start, for plans that do not read everything. */
const PLATFORM_FOLDERS = ["/bin", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/opt", "/sbin", "/usr"];

/** Parts of /proc that root may write to although they belong to the whole machine. */
const MACHINE_WIDE_PROC = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/bus",
  "/proc/driver",
  "/proc/fs",
  "/proc/irq",
  "/proc/latency_stats",
  "/proc/mtrr",
  "/proc/scsi",
  "/proc/sys",
  "/proc/sysrq-trigger",
  "/proc/timer_stats",
];

export function bwrapArguments(plan: ResolvedPlan, options: BwrapOptions): readonly string[] {
  return [
    options.bwrap,
    ...["--new-session", "--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc"],
    ...(plan.network.access === "full" ? [] : ["--unshare-net"]),
    ...["--cap-drop", "ALL"],
    ...rootMounts(plan),
    ...["--dev", "/dev", "--proc", "/proc"],
    ...MACHINE_WIDE_PROC.flatMap((path) => ["--ro-bind-try", path, path]),
    ...plan.mounts.filter(({ path }) => path !== "/").flatMap(mountArguments),
    ...(plan.readable.everything ? [] : ["--remount-ro", "/"]),
    ...["--chdir", plan.cwd],
    ...["--seccomp", String(options.seccompFd), "--info-fd", String(options.statusFd)],
    "--",
    ...(options.terminalLeader ?? []),
    ...options.command,
  ];
}

function rootMounts(plan: ResolvedPlan): readonly string[] {
  const isRootWritable = plan.mounts.some(({ path, access }) => path === "/" && access === "write");
  if (isRootWritable) return ["--bind", "/", "/"];
  if (plan.readable.everything) return ["--ro-bind", "/", "/"];
  const extra = plan.readable.roots.filter((path) => !PLATFORM_FOLDERS.some((folder) => isInside(path, folder)));
  return ["--tmpfs", "/", ...[...PLATFORM_FOLDERS, ...extra].flatMap((path) => ["--ro-bind-try", path, path])];
}

function mountArguments({ path, access }: Mount): readonly string[] {
  switch (access) {
    case "write":
      return ["--bind", path, path];
    case "read":
      return ["--ro-bind", path, path];
    case "missing":
      // An empty folder that nobody can write to, nor remove while it is a mount.
      return ["--perms", "0555", "--tmpfs", path, "--remount-ro", path];
  }
}
