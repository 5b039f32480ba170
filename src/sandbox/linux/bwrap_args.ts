// The command line of bubblewrap for a resolved plan. Pure. The order matters: later mounts lie on earlier ones.
// Specified by sandbox_profiles/README.md; checked by the escape tests in tests/sandbox.
import { isInside, parentPath } from "../../base/absolute_path.ts";
import { procArguments, type ProcMount } from "./bwrap_probe.ts";
import { type Mount, PLATFORM_FOLDERS, type ResolvedPlan } from "./resolve_plan.ts";

export interface BwrapOptions {
  /** bwrap's own path. */
  readonly bwrap: string;
  readonly proc: ProcMount;
  /** Null: a stage inside installs the filter. */
  readonly seccompFd: number | null;
  /** Where bwrap tells about itself, or null. */
  readonly statusFd: number | null;
  /** More of bwrap's own options. Default none. */
  readonly more?: readonly string[];
  readonly command: readonly string[];
  /** It is started in a network namespace that was made for this sandbox alone. Default false. */
  readonly hasOwnNetwork?: boolean;
}

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
    ...(plan.network.access === "full" || options.hasOwnNetwork === true ? [] : ["--unshare-net"]),
    ...["--cap-drop", "ALL"],
    ...rootMounts(plan),
    ...["--dev", "/dev", ...procArguments(options.proc)],
    ...MACHINE_WIDE_PROC.flatMap((path) => ["--ro-bind-try", path, path]),
    ...plan.mounts.filter(({ path }) => path !== "/").flatMap((mount) => mountArguments(mount, plan.mounts)),
    // Last, since what lies below a hidden folder needs folders to sit on.
    ...hiddenFolders(plan).flatMap((path) => ["--remount-ro", path]),
    ...(plan.readable.everything || isRootWritable(plan) ? [] : ["--remount-ro", "/"]),
    ...["--chdir", plan.cwd],
    ...(options.seccompFd === null ? [] : ["--seccomp", String(options.seccompFd)]),
    ...(options.statusFd === null ? [] : ["--info-fd", String(options.statusFd)]),
    ...(options.more ?? []),
    "--",
    ...options.command,
  ];
}

function isRootWritable({ mounts }: ResolvedPlan): boolean {
  return mounts.some(({ path, access }) => path === "/" && access === "write");
}

function hiddenFolders({ mounts }: ResolvedPlan): readonly string[] {
  return mounts.filter(({ access }) => access === "hiddenFolder").map(({ path }) => path);
}

function rootMounts(plan: ResolvedPlan): readonly string[] {
  if (isRootWritable(plan)) return ["--bind", "/", "/"];
  if (plan.readable.everything || plan.mounts.some(({ path }) => path === "/")) return ["--ro-bind", "/", "/"];
  const platform = plan.readable.platform ? PLATFORM_FOLDERS : [];
  return ["--tmpfs", "/", ...platform.flatMap((path) => ["--ro-bind-try", path, path])];
}

function mountArguments({ path, access }: Mount, all: readonly Mount[]): readonly string[] {
  switch (access) {
    case "write":
      return ["--bind", path, path];
    case "read":
    case "missingFile":
      return ["--ro-bind", path, path];
    case "missing":
      // An empty folder that nobody can write to, nor remove while it is a mount.
      return ["--perms", "0555", "--tmpfs", path, "--remount-ro", path];
    case "hiddenFile":
      // A device on a mount without devices: its owner and root cannot open it either.
      return ["--ro-bind", "/dev/null", path];
    case "hiddenFolder":
      return hiddenFolderArguments(path, all);
  }
}

/** Without read permission nobody sees names; with that to pass through, what is opened below can be reached. */
function hiddenFolderArguments(folder: string, all: readonly Mount[]): readonly string[] {
  const inside = all.filter(({ path }) => path !== folder && isInside(path, folder));
  if (inside.length === 0) return ["--perms", "0000", "--tmpfs", folder];
  const between = new Set(inside.flatMap(({ path }) => foldersBetween(folder, path)));
  return [
    "--perms",
    "0111",
    "--tmpfs",
    folder,
    ...[...between].sort().flatMap((path) => ["--perms", "0111", "--dir", path]),
  ];
}

function foldersBetween(outer: string, path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = parentPath(path); folder !== outer; folder = parentPath(folder)) folders.push(folder);
  return folders;
}
