// Bounded fuzzing of what sandboxed commands and servers write to our proxies: whatever comes, in whatever pieces, each
// connection ends, nothing throws, and nothing is connected to that no rule allows.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { ByteStream } from "../../src/host/byte_stream.ts";
import type { Dialer } from "../../src/host/dial.ts";
import { parseIpAddress } from "../../src/base/ip_address.ts";
import { createEgress } from "../../src/sandbox/network_proxy/egress.ts";
import { formatAddress, parseHost } from "../../src/sandbox/network_proxy/host_name.ts";
import { serveHttpProxy } from "../../src/sandbox/network_proxy/http_proxy.ts";
import { PROXY_LIMITS } from "../../src/sandbox/network_proxy/serve_options.ts";
import { serveSocksProxy } from "../../src/sandbox/network_proxy/socks_proxy.ts";
import { bytePipe, bytesOf, readAllText } from "../support/byte_pipe.ts";
import { NO_HOSTS } from "../support/sandbox_plans.ts";

const RUNS = { numRuns: 400 };
const ALLOWED = "1.2.3.4";

const rules = {
  ...NO_HOSTS,
  domains: [{ pattern: "ok.example", access: "allow" }],
} as const;

async function survives(
  serve: typeof serveHttpProxy,
  pieces: readonly Uint8Array[],
  answer: readonly Uint8Array[],
): Promise<void> {
  const connect = async (address: string): Promise<ByteStream> => {
    assert.equal(address, ALLOWED);
    const [ours, theirs] = bytePipe();
    for (const piece of answer) await theirs.write(piece);
    await theirs.closeWrite();
    return ours;
  };
  const resolve = (name: string): Promise<readonly Uint8Array[]> => {
    assert.equal(name, "ok.example");
    return Promise.resolve([Uint8Array.of(1, 2, 3, 4)]);
  };
  const dialer: Dialer = { resolve, connect, connectTls: connect };
  const egress = createEgress({ rules, dialer, upstream: null, nowMs: () => 0 });
  const [client, proxy] = bytePipe();
  const serving = serve(proxy, { egress, credentials: null, limits: PROXY_LIMITS });
  for (const piece of pieces) await client.write(piece).catch(() => {});
  await client.closeWrite();
  await readAllText(client);
  await serving;
}

const crumb = fc.oneof(
  fc.constantFrom(
    "GET http://ok.example/ HTTP/1.1\r\n",
    "POST http://ok.example/ HTTP/1.1\r\n",
    "CONNECT ok.example:443 HTTP/1.1\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\n",
    "GET http://ok.example@evil.example/ HTTP/1.1\r\n",
    "Host: ok.example\r\n",
    "Host: evil.example\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Expect: 100-continue\r\n",
    "Connection: keep-alive\r\n",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "\r\n",
    "\n",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "ffffffffffff\r\n",
    "hello",
    "\0",
    "\xff",
  ),
  fc.string({ maxLength: 8 }),
).map(bytesOf);
const socksCrumb = fc.oneof(
  fc.constantFrom<number[]>([5, 1, 0], [5, 1, 0, 3], [5, 1, 0, 1, 127, 0, 0, 1], [5, 3, 0], [4, 1], [0, 80], [5, 255]),
  fc.constant([10, ...bytesOf("ok.example"), 1, 187]),
  fc.array(fc.nat(255), { maxLength: 6 }),
).map((bytes) => Uint8Array.from(bytes));

Deno.test("serveHttpProxy() survives any bytes from both sides", async () => {
  const some = fc.array(crumb, { maxLength: 14 });
  await fc.assert(fc.asyncProperty(some, some, (pieces, answer) => survives(serveHttpProxy, pieces, answer)), RUNS);
});

Deno.test("serveSocksProxy() survives any bytes", async () => {
  const some = fc.array(socksCrumb, { maxLength: 10 });
  await fc.assert(fc.asyncProperty(some, (pieces) => survives(serveSocksProxy, pieces, [])), RUNS);
});

Deno.test("parseHost() gives a form that it gives again, and that no parser of URLs reads in another way", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.array(
      fc.constantFrom("a", "example", ".", "..", "-", "[", "]", ":", "::1", "127", "0x7f", "@", "%2e", "。", "ü"),
      {
        maxLength: 8,
      },
    ).map((parts) => parts.join("")),
    fc.webUrl().map((url) => new URL(url).hostname),
    fc.ipV4(),
    fc.ipV6(),
  );
  fc.assert(
    fc.property(text, (given) => {
      const host = parseHost(given);
      if (host === null) return;
      assert.deepEqual(parseHost(host.text), host);
      const inUrl = host.text.includes(":") ? `[${host.text}]` : host.text;
      assert.equal(new URL(`http://${inUrl}/`).hostname, inUrl);
      if (host.kind === "address") assert.deepEqual(parseIpAddress(formatAddress(host.bytes)), host.bytes);
      else assert.equal(parseIpAddress(host.text), null);
    }),
    { numRuns: 3000 },
  );
});
