// What a Mac would do with a plan, as data for people, on any platform (`--print-plan`). Pure: who has no Mac's disk gives
// a plan with its links unresolved; and where a proxy would get a free port, an example stands.
import { environmentChanges } from "../describe_launch.ts";
import { proxyAddresses } from "../network_proxy/listen_address.ts";
import type { NetworkPlan, SandboxPlan } from "../plan.ts";
import { seatbeltEnvironment } from "./launch.ts";
import { seatbeltArguments, seatbeltProfile } from "./seatbelt_text.ts";

export interface SeatbeltDescription {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | null>>;
  /** The text that is an argument of `argv`, by lines. */
  readonly profile: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

export interface DescribedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const EXAMPLE_PORTS = { http: 3128, socks: 1080 };

export interface DescribeOptions {
  /** The plan has met the disk of the Mac that it is for. Default: it has not. */
  readonly isResolved?: boolean;
}

/** @throws CodexError for a plan that a Mac would refuse, CONFIG_INVALID for a proxy's address that is none. */
export function describeSeatbelt(
  plan: SandboxPlan,
  command: DescribedCommand,
  { isResolved = false }: DescribeOptions = {},
): SeatbeltDescription {
  const { ports, areExamples } = proxyPorts(plan.network);
  const profile = seatbeltProfile(plan, { proxyPorts: ports });
  return {
    argv: seatbeltArguments(profile, command.argv),
    cwd: command.cwd,
    environment: environmentChanges(command.env, seatbeltEnvironment(plan.network, command.env)),
    profile: profile.text.split("\n"),
    parameters: Object.fromEntries(profile.parameters),
    notes: [
      ...(isResolved ? [] : ["Links are not resolved here; a Mac does that first."]),
      ...(areExamples ? ["The ports of our proxies are examples: free ones are taken when the command starts."] : []),
      ...(plan.network.access === "proxy" ? ["Proxy variables are set when the command starts."] : []),
    ],
  };
}

function proxyPorts(network: NetworkPlan): { ports: readonly number[]; areExamples: boolean } {
  if (network.access !== "proxy") return { ports: [], areExamples: false };
  const { http, socks } = proxyAddresses(network.rules);
  const ports = [http?.port ?? EXAMPLE_PORTS.http];
  if (socks !== "off") ports.push(socks?.port ?? EXAMPLE_PORTS.socks);
  return { ports, areExamples: http === null || socks === null };
}
