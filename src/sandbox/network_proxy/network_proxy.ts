// The two proxies of one plan over one way out. Where their connections come from (listeners in a sandbox's own network,
// or on this machine's loopback) is the launcher's business.
import type { ByteStream } from "../../host/byte_stream.ts";
import { createDialer, type Dialer } from "../../host/dial.ts";
import type { NetworkRules } from "../plan.ts";
import { createEgress } from "./egress.ts";
import { serveHttpProxy } from "./http_proxy.ts";
import type { NetworkDecision } from "./network_decision.ts";
import type { ProxyCredentials } from "./proxy_credentials.ts";
import { PROXY_LIMITS, type ServeOptions } from "./serve_options.ts";
import { serveSocksProxy } from "./socks_proxy.ts";
import { upstreamProxies } from "./upstream_proxy.ts";

export interface NetworkProxyOptions {
  readonly rules: NetworkRules;
  /** Our own; an upstream proxy is read from it when the rules say so. */
  readonly environment: Readonly<Record<string, string>>;
  readonly credentials: ProxyCredentials | null;
  readonly nowMs: () => number;
  /** Default: the system's. */
  readonly dialer?: Dialer;
}

export interface NetworkProxy {
  /** Takes the connection over. */
  serveHttp(stream: ByteStream): void;
  serveSocks(stream: ByteStream): void;
  decisions(): readonly NetworkDecision[];
}

const CONNECT_TIMEOUT_MS = 30_000;
/** More at the same time are closed at once: a command must not use up our descriptors. */
const MAX_CONNECTIONS = 512;

/** @throws CodexError CONFIG_INVALID for rules that cannot be understood. */
export function createNetworkProxy(options: NetworkProxyOptions): NetworkProxy {
  const { rules, environment, credentials, nowMs, dialer = createDialer(CONNECT_TIMEOUT_MS) } = options;
  const upstream = rules.useUpstreamProxy ? upstreamProxies(environment) : null;
  const egress = createEgress({ rules, dialer, upstream, nowMs });
  const serving: ServeOptions = { egress, credentials, limits: PROXY_LIMITS };
  let open = 0;

  function serve(stream: ByteStream, protocol: (stream: ByteStream, options: ServeOptions) => Promise<void>): void {
    if (open >= MAX_CONNECTIONS) return stream.close();
    open++;
    void protocol(stream, serving).finally(() => open--);
  }

  return {
    serveHttp: (stream) => serve(stream, serveHttpProxy),
    serveSocks: (stream) => serve(stream, serveSocksProxy),
    decisions: () => egress.decisions(),
  };
}
