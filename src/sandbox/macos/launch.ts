// Carries a plan out with Seatbelt: resolves it, and answers with the command line of /usr/bin/sandbox-exec. The sandbox
// replaces itself by the command, so nothing of ours stays beside it. Never answers with a bare command.
import { findLinkStat, findRealPath, findText } from "../../host/files.ts";
import { stageCommand } from "../../host/own_program.ts";
import type { CommandToLaunch, Launcher, PreparedLaunch } from "../launcher.ts";
import type { NetworkDecision } from "../network_proxy/network_decision.ts";
import type { NetworkPlan, SandboxPlan } from "../plan.ts";
import type { Disk } from "../git_folders.ts";
import { resolveForSeatbelt } from "./resolve_plan.ts";
import { seatbeltArguments, seatbeltProfile } from "./seatbelt_text.ts";

/** Our proxies while one command runs. */
export interface RunningProxies {
  /** On the loopback address. */
  readonly ports: readonly number[];
  /** The command's environment, with every proxy variable on them. */
  readonly env: Readonly<Record<string, string>>;
  decisions(): readonly NetworkDecision[];
  close(): Promise<void>;
}

export interface SeatbeltLauncherOptions {
  readonly disk?: Disk;
  /** For plans whose network is a proxy. @throws CodexError when they cannot listen. */
  readonly startProxies: (network: ProxyNetwork, env: CommandToLaunch["env"]) => Promise<RunningProxies>;
  /** Marks denials in the system's log (`--log-denials`). */
  readonly logTag?: string;
}

export type ProxyNetwork = Extract<NetworkPlan, { readonly access: "proxy" }>;

/** Commands, and the tests they run, look at these. */
const IN_SEATBELT = { CODEX_SANDBOX: "seatbelt" };
const NETWORK_DISABLED = { CODEX_SANDBOX_NETWORK_DISABLED: "1" };

/** Where plans meet links and folders. */
export const SYSTEM_DISK: Disk = { findRealPath, findLinkStat, findText };

export function createSeatbeltLauncher(options: SeatbeltLauncherOptions): Launcher {
  const disk = options.disk ?? SYSTEM_DISK;
  return {
    async prepare(plan: SandboxPlan, command: CommandToLaunch): Promise<PreparedLaunch> {
      const resolved = await resolveForSeatbelt({ ...plan, cwd: command.cwd }, disk);
      const proxies = await proxiesFor(plan.network, command.env, options);
      try {
        const profile = seatbeltProfile(resolved, {
          proxyPorts: proxies?.ports ?? [],
          ...(options.logTag === undefined ? {} : { logTag: options.logTag }),
        });
        return {
          spec: {
            argv: [
              ...(command.ownTerminal ? stageCommand("terminal") : []),
              ...seatbeltArguments(profile, command.argv),
            ],
            env: seatbeltEnvironment(plan.network, proxies?.env ?? command.env),
            cwd: command.cwd,
            extraFds: [],
            statusFd: null,
          },
          // The command has the group of the child that we start.
          processGroupOf: () => null,
          refusesBy: "rules",
          // Proxies of ours live as long as we do.
          inPlace: command.inPlace === true && proxies === null ? { fds: [] } : null,
          networkDecisions: () => proxies?.decisions() ?? [],
          release: async () => await proxies?.close(),
        };
      } catch (error) {
        await proxies?.close();
        throw error;
      }
    },
  };
}

/** What a command is told about its sandbox. */
export function seatbeltEnvironment(
  network: NetworkPlan,
  env: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { ...env, ...IN_SEATBELT, ...(network.access === "none" ? NETWORK_DISABLED : {}) };
}

async function proxiesFor(
  network: NetworkPlan,
  env: CommandToLaunch["env"],
  { startProxies }: SeatbeltLauncherOptions,
): Promise<RunningProxies | null> {
  if (network.access !== "proxy") return null;
  return await startProxies(network, env);
}
