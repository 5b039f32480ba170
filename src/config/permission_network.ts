// `[permissions.NAME.network]`: what of the network a profile opens. `enabled` alone opens all of it; any key that is
// about the proxy puts our proxy in between, which then decides host by host.
import { isAbsolutePath } from "../base/absolute_path.ts";
import type { PermissionProfileConfig } from "./effective_config.ts";
import type { ConfigTable, ConfigValue, ConfigWarning } from "./loaded_config.ts";
import { numbersOf, textOf } from "./resolve.ts";
import { isTable, isVariable, ownValue } from "./value_type.ts";

export interface PermissionProblem {
  readonly key: readonly string[];
  readonly reason: string;
  readonly hint: string;
}

type Network = PermissionProfileConfig["network"];

const PROXY_KEYS = [
  "mode",
  "domains",
  "proxy_url",
  "enable_socks5",
  "socks_url",
  "enable_socks5_udp",
  "allow_upstream_proxy",
  "allow_local_binding",
  "dangerously_allow_non_loopback_proxy",
] as const;

const NO_NETWORK: Network = { enabled: false, rules: null, unixSockets: [], loopbackPorts: [] };

/** `value` was checked against the key table. */
export function networkOfProfile(value: ConfigValue | undefined, key: readonly string[]): Network | PermissionProblem {
  if (!isTable(value)) return NO_NETWORK;
  const sockets = ownValue(value, "unix_sockets");
  const allowed = entriesOf(sockets).filter(([, access]) => access === "allow").map(([path]) => path);
  const relative = allowed.find((path) => !isAbsolutePath(path) && !isVariable(path));
  if (relative !== undefined) {
    return {
      key: [...key, "unix_sockets", relative],
      reason: `unix socket \`${relative}\` must be an absolute path`,
      hint: "Write the whole path, for example /run/docker.sock, or a variable: $SSH_AUTH_SOCK",
    };
  }
  return {
    enabled: ownValue(value, "enabled") === true,
    rules: PROXY_KEYS.some((name) => Object.hasOwn(value, name)) ? rulesOf(value) : null,
    unixSockets: ownValue(value, "dangerously_allow_all_unix_sockets") === true ? "all" : allowed,
    loopbackPorts: numbersOf(ownValue(value, "allow_loopback_ports")),
  };
}

/** What is written there and has no effect in this version. */
export function networkWarnings(value: ConfigValue | undefined, profile: string): readonly ConfigWarning[] {
  if (!isTable(value) || ownValue(value, "enable_socks5_udp") !== true) return [];
  return [{
    summary: `Permission profile \`${profile}\` asks for UDP through SOCKS5: this version relays none`,
    details: `Commands get TCP only (SOCKS CONNECT). Take enable_socks5_udp out of [permissions.${profile}.network]`,
    path: null,
  }];
}

function rulesOf(table: ConfigTable): NonNullable<Network["rules"]> {
  const is = (name: string): boolean => ownValue(table, name) === true;
  const socks = textOf(ownValue(table, "socks_url"));
  return {
    mode: ownValue(table, "mode") === "limited" ? "limited" : "full",
    domains: entriesOf(ownValue(table, "domains")).map(([pattern, access]) => ({
      pattern,
      access: access === "allow" ? "allow" : "deny",
    })),
    httpListen: textOf(ownValue(table, "proxy_url")),
    socksListen: ownValue(table, "enable_socks5") === false ? "off" : socks,
    useUpstreamProxy: is("allow_upstream_proxy"),
    allowLocalBinding: is("allow_local_binding"),
    allowNonLoopbackListen: is("dangerously_allow_non_loopback_proxy"),
  };
}

function entriesOf(value: ConfigValue | undefined): readonly (readonly [string, ConfigValue])[] {
  return isTable(value) ? Object.entries(value) : [];
}
