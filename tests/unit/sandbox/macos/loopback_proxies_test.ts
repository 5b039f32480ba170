import { equal, ok, rejects } from "node:assert/strict";
import { startLoopbackProxies } from "../../../../src/sandbox/macos/loopback_proxies.ts";
import type { NetworkRules } from "../../../../src/sandbox/plan.ts";
import { PLANS } from "./plans.ts";

const rules: NetworkRules = PLANS.proxy.network.rules;
const options = { env: { PATH: "/bin", HTTPS_PROXY: "http://elsewhere:1" }, environment: {}, nowMs: () => 5 };

async function ask(port: number, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request));
  const answer = new Uint8Array(4096);
  return new TextDecoder().decode(answer.subarray(0, await connection.read(answer) ?? 0)).split("\r\n")[0] ?? "";
}

Deno.test("startLoopbackProxies() listens on loopback, asks for the password that only the command has, and ends", async () => {
  const proxies = await startLoopbackProxies(rules, options);
  const [http = 0, socks = 0] = proxies.ports;
  ok(http > 0 && socks > 0 && http !== socks);
  const url = new URL(proxies.env["HTTPS_PROXY"] ?? "");
  equal(`${url.hostname}:${url.port}`, `127.0.0.1:${http}`);
  ok(proxies.env["ALL_PROXY"]?.startsWith(`socks5h://codex:${url.password}@127.0.0.1:${socks}`));
  const head = "CONNECT denied.example:443 HTTP/1.1\r\nHost: denied.example\r\n";
  ok((await ask(http, `${head}\r\n`)).includes(" 407 "));
  equal(proxies.decisions().length, 0);
  const credentials = btoa(`${url.username}:${url.password}`);
  ok((await ask(http, `${head}Proxy-Authorization: Basic ${credentials}\r\n\r\n`)).includes(" 403 "));
  equal(proxies.decisions()[0]?.host, "denied.example");
  await proxies.close();
  await rejects(Deno.connect({ hostname: "127.0.0.1", port: http }));
});

Deno.test("startLoopbackProxies() a taken port is an error, and the first proxy does not stay", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const socksListen = `socks5://127.0.0.1:${taken.addr.port}`;
  await rejects(startLoopbackProxies({ ...rules, socksListen }, options), { code: "LISTEN_FAILED" });
  await rejects(startLoopbackProxies({ ...rules, httpListen: "http://192.0.2.1:80" }, options), {
    code: "CONFIG_INVALID",
  });
});
