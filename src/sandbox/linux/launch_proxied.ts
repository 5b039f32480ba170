// Plans with a network of their own: our proxies, and single ports of the host's loopback. The network is made and all of
// it listens before the command line is answered with, so that what does not work is an error and no command starts.
// The rest of the plan is the usual launcher's, which starts its sandbox in that network.
import { CodexError } from "../../base/errors.ts";
import { createDialer, type Dialer } from "../../host/dial.ts";
import { DescriptorStreams } from "../../host/descriptor_streams.ts";
import type { RawListenTarget } from "../../host/raw_listen.ts";
import { openSocketCalls, type SocketCalls } from "../../host/socket_calls.ts";
import type { CommandToLaunch, Launcher, PreparedLaunch } from "../launcher.ts";
import { rewriteProxyEnvironment } from "../network_proxy/env_rewrite.ts";
import { type ProxyAddress, proxyAddresses } from "../network_proxy/listen_address.ts";
import { relayToLoopback } from "../network_proxy/loopback_relay.ts";
import { createNetworkProxy, type NetworkProxy } from "../network_proxy/network_proxy.ts";
import type { NetworkPlan, NetworkRules, SandboxPlan } from "../plan.ts";
import { needsOwnNetwork } from "./own_network.ts";
import { holdNetwork, type NetworkHolder } from "./network_holder.ts";

export interface ProxiedLauncherOptions {
  readonly bwrap: string;
  /** util-linux's `nsenter`, or null. */
  readonly nsenter: string | null;
  /** Carries the rest of a plan out; a plan whose network is `proxy` gets the network that it is started in. */
  readonly inner: Launcher;
  /** Our own: an upstream proxy may be named in it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  /** Default: the system's. */
  readonly dialer?: Dialer;
}

const CONNECT_TIMEOUT_MS = 30_000;
const NETWORK_DISABLED = { CODEX_SANDBOX_NETWORK_DISABLED: "1" };
/** The rules of a network in which nothing is a proxy. */
const NO_HOSTS: NetworkRules = {
  mode: "limited",
  domains: [],
  httpListen: null,
  socksListen: "off",
  useUpstreamProxy: false,
  allowLocalBinding: false,
  allowNonLoopbackListen: false,
};

export function createProxiedLauncher(options: ProxiedLauncherOptions): Launcher {
  const dialer = options.dialer ?? createDialer(CONNECT_TIMEOUT_MS);
  let calls: SocketCalls | null = null;

  return {
    async prepare(plan: SandboxPlan, command: CommandToLaunch): Promise<PreparedLaunch> {
      if (!needsOwnNetwork(plan.network)) return await options.inner.prepare(plan, command);
      const rules = plan.network.access === "proxy" ? plan.network.rules : null;
      // What is wrong with the rules is said before anything is started.
      const wanted = listenersFor(plan.network, rules);
      const proxy = rules === null ? null : createNetworkProxy({ ...options, rules, credentials: null, dialer });
      if (options.nsenter === null) throw missingNsenter();
      const holder = await holdNetwork({
        bwrap: options.bwrap,
        nsenter: options.nsenter,
        calls: calls ??= openSocketCalls(),
      });
      const streams = new DescriptorStreams(calls);
      const release = async (): Promise<void> => {
        await streams.close();
        await holder.close();
      };
      try {
        const ports = await listenAll(holder, { wanted, streams, proxy, dialer });
        const env = proxy === null
          ? { ...command.env, ...NETWORK_DISABLED }
          : rewriteProxyEnvironment(command.env, proxyUrls(ports));
        const network: NetworkPlan = { ...plan.network, access: "proxy", rules: rules ?? NO_HOSTS };
        // Our proxies are in this process: it has to stay.
        const { inPlace: _wish, ...attended } = command;
        const launch = await options.inner.prepare({ ...plan, network }, { ...attended, env });
        return {
          ...launch,
          inPlace: null,
          spec: { ...launch.spec, argv: [...holder.enter, ...launch.spec.argv] },
          networkDecisions: () => proxy?.decisions() ?? [],
          async release(): Promise<void> {
            await release();
            await launch.release();
          },
        };
      } catch (error) {
        await release();
        throw error;
      }
    },
  };
}

interface WantedListener extends RawListenTarget {
  readonly use: "http" | "socks" | "loopback";
}

/** @throws CodexError CONFIG_INVALID */
function listenersFor({ loopbackPorts }: NetworkPlan, rules: NetworkRules | null): readonly WantedListener[] {
  const listeners: WantedListener[] = loopbackPorts.flatMap((port) => {
    if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
      throw new CodexError("CONFIG_INVALID", `Cannot open the loopback port ${port}: it is not between 1 and 65535`);
    }
    return ["127.0.0.1", "::1"].map((address): WantedListener => ({ use: "loopback", address, port }));
  });
  if (rules === null) return listeners;
  const { http, socks } = proxyAddresses(rules);
  for (const address of [http, socks]) {
    if (address !== null && address !== "off" && loopbackPorts.includes(address.port)) {
      throw new CodexError("CONFIG_INVALID", `Cannot use port ${address.port} for a proxy: it is a loopback port too`, {
        hint: "Give the proxy another port, or leave its address out for a free one",
      });
    }
  }
  listeners.push(proxyListener("http", http));
  if (socks !== "off") listeners.push(proxyListener("socks", socks));
  return listeners;
}

function proxyListener(use: "http" | "socks", wish: ProxyAddress | null): WantedListener {
  return { use, address: wish?.address ?? "127.0.0.1", port: wish?.port ?? 0 };
}

interface Ports {
  readonly http: string;
  readonly socks: string | null;
}

interface Listening {
  readonly wanted: readonly WantedListener[];
  readonly streams: DescriptorStreams;
  readonly proxy: NetworkProxy | null;
  readonly dialer: Dialer;
}

/** Where the proxies listen, as `host:port`. */
async function listenAll(holder: NetworkHolder, { wanted, streams, proxy, dialer }: Listening): Promise<Ports> {
  const sockets = await holder.listen(wanted.map(({ address, port }) => ({ address, port })));
  let http = "";
  let socks: string | null = null;
  for (const [index, { use, address, port: wish }] of wanted.entries()) {
    const { fd, port } = sockets[index] ?? { fd: -1, port: 0 };
    const place = `${urlHost(address)}:${port}`;
    switch (use) {
      case "http":
        http = place;
        streams.accept(fd, (stream) => proxy?.serveHttp(stream));
        break;
      case "socks":
        socks = place;
        streams.accept(fd, (stream) => proxy?.serveSocks(stream));
        break;
      case "loopback":
        streams.accept(fd, (stream) => void relayToLoopback(stream, wish, dialer));
        break;
    }
  }
  return { http, socks };
}

/** The network inside has loopback only: whoever listens on all addresses is reached there. */
function urlHost(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  if (address === "::") return "[::1]";
  return address.includes(":") ? `[${address}]` : address;
}

function proxyUrls({ http, socks }: Ports): { http: string; socks: string | null } {
  return { http: `http://${http}`, socks: socks === null ? null : `socks5h://${socks}` };
}

function missingNsenter(): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", "Cannot give the sandbox its own network: nsenter is not on PATH", {
    hint: "Install it: apt-get install util-linux",
  });
}
