// What a plan says about the network as Seatbelt rules. Pure. The language knows two hosts, `localhost` and `*`: so our
// proxies are reached by their port on the loopback address, and which names lie behind is theirs to decide.
import { CodexError } from "../../base/errors.ts";
import type { NetworkPlan } from "../plan.ts";
import { allSpellings } from "./mac_paths.ts";
import type { Parameters, Rule } from "./rule_text.ts";

/** Where the system's resolver listens. */
const RESOLVER_SOCKET = "/private/var/run/mDNSResponder";
const MAX_PORT = 65_535;

export interface NetworkRuleOptions {
  /** Where our own proxies listen on the loopback address. */
  readonly proxyPorts: readonly number[];
  readonly parameters: Parameters;
}

/** @throws CodexError SANDBOX_UNAVAILABLE when no proxy could be reached, or a port is none. */
export function networkRules(network: NetworkPlan, options: NetworkRuleOptions): readonly Rule[] {
  switch (network.access) {
    case "none":
      return [...loopbackRules(network.loopbackPorts), ...socketRules(network.unixSockets, options.parameters)];
    case "full":
      return fullRules(network, options.parameters);
    case "proxy": {
      if (options.proxyPorts.length === 0) {
        throw unusable("no proxy of ours listens on the loopback address", "Check the proxy's settings in config.toml");
      }
      return [
        ...loopbackRules([...options.proxyPorts, ...network.loopbackPorts]),
        ...(network.rules.allowLocalBinding ? ownServers() : []),
        ...socketRules(network.unixSockets, options.parameters),
      ];
    }
  }
}

function fullRules(network: NetworkPlan, parameters: Parameters): readonly Rule[] {
  if (network.unixSockets === "all") return [allow(["network*"]), localSockets()];
  return [
    allow(["network-outbound"], '(remote ip "*:*")'),
    allow(["network-bind", "network-inbound"], '(local ip "*:*")'),
    ...socketRules([...network.unixSockets, RESOLVER_SOCKET], parameters),
  ];
}

function loopbackRules(ports: readonly number[]): readonly Rule[] {
  const filters = [...new Set(ports)].map((port) => {
    if (!Number.isInteger(port) || port < 1 || port > MAX_PORT) {
      throw unusable(`${port} is no port`, `Choose one from 1 to ${MAX_PORT}`);
    }
    return `(remote ip "localhost:${port}")`;
  });
  return filters.length === 0 ? [] : [allow(["network-outbound"], ...filters)];
}

/** Seatbelt cannot tell the command's own servers from others on the loopback address. */
function ownServers(): readonly Rule[] {
  return [
    allow(["network-bind", "network-inbound"], '(local ip "localhost:*")'),
    allow(["network-outbound"], '(remote ip "localhost:*")'),
  ];
}

function socketRules(sockets: NetworkPlan["unixSockets"], parameters: Parameters): readonly Rule[] {
  if (sockets === "all") return [localSockets(), allow(["network-outbound"], "(remote unix-socket)")];
  if (sockets.length === 0) return [];
  const paths = new Set(sockets.flatMap(allSpellings));
  const filters = [...paths].map((path) => `(remote unix-socket (subpath ${parameters.use("UNIX_SOCKET", path)}))`);
  return [localSockets(), allow(["network-outbound"], ...filters)];
}

function localSockets(): Rule {
  return allow(["system-socket"], "(socket-domain AF_UNIX)");
}

function allow(operations: readonly string[], ...filters: readonly string[]): Rule {
  return { action: "allow", operations, filters };
}

function unusable(problem: string, hint: string): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot sandbox the command's network: ${problem}`, { hint });
}
