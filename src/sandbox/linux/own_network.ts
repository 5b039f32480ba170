// Which plans need a network that is made for the sandbox alone, and which sockets no filter of ours can open. Apart from
// what makes the network, which most runs never load. Pure.
import { CodexError } from "../../base/errors.ts";
import type { NetworkPlan } from "../plan.ts";

export function needsOwnNetwork({ access, loopbackPorts }: NetworkPlan): boolean {
  return access === "proxy" || (access === "none" && loopbackPorts.length > 0);
}

/**
 * A socket's name lies in memory, where a filter cannot look: all can be open (with the network) or none.
 * @throws CodexError SANDBOX_UNSUPPORTED for a plan that asks for some, or for all without the network.
 */
export function refuseSocketLists({ access, unixSockets }: NetworkPlan): void {
  const asksForNone = unixSockets !== "all" && unixSockets.length === 0;
  if (access === "full" ? unixSockets === "all" : asksForNone) return;
  const what = unixSockets === "all" ? "all unix sockets" : `unix sockets (${unixSockets.join(", ") || "none"})`;
  throw new CodexError("SANDBOX_UNSUPPORTED", `Cannot open ${what} to a sandboxed command on Linux`, {
    hint: "Leave them out, or run with the whole network, with which all unix sockets are open",
  });
}
