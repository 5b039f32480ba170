// The one way out: every connection of our proxies is asked for here, judged by the rules, looked up once, and made to
// an address that was judged too. Each decision is kept, the last ones of many.
import type { ByteStream } from "../../host/byte_stream.ts";
import { type Dialer, DialTimeout } from "../../host/dial.ts";
import { systemMessageOf } from "../../base/errors.ts";
import type { NetworkRules } from "../plan.ts";
import { compileDomainRules, type Verdict } from "./domain_rules.ts";
import { formatAddress, type Host } from "./host_name.ts";
import type { NetworkDecision } from "./network_decision.ts";
import { connectUpstream, tunnelUpstream, type UpstreamProxies, type UpstreamProxy } from "./upstream_proxy.ts";

export interface EgressTarget {
  readonly host: Host;
  readonly port: number;
  readonly protocol: NetworkDecision["protocol"];
  /** Of a plain HTTP request; null for a tunnel. */
  readonly method: string | null;
}

export type EgressOutcome =
  | { readonly kind: "open"; readonly stream: ByteStream; readonly upstream: UpstreamProxy | null }
  | { readonly kind: "refused"; readonly why: NetworkDecision["why"]; readonly rule: string | null }
  | { readonly kind: "failed"; readonly problem: string; readonly isTimeout: boolean };

export interface Egress {
  open(target: EgressTarget): Promise<EgressOutcome>;
  /** Oldest first, at most `MAX_DECISIONS`. */
  decisions(): readonly NetworkDecision[];
}

export interface EgressOptions {
  readonly rules: NetworkRules;
  readonly dialer: Dialer;
  /** Null: all connections are made directly. */
  readonly upstream: UpstreamProxies | null;
  readonly nowMs: () => number;
}

const MAX_DECISIONS = 1000;
const READING_METHODS = ["GET", "HEAD", "OPTIONS"];
const MAX_ADDRESSES_TRIED = 4;

/** @throws CodexError CONFIG_INVALID for a rule that cannot be understood. */
export function createEgress({ rules, dialer, upstream, nowMs }: EgressOptions): Egress {
  const domains = compileDomainRules(rules);
  const decisions: NetworkDecision[] = [];

  function decide(
    { host, port, protocol }: EgressTarget,
    { decision, why, rule }: Omit<Verdict, "isExact">,
  ): EgressOutcome {
    decisions.push({ host: host.text, port, protocol, decision, why, atMs: nowMs() });
    if (decisions.length > MAX_DECISIONS) decisions.shift();
    return { kind: "refused", why, rule };
  }

  async function open(target: EgressTarget): Promise<EgressOutcome> {
    const { host, port, method } = target;
    const verdict = domains.judgeHost(host, port);
    if (verdict.decision === "deny") return decide(target, verdict);
    const mayWrite = method === null || !READING_METHODS.includes(method);
    if (rules.mode === "limited" && mayWrite) {
      return decide(target, { decision: "deny", why: "a method that may write", rule: null });
    }
    if (host.kind === "address" && !domains.allowsAddress(host, verdict, host.bytes)) return refusePrivate(target);
    const proxy = upstream?.find(method === null ? "https" : "http", host) ?? null;
    if (proxy !== null) {
      // Its addresses are the upstream's business: a name may lead to a network that only the upstream sees.
      decide(target, verdict);
      return await attempt(
        () => method === null ? tunnelUpstream(proxy, target, dialer) : connectUpstream(proxy, dialer),
        proxy,
      );
    }
    let addresses: readonly Uint8Array[];
    try {
      addresses = host.kind === "address" ? [host.bytes] : await dialer.resolve(host.text);
    } catch (error) {
      decide(target, verdict);
      return failure(error, `the name ${host.text} has no address`);
    }
    const allowed = addresses.filter((address) => domains.allowsAddress(host, verdict, address));
    if (allowed.length === 0 && addresses.length > 0) return refusePrivate(target);
    decide(target, verdict);
    return await firstThatAnswers(allowed.slice(0, MAX_ADDRESSES_TRIED), port);
  }

  function refusePrivate(target: EgressTarget): EgressOutcome {
    return decide(target, { decision: "deny", why: "a private address", rule: null });
  }

  async function firstThatAnswers(addresses: readonly Uint8Array[], port: number): Promise<EgressOutcome> {
    let last: EgressOutcome = { kind: "failed", problem: "the name has no address", isTimeout: false };
    for (const address of addresses) {
      last = await attempt(() => dialer.connect(formatAddress(address), port), null);
      if (last.kind === "open") return last;
    }
    return last;
  }

  return { open, decisions: () => [...decisions] };
}

async function attempt(connect: () => Promise<ByteStream>, upstream: UpstreamProxy | null): Promise<EgressOutcome> {
  try {
    return { kind: "open", stream: await connect(), upstream };
  } catch (error) {
    return failure(error, systemMessageOf(error));
  }
}

function failure(error: unknown, problem: string): EgressOutcome {
  return { kind: "failed", problem, isTimeout: error instanceof DialTimeout };
}

/** For people and for the model: what was refused, and what would open it. */
export function explainRefusal({ host, port }: EgressTarget, why: NetworkDecision["why"], rule: string | null): string {
  const what = `${host.text}:${port}`;
  switch (why) {
    case "denied by a rule":
      return `Access to ${what} is denied by the network rule "${rule ?? ""}".`;
    case "in no rule":
      return `Access to ${what} is refused: no network rule allows it. Ask for it to be allowed.`;
    case "a private address":
      return `Access to ${what} is refused: its address is private, local or reserved. ` +
        "A rule with the very address opens it, or allow_local_binding.";
    case "a method that may write":
      return `Access to ${what} is refused: the network is limited to GET, HEAD and OPTIONS over plain HTTP.`;
    case "allowed by a rule":
      return `Access to ${what} is allowed.`;
  }
}
