// The proxied network with real bubblewrap and real curl: what is allowed is reached, and nothing else by any way.
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { createDialer, type Dialer } from "../../src/host/dial.ts";
import { readPlatform } from "../../src/host/platform.ts";
import { createExecSessions } from "../../src/exec/sessions.ts";
import { createLauncherFinder } from "../../src/sandbox/find_launcher.ts";
import type { NetworkPlan, NetworkRules } from "../../src/sandbox/plan.ts";
import { House, libc, planFor, whyNoSandbox } from "./house.ts";
import { NO_HOSTS } from "../support/sandbox_plans.ts";

const skipReason = await whyNoSandbox();
// Sessions and the caretaker of mount points of this file's finder stay.
const options = { ignore: skipReason !== null, sanitizeOps: false, sanitizeResources: false };
if (skipReason !== null) Deno.test.ignore(`proxy tests are skipped: ${skipReason}`, () => {});

const RULES: NetworkRules = {
  ...NO_HOSTS,
  domains: [{ pattern: "ok.test", access: "allow" }, { pattern: "private.test", access: "allow" }],
  allowLocalBinding: true,
};
const proxied = (rules: Partial<NetworkRules> = {}): NetworkPlan => {
  return { access: "proxy", rules: { ...RULES, ...rules }, unixSockets: [], loopbackPorts: [] };
};

const lookups: string[] = [];
const real = createDialer(5_000);
const dialer: Dialer = {
  ...real,
  resolve(name): Promise<readonly Uint8Array[]> {
    lookups.push(name);
    return name.endsWith(".test")
      ? Promise.resolve([Uint8Array.of(127, 0, 0, 1)])
      : Promise.reject(new Error("unknown"));
  },
};
const environment = { PATH: "/usr/local/bin:/usr/bin:/bin" };
const finder = createLauncherFinder({ platform: readPlatform(), environment, dialer });
const sessions = createExecSessions({ launchers: finder, libc, nowMs: () => performance.now() });

async function run(house: House, script: string, network: NetworkPlan): Promise<string> {
  const session = await sessions.start({
    argv: ["/bin/bash", "-c", script],
    cwd: house.workspace,
    env: { ...environment, LC_ALL: "C", HTTPS_PROXY: "http://192.0.2.1:1", NO_PROXY: "*" },
    tty: false,
    sandbox: { ...planFor(house.workspace), network },
  }, () => {});
  await session.exited;
  return session.aggregatedOutput();
}

async function withServer(work: (port: number, hits: string[]) => Promise<void>): Promise<void> {
  const hits: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen(): void {} }, (request) => {
    hits.push(new URL(request.url).pathname);
    return new Response("hello\n");
  });
  try {
    await work(server.addr.port, hits);
  } finally {
    await server.shutdown();
  }
}

Deno.test({
  ...options,
  name: "proxy: curl reaches an allowed host by HTTP, CONNECT and SOCKS, and is refused others",
  async fn(): Promise<void> {
    await using house = new House();
    await withServer(async (port, hits) => {
      const output = await run(
        house,
        `curl -sS http://ok.test:${port}/plain; curl -sS -p http://ok.test:${port}/tunnel
        curl -sS -x "$ALL_PROXY" http://ok.test:${port}/socks
        curl -s -o /dev/null -w '%{http_code}\\n' http://evil.test:${port}/
        curl -s -p -o /dev/null -w '%{http_connect}\\n' http://evil.test:${port}/`,
        proxied(),
      );
      equal(output, "hello\nhello\nhello\n403\n403\n");
      deepEqual(hits, ["/plain", "/tunnel", "/socks"]);
    });
  },
});

Deno.test({
  ...options,
  name: "proxy: a name with a private address is refused unless allowed, and is looked up once",
  async fn(): Promise<void> {
    await using house = new House();
    lookups.length = 0;
    await withServer(async (port, hits) => {
      const script = `curl -sS http://private.test:${port}/`;
      match(await run(house, script, proxied({ allowLocalBinding: false })), /private, local or reserved/);
      deepEqual([hits, lookups], [[], ["private.test"]]);
    });
  },
});

Deno.test({
  ...options,
  name: "proxy: no way around it: direct TCP, IPv6, UDP, raw, local, netlink and other sockets",
  async fn(): Promise<void> {
    await using house = new House();
    await withServer(async (port, hits) => {
      const output = await run(
        house,
        `/usr/bin/python3 - <<'END'
import socket
def attempt(name, work):
    try:
        work()
        print(name, "works")
    except OSError as error:
        print(name, "refused")
attempt("loopback", lambda: socket.create_connection(("127.0.0.1", ${port}), 3))
attempt("outside", lambda: socket.create_connection(("192.0.2.1", 80), 3))
attempt("ipv6", lambda: socket.create_connection(("2001:db8::1", 80), 3))
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("unix", lambda: socket.socket(socket.AF_UNIX))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("name", lambda: socket.getaddrinfo("ok.test", 80))
END
ls /proc | grep -c '^[0-9]'`,
        proxied(),
      );
      const names = ["loopback", "outside", "ipv6", "udp", "raw", "packet", "unix", "netlink", "vsock", "name"];
      // Only the sandbox's own: bwrap, bash, ls and grep.
      equal(output, names.map((name) => `${name} refused\n`).join("") + "4\n");
      deepEqual(hits, []);
    });
  },
});

Deno.test({
  ...options,
  name: "proxy: one loopback port is reached without a network, others are not",
  async fn(): Promise<void> {
    await using house = new House();
    await withServer(async (port) => {
      await withServer(async (other, hits) => {
        const network: NetworkPlan = { access: "none", unixSockets: [], loopbackPorts: [port] };
        const script = `curl -sS http://127.0.0.1:${port}/ && curl -sS http://localhost:${port}/
          curl -s http://127.0.0.1:${other}/ || echo refused; echo "$CODEX_SANDBOX_NETWORK_DISABLED"`;
        equal(await run(house, script, network), "hello\nhello\nrefused\n1\n");
        deepEqual(hits, []);
      });
    });
  },
});

Deno.test({
  ...options,
  name: "proxy: addresses that cannot be used are an error before the command starts",
  async fn(): Promise<void> {
    await using house = new House();
    const rows: readonly (readonly [NetworkPlan, RegExp])[] = [
      [proxied({ httpListen: "http://127.0.0.1:0" }), /no port 0/],
      [proxied({ httpListen: "http://0.0.0.0:3128" }), /other machines could reach it/],
      [
        proxied({ httpListen: "http://192.0.2.9:3128", allowNonLoopbackListen: true }),
        /nothing can listen on 192\.0\.2\.9/,
      ],
      [{ ...proxied({ httpListen: "http://127.0.0.1:3128" }), loopbackPorts: [3128] }, /it is a loopback port too/],
    ];
    for (const [network, problem] of rows) await rejects(run(house, "touch ran", network), problem);
    equal(house.names().includes("ran"), false);
  },
});
