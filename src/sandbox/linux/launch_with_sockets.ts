// Plans with a list of unix sockets: a stage before the sandbox's launcher asks this process about each `connect`. The
// rest of the plan is the inner launcher's.
import { stageCommand } from "../../host/own_program.ts";
import { openSocketCalls, type SocketCalls } from "../../host/socket_calls.ts";
import type { CommandToLaunch, Launcher, PreparedLaunch } from "../launcher.ts";
import type { SandboxPlan } from "../plan.ts";
import { needsOwnNetwork, socketListOf } from "./own_network.ts";
import type { SeccompArchitecture } from "./seccomp.ts";
import { resolveSockets } from "./unix_sockets.ts";
import type { SocketStageOrder } from "./unix_sockets_stage.ts";
import { superviseSockets } from "./unix_sockets_supervisor.ts";

export interface SocketLauncherOptions {
  readonly architecture: SeccompArchitecture;
  readonly uid: number | null;
}

/** What adds socket lists to a launcher. One per process: it keeps the system's calls. */
export function createSocketLaunchers({ architecture, uid }: SocketLauncherOptions): (inner: Launcher) => Launcher {
  let calls: SocketCalls | null = null;

  return (inner) => ({
    async prepare(plan: SandboxPlan, command: CommandToLaunch): Promise<PreparedLaunch> {
      const allowed = await resolveSockets(socketListOf(plan.network) ?? [], plan, uid);
      const supervisor = superviseSockets({
        calls: calls ??= openSocketCalls(),
        uid: uid ?? 0,
        allowed,
        hasOwnNetwork: needsOwnNetwork(plan.network),
      });
      try {
        // Somebody has to decide: this process stays.
        const { inPlace: _wish, ...attended } = command;
        const launch = await inner.prepare(plan, attended);
        const { argv, extraFds, statusFd } = launch.spec;
        const order: SocketStageOrder = {
          supervisor: supervisor.name,
          architecture,
          descriptors: extraFds.length + (statusFd === null ? 0 : 1),
          words: argv.length,
        };
        return {
          ...launch,
          inPlace: null,
          spec: { ...launch.spec, argv: [...stageCommand("socket-list"), JSON.stringify(order), ...argv] },
          async release(): Promise<void> {
            await supervisor.close();
            await launch.release();
          },
        };
      } catch (error) {
        await supervisor.close();
        throw error;
      }
    },
  });
}
