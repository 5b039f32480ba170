// Which hosts a sandboxed command may reach: rules compiled from a plan, and their verdict on a host and on the
// addresses that its name has. Pure. A deny rule wins over every allow rule; what no rule allows is refused.
// Specified by sandbox_profiles/README.md.
import { CodexError } from "../../base/errors.ts";
import type { NetworkRules } from "../plan.ts";
import { classifyAddress } from "./address_class.ts";
import { type Host, parseHost } from "./host_name.ts";
import type { NetworkDecision } from "./network_decision.ts";

export interface Verdict {
  readonly decision: "allow" | "deny";
  readonly why: NetworkDecision["why"];
  /** The pattern that decided, as it was written; null when none did. */
  readonly rule: string | null;
  /** The rule names this very host, which opens its own address whatever that is for. */
  readonly isExact: boolean;
}

export interface DomainRules {
  judgeHost(host: Host, port: number): Verdict;
  /** May a host with this verdict be reached at this address? */
  allowsAddress(host: Host, verdict: Verdict, address: Uint8Array): boolean;
}

type Scope = "exact" | "below" | "atOrBelow" | "any";

interface Pattern {
  readonly text: string;
  readonly access: "allow" | "deny";
  readonly scope: Scope;
  readonly host: string;
  readonly port: number | null;
}

/** @throws CodexError CONFIG_INVALID with the pattern that cannot be understood. */
export function compileDomainRules(rules: Pick<NetworkRules, "domains" | "allowLocalBinding">): DomainRules {
  const patterns = rules.domains.map(({ pattern, access }) => parsePattern(pattern, access));
  const find = (access: Pattern["access"], host: Host, port: number): Pattern | undefined => {
    const matching = patterns.filter((pattern) => pattern.access === access && matches(pattern, host, port));
    return matching.find(({ scope }) => scope === "exact") ?? matching[0];
  };
  return {
    judgeHost(host, port): Verdict {
      const denied = find("deny", host, port);
      if (denied !== undefined) return verdict("deny", "denied by a rule", denied);
      const allowed = find("allow", host, port);
      if (allowed === undefined) return { decision: "deny", why: "in no rule", rule: null, isExact: false };
      return verdict("allow", "allowed by a rule", allowed);
    },
    allowsAddress(host, { isExact }, address): boolean {
      const kind = classifyAddress(address);
      if (kind === "public") return true;
      if (isExact && host.kind === "address") return true;
      if (kind === "special") return false;
      // Whoever allows `localhost` means this machine; any other name may be given any address by its owner.
      return rules.allowLocalBinding || (isExact && host.text === "localhost" && isLoopback(address));
    },
  };
}

function verdict(decision: "allow" | "deny", why: Verdict["why"], { text, scope }: Pattern): Verdict {
  return { decision, why, rule: text, isExact: scope === "exact" };
}

function matches({ scope, host: wanted, port: wantedPort }: Pattern, host: Host, port: number): boolean {
  if (wantedPort !== null && wantedPort !== port) return false;
  switch (scope) {
    case "any":
      return true;
    case "exact":
      return host.text === wanted;
    case "below":
      return host.kind === "name" && host.text.endsWith(`.${wanted}`);
    case "atOrBelow":
      return host.kind === "name" && (host.text === wanted || host.text.endsWith(`.${wanted}`));
  }
}

function parsePattern(text: string, access: Pattern["access"]): Pattern {
  const [, stars = "", rest = "", portText] = /^(\*\*\.|\*\.|)(.*?)(?::([0-9]{1,5}))?$/.exec(splitPort(text)) ?? [];
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65_535)) throw badPattern(text, "the port is not between 1 and 65535");
  if (stars === "" && (rest === "*" || rest === "**")) return { text, access, scope: "any", host: "", port };
  const host = parseHost(rest);
  if (host === null) throw badPattern(text, "it is neither a host nor an address");
  if (stars === "") return { text, access, scope: "exact", host: host.text, port };
  if (host.kind !== "name") throw badPattern(text, "an address has nothing below it");
  return { text, access, scope: stars === "*." ? "below" : "atOrBelow", host: host.text, port };
}

/** An IPv6 address without brackets has no port: its last group would look like one. */
function splitPort(text: string): string {
  const isBareV6 = !text.startsWith("[") && text.split(":").length > 2;
  return isBareV6 ? `[${text}]` : text;
}

function badPattern(pattern: string, problem: string): CodexError {
  return new CodexError("CONFIG_INVALID", `Cannot use the network rule ${JSON.stringify(pattern)}: ${problem}`, {
    hint:
      'Write "example.com", "*.example.com" (below it), "**.example.com" (it and below) or "*", with ":443" for a port',
  });
}

function isLoopback(address: Uint8Array): boolean {
  return address.length === 4 ? address[0] === 127 : address.every((byte, at) => byte === (at === 15 ? 1 : 0));
}
