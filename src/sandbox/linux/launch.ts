// Carries a plan out with bubblewrap: resolves it, holds mount points for names that must not come into being, and
// answers with the command line to run. Never answers with a bare one.
import { CodexError, messageOf } from "../../base/errors.ts";
import type { CommandToLaunch, Launcher, PreparedLaunch } from "../launcher.ts";
import type { SandboxPlan } from "../plan.ts";
import { bwrapArguments } from "./bwrap_args.ts";
import type { ProcMount } from "./bwrap_probe.ts";
import { commandThatFails, findStartTrouble } from "./command_path.ts";
import { type Handover, handOver, NOTHING_TO_HAND_OVER } from "./handover.ts";
import type { HeldMountPoints, MountPoints } from "./mount_points.ts";
import { resolvePlan } from "./resolve_plan.ts";
import { type SeccompArchitecture, seccompFilter } from "./seccomp.ts";

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

const SECCOMP_FD = 3;
const STATUS_FD = 4;

const FILTER_OF = { none: "networkNone", full: "networkFull", proxy: "networkProxy" } as const;

/** Tells commands, and the tests they run, that there is no network to try. */
const NETWORK_DISABLED = { CODEX_SANDBOX_NETWORK_DISABLED: "1" };

export function createBwrapLauncher(options: BwrapLauncherOptions): Launcher {
  return {
    async prepare(plan: SandboxPlan, command: CommandToLaunch): Promise<PreparedLaunch> {
      const resolved = await resolvePlan({ ...plan, cwd: command.cwd }, options.uid);
      const trouble = await findStartTrouble(command.argv[0] ?? "", command.env["PATH"], resolved);
      const missing = resolved.mounts.filter(({ access }) => access === "missing").map(({ path }) => path);
      const held = await hold(options.mountPoints, missing);
      const mounts = resolved.mounts.filter(({ path, access }) => access !== "missing" || held.paths.includes(path));
      const leader = command.ownTerminal && options.setsid !== null ? [options.setsid, "-c"] : null;
      const handover = command.inPlace === true ? handOverMountPoints(held) : null;
      const spec = {
        argv: bwrapArguments({ ...resolved, mounts }, {
          bwrap: options.bwrap,
          proc: options.proc,
          seccompFd: SECCOMP_FD,
          statusFd: handover === null ? STATUS_FD : null,
          more: handover?.bwrapArguments(STATUS_FD) ?? [],
          terminalLeader: leader,
          command: (trouble && commandThatFails(trouble, resolved)) ?? command.argv,
          hasOwnNetwork: options.hasOwnNetwork ?? false,
        }),
        env: plan.network.access === "none" ? { ...command.env, ...NETWORK_DISABLED } : command.env,
        cwd: command.cwd,
        extraFds: [seccompFilter(FILTER_OF[plan.network.access], options.architecture)],
        statusFd: handover === null ? STATUS_FD : null,
      };
      return {
        spec,
        processGroupOf: firstProcessOf,
        networkDecisions: () => [],
        inPlace: handover === null ? null : { fds: handover.fds },
        release: () => held.release(),
      };
    },
  };
}

function handOverMountPoints({ holders }: HeldMountPoints): Handover {
  return holders.length === 0 ? NOTHING_TO_HAND_OVER : handOver(holders);
}

async function hold(mountPoints: MountPoints, paths: readonly string[]): Promise<HeldMountPoints> {
  try {
    return await mountPoints.hold(paths);
  } catch (cause) {
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot sandbox the command: ${messageOf(cause)}`, { cause });
  }
}

/** The id, outside of the sandbox, of its first process, which leads the command's group (`--new-session`). */
function firstProcessOf(status: string): number | null {
  const pid = /"child-pid"\s*:\s*(\d+)/.exec(status)?.[1];
  return pid === undefined ? null : Number(pid);
}
