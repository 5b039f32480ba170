// A resolved plan as what the helper is to do on Windows: which SIDs, which entries on which paths. Pure. What a level
// cannot hold is refused here, with what would hold it, before anything runs.
import { makePathFunctions } from "../../base/path_functions.ts";
import { windowsPaths } from "../../base/windows_path.ts";
import { CodexError } from "../../base/errors.ts";
import type { SandboxPlan } from "../plan.ts";
import { type CapabilitySids, type RandomWords, sidsFor } from "./capability_sids.ts";
import type { Confinement } from "./contract.ts";

/** `windows.sandbox`: with this user's own rights less writing, or as users that a setup by the administrator made. */
export type WindowsLevel = "elevated" | "unelevated";

export interface ResolvedWindowsPlan {
  readonly cwd: string;
  /** Existing folders, links resolved. */
  readonly writable: readonly string[];
  /** Existing or missing, links resolved. */
  readonly protected: readonly string[];
}

export interface WindowsPlanOptions {
  readonly known: CapabilitySids;
  readonly random: RandomWords;
  readonly privateDesktop: boolean;
  /** The group of the sandbox users when the command runs as one of them: it needs the rights that this user has. */
  readonly groupSid: string | null;
}

export interface WindowsPlan {
  readonly confinement: Confinement;
  /** With what was added: to be kept before anything runs. */
  readonly sids: CapabilitySids;
}

const { isInside } = makePathFunctions(windowsPaths);

export function windowsPlan(resolved: ResolvedWindowsPlan, options: WindowsPlanOptions): WindowsPlan {
  const { sids, byRoot } = sidsFor(options.known, { cwd: resolved.cwd, roots: resolved.writable }, options.random);
  const group = options.groupSid === null ? [] : [options.groupSid];
  const allowWrite = [...byRoot].flatMap(([path, sid]) => [sid, ...group].map((who) => ({ path, sid: who })));
  const denyWrite = resolved.protected.flatMap((path) =>
    [...byRoot].filter(([root]) => isInside(path, root)).map(([, sid]) => ({ path, sid }))
  );
  return {
    confinement: {
      capabilitySids: byRoot.size === 0 ? [sids.readonly] : [...byRoot.values()],
      allowWrite,
      denyWrite,
      privateDesktop: options.privateDesktop,
    },
    sids,
  };
}

/** @throws CodexError SANDBOX_UNSUPPORTED for what the level cannot hold. */
export function refuseUnenforceable(plan: SandboxPlan, level: WindowsLevel): void {
  const elevate = 'The elevated level can: `codex sandbox windows setup`, then windows.sandbox = "elevated"';
  if (plan.network.access === "proxy") {
    throw unsupported("the network to some hosts only", "Allow the whole network, or none, or use WSL2");
  }
  if (plan.hiddenPatterns.length > 0) {
    throw unsupported("hidden files by pattern", "Name the files and folders to hide, or use WSL2");
  }
  if (level === "unelevated") {
    if (plan.hidden.length > 0) throw unsupported("hidden files in the unelevated level", elevate);
    if (!plan.readable.everything) throw unsupported("restricted reading in the unelevated level", elevate);
    return;
  }
  if (plan.network.access === "none" && plan.network.loopbackPorts.length > 0) {
    throw unsupported("single ports of the loopback address", "Allow the whole network, or none, or use WSL2");
  }
}

function unsupported(what: string, hint: string): CodexError {
  return new CodexError("SANDBOX_UNSUPPORTED", `Cannot sandbox the command: Windows has no ${what}`, { hint });
}
