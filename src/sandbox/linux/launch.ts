// Carries a plan out with bubblewrap: resolves it, holds mount points for names that must not come into being, and
// answers with the command line to run. Never answers with a bare one.
import { CodexError, messageOf } from "../../base/errors.ts";
import type { CommandToLaunch, Launcher, PreparedLaunch } from "../launcher.ts";
import type { NetworkPlan, SandboxPlan } from "../plan.ts";
import { neutralText } from "../protected_paths.ts";
import { bwrapArguments } from "./bwrap_args.ts";
import type { ProcMount } from "./bwrap_probe.ts";
import { commandThatFails, findStartTrouble } from "./command_path.ts";
import { FIRST_EXTRA_FD, startOf } from "./command_start.ts";
import { type Handover, handOver, NOTHING_TO_HAND_OVER } from "./handover.ts";
import type { HeldMountPoints, MountPoints, MountPointWish } from "./mount_points.ts";
import { isMissing, type ResolvedPlan, resolvePlan } from "./resolve_plan.ts";
import { type SeccompArchitecture, seccompFilter, type SeccompFilterName } from "./seccomp.ts";

export interface BwrapLauncherOptions {
  readonly bwrap: string;
  readonly proc: ProcMount;
  /** util-linux's `setsid`, or null: then a command with a terminal has no job control and no Ctrl-C. */
  readonly setsid: string | null;
  readonly architecture: SeccompArchitecture;
  readonly uid: number | null;
  readonly mountPoints: MountPoints;
  /** Its command lines are started in a network namespace that was made for that sandbox alone. Default false. */
  readonly hasOwnNetwork?: boolean;
}

/** bubblewrap takes no longer command line; besides the mounts it has the command and a few options. */
const MAX_BWRAP_WORDS = 9_000;
const SPARE_WORDS = 2_100;
/** So many always fit. */
const FEW_MOUNTS = 500;

/** By access, then by which unix sockets are open. */
const FILTERS = {
  none: { none: "networkNone", some: "networkNoneSocketList", all: "networkNoneAllSockets" },
  full: { none: "networkFull", some: "networkFull", all: "networkFull" },
  proxy: { none: "networkProxy", some: "networkProxySocketList", all: "networkProxyAllSockets" },
} as const;

/** Tells commands, and the tests they run, that there is no network to try. */
const NETWORK_DISABLED = { CODEX_SANDBOX_NETWORK_DISABLED: "1" };

export function createBwrapLauncher(options: BwrapLauncherOptions): Launcher {
  return {
    async prepare(plan: SandboxPlan, command: CommandToLaunch): Promise<PreparedLaunch> {
      const resolved = await resolvePlan({ ...plan, cwd: command.cwd }, options.uid);
      const trouble = await findStartTrouble(command.argv[0] ?? "", command.env["PATH"], resolved);
      refuseTooManyWords(resolved, options);
      const leader = command.ownTerminal && options.setsid !== null ? [options.setsid, "-c"] : [];
      const argv = [...leader, ...(trouble && commandThatFails(trouble, resolved)) ?? command.argv];
      const start = startOf(argv, seccompFilter(filterOf(plan.network), options.architecture), resolved);
      const statusFd = FIRST_EXTRA_FD + start.extraFds.length;
      // What may fail comes before: nothing is held then.
      const held = hold(options.mountPoints, missingNames(resolved));
      const mounts = resolved.mounts.filter(({ path, access }) => !isMissing(access) || held.paths.includes(path));
      const handover = command.inPlace === true ? handOverMountPoints(held) : null;
      const spec = {
        argv: bwrapArguments({ ...resolved, mounts }, {
          bwrap: options.bwrap,
          proc: options.proc,
          seccompFd: start.seccompFd,
          statusFd: handover === null ? statusFd : null,
          more: [...start.more, ...handover?.bwrapArguments(statusFd) ?? []],
          command: start.command,
          hasOwnNetwork: options.hasOwnNetwork ?? false,
        }),
        env: plan.network.access === "none" ? { ...command.env, ...NETWORK_DISABLED } : command.env,
        cwd: command.cwd,
        extraFds: start.extraFds,
        statusFd: handover === null ? statusFd : null,
      };
      return {
        spec,
        processGroupOf: firstProcessOf,
        networkDecisions: () => [],
        inPlace: handover === null ? null : { fds: handover.fds },
        release: () => Promise.resolve(held.release()),
      };
    },
  };
}

/** Somebody outside decides which of `some` sockets are connected to: a filter cannot read a name. */
function filterOf({ access, unixSockets }: NetworkPlan): SeccompFilterName {
  return FILTERS[access][unixSockets === "all" ? "all" : unixSockets.length === 0 ? "none" : "some"];
}

function handOverMountPoints(held: HeldMountPoints): Handover {
  if (held.holders.length === 0) return NOTHING_TO_HAND_OVER;
  try {
    return handOver(held.holders);
  } catch (error) {
    held.release();
    throw error;
  }
}

/** @throws CodexError SANDBOX_UNAVAILABLE when bubblewrap would refuse so many mounts. */
function refuseTooManyWords(plan: ResolvedPlan, { bwrap, proc }: BwrapLauncherOptions): void {
  if (plan.mounts.length < FEW_MOUNTS) return;
  const words = bwrapArguments(plan, { bwrap, proc, seccompFd: FIRST_EXTRA_FD, statusFd: null, command: [] }).length;
  if (words <= MAX_BWRAP_WORDS - SPARE_WORDS) return;
  throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot sandbox the command: ${plan.mounts.length} paths are too many`, {
    hint: "Name fewer folders to write to or to hide: one around them in place of many",
  });
}

function missingNames({ mounts }: ResolvedPlan): readonly MountPointWish[] {
  return mounts.flatMap(({ path, access }) =>
    isMissing(access) ? [{ path, text: access === "missingFile" ? neutralText(path) : null }] : []
  );
}

function hold(mountPoints: MountPoints, wishes: readonly MountPointWish[]): HeldMountPoints {
  try {
    return mountPoints.hold(wishes);
  } catch (cause) {
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot sandbox the command: ${messageOf(cause)}`, { cause });
  }
}

/** The id, outside of the sandbox, of its first process, which leads the command's group (`--new-session`). */
function firstProcessOf(status: string): number | null {
  const pid = /"child-pid"\s*:\s*(\d+)/.exec(status)?.[1];
  return pid === undefined ? null : Number(pid);
}
