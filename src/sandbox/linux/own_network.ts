// Which plans need a network that is made for the sandbox alone. Apart from what makes it, which most runs never load.
import type { NetworkPlan } from "../plan.ts";

export function needsOwnNetwork({ access, loopbackPorts }: NetworkPlan): boolean {
  return access === "proxy" || (access === "none" && loopbackPorts.length > 0);
}
