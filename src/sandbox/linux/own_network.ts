// Which plans need a network that is made for the sandbox alone, and which sockets cannot be kept shut. Apart from what
// makes the network, which most runs never load. Pure.
import { CodexError } from "../../base/errors.ts";
import type { NetworkPlan } from "../plan.ts";

export function needsOwnNetwork({ access, loopbackPorts }: NetworkPlan): boolean {
  return access === "proxy" || (access === "none" && loopbackPorts.length > 0);
}

/** The list that needs somebody who decides each connection, or null. */
export function socketListOf({ access, unixSockets }: NetworkPlan): readonly string[] | null {
  return access === "full" || unixSockets === "all" || unixSockets.length === 0 ? null : unixSockets;
}

/**
 * With the whole network every unix socket of the machine is open, the abstract ones too.
 * @throws CodexError SANDBOX_UNSUPPORTED for a plan that wants fewer.
 */
export function refuseSocketLists({ access, unixSockets }: NetworkPlan): void {
  if (access !== "full" || unixSockets === "all") return;
  throw new CodexError("SANDBOX_UNSUPPORTED", "Cannot open the whole network and not all unix sockets on Linux", {
    hint: "Leave the list of unix sockets out, or open the network to named hosts only",
  });
}
