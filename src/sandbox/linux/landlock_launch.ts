// Carries a plan out with Landlock and seccomp alone (`features.use_legacy_landlock`), for machines that allow no user
// namespaces: a stage of this program gives its rights up and becomes the command. Nothing stays beside it.
import { findStat } from "../../host/files.ts";
import { landlockVersion } from "../../host/landlock.ts";
import { stageCommand } from "../../host/own_program.ts";
import { openRestrictCalls } from "../../host/restrict_calls.ts";
import type { CommandToLaunch, Launcher, PreparedLaunch } from "../launcher.ts";
import type { SandboxPlan } from "../plan.ts";
import { refuseLandlock, refuseParts, refusePlan } from "./landlock_rules.ts";
import type { LandlockStageOrder } from "./landlock_stage.ts";
import { resolvePlan } from "./resolve_plan.ts";
import type { SeccompArchitecture } from "./seccomp.ts";

export interface LandlockLauncherOptions {
  readonly architecture: SeccompArchitecture;
  readonly uid: number | null;
  /** What the kernel offers; asked when left out. */
  readonly version?: number;
}

const FILTERS = {
  readOnly: { none: "landlockReadNone", full: "landlockReadFull" },
  write: { none: "landlockNone", full: "landlockFull" },
} as const;
const NETWORK_DISABLED = { CODEX_SANDBOX_NETWORK_DISABLED: "1" };

/** @throws CodexError SANDBOX_UNAVAILABLE when this kernel has no Landlock that holds. */
export function createLandlockLauncher(options: LandlockLauncherOptions): Launcher {
  const version = options.version ?? landlockVersion(openRestrictCalls());
  refuseLandlock(version);
  return {
    async prepare(plan: SandboxPlan, command: CommandToLaunch): Promise<PreparedLaunch> {
      refusePlan(plan);
      const { mounts, cwd } = await resolvePlan({ ...plan, cwd: command.cwd }, options.uid);
      refuseParts(mounts);
      const network = plan.network.access === "full" ? "full" : "none";
      const order: LandlockStageOrder = {
        version,
        writable: await Promise.all(mounts.map(async ({ path }) => {
          return { path, isFolder: (await findStat(path))?.kind === "directory" };
        })),
        network,
        filter: FILTERS[mounts.length === 0 ? "readOnly" : "write"][network],
        architecture: options.architecture,
        cwd,
        ownTerminal: command.ownTerminal,
        dieWithParent: command.inPlace !== true,
        words: command.argv.length,
      };
      return {
        spec: {
          argv: [...stageCommand("landlock"), JSON.stringify(order), ...command.argv],
          env: network === "none" ? { ...command.env, ...NETWORK_DISABLED } : command.env,
          cwd: command.cwd,
          extraFds: [],
          statusFd: null,
        },
        processGroupOf: () => null,
        networkDecisions: () => [],
        refusesBy: "rules",
        inPlace: command.inPlace === true ? { fds: [] } : null,
        release: () => Promise.resolve(),
      };
    },
  };
}
