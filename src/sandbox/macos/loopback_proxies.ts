// Our proxies for one command on a Mac. There is no network of the sandbox's own: they listen on the machine's loopback
// address, where other programs come by too, so they ask for a password that only the command's environment holds.
import { createDialer, type Dialer } from "../../host/dial.ts";
import { listenForStreams, type StreamListener } from "../../host/stream_listener.ts";
import { rewriteProxyEnvironment } from "../network_proxy/env_rewrite.ts";
import { type ProxyAddress, proxyAddresses } from "../network_proxy/listen_address.ts";
import { createNetworkProxy } from "../network_proxy/network_proxy.ts";
import { makeProxyCredentials } from "../network_proxy/proxy_credentials.ts";
import type { NetworkRules } from "../plan.ts";
import type { RunningProxies } from "./launch.ts";

export interface LoopbackProxyOptions {
  /** The command's. */
  readonly env: Readonly<Record<string, string>>;
  /** Our own: an upstream proxy may be named in it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  /** Default: the system's. */
  readonly dialer?: Dialer;
}

const CONNECT_TIMEOUT_MS = 30_000;
const LOOPBACK = "127.0.0.1";

/** @throws CodexError CONFIG_INVALID for rules that cannot be understood, LISTEN_FAILED when a port is taken. */
export async function startLoopbackProxies(
  rules: NetworkRules,
  options: LoopbackProxyOptions,
): Promise<RunningProxies> {
  const { environment, nowMs, dialer = createDialer(CONNECT_TIMEOUT_MS) } = options;
  const addresses = proxyAddresses(rules);
  const credentials = makeProxyCredentials();
  const proxy = createNetworkProxy({ rules, environment, credentials, nowMs, dialer });
  const http = listenAt(addresses.http, (stream) => proxy.serveHttp(stream));
  let socks: StreamListener | null = null;
  try {
    if (addresses.socks !== "off") socks = listenAt(addresses.socks, (stream) => proxy.serveSocks(stream));
  } catch (error) {
    await http.close();
    throw error;
  }
  const user = `${credentials.user}:${credentials.password}`;
  return {
    ports: [http.port, ...(socks === null ? [] : [socks.port])],
    env: rewriteProxyEnvironment(options.env, {
      http: `http://${user}@${hostOf(addresses.http)}:${http.port}`,
      socks: socks === null ? null : `socks5h://${user}@${hostOf(addresses.socks)}:${socks.port}`,
    }),
    decisions: () => proxy.decisions(),
    async close(): Promise<void> {
      await http.close();
      await socks?.close();
    },
  };
}

function listenAt(
  wish: ProxyAddress | null,
  onStream: Parameters<typeof listenForStreams>[2],
): StreamListener {
  return listenForStreams(wish?.address ?? LOOPBACK, wish?.port ?? 0, onStream);
}

/** The sandbox reaches nothing but loopback: whoever listens on all addresses is reached there. */
function hostOf(address: ProxyAddress | "off" | null): string {
  if (address === null || address === "off" || address.address === "0.0.0.0") return LOOPBACK;
  if (address.address === "::") return "[::1]";
  return address.address.includes(":") ? `[${address.address}]` : address.address;
}
