// Conversations with the SOCKS5 proxy, byte by byte.
import { deepEqual, equal } from "node:assert/strict";
import type { ByteStream } from "../../../../src/host/byte_stream.ts";
import type { Dialer } from "../../../../src/host/dial.ts";
import { createEgress } from "../../../../src/sandbox/network_proxy/egress.ts";
import { PROXY_LIMITS } from "../../../../src/sandbox/network_proxy/serve_options.ts";
import { serveSocksProxy } from "../../../../src/sandbox/network_proxy/socks_proxy.ts";
import type { NetworkRules } from "../../../../src/sandbox/plan.ts";
import { bytePipe, bytesOf, latin1 } from "../../../support/byte_pipe.ts";
import { NO_HOSTS } from "../../../support/sandbox_plans.ts";

const RULES: NetworkRules = {
  ...NO_HOSTS,
  domains: [{ pattern: "ok.example", access: "allow" }, { pattern: "9.9.9.9", access: "allow" }],
};
const HELLO = [5, 1, 0];
const name = (text: string): readonly number[] => [3, text.length, ...bytesOf(text)];
const PORT = [0x01, 0xbb];

interface Played {
  readonly heard: readonly number[];
  readonly dialled: readonly string[];
  readonly sent: string;
}

async function play(
  bytes: readonly number[],
  { mode = "full", credentials = null }: {
    readonly mode?: NetworkRules["mode"];
    readonly credentials?: { readonly user: string; readonly password: string } | null;
  } = {},
): Promise<Played> {
  const dialled: string[] = [];
  let sent = "";
  const dialer: Dialer = {
    resolve: (host) => Promise.resolve([Uint8Array.of(1, 2, 3, host.length)]),
    async connect(address, port): Promise<ByteStream> {
      dialled.push(`${address}:${port}`);
      const [ours, theirs] = bytePipe();
      await theirs.write(bytesOf("hi"));
      void (async (): Promise<void> => {
        for (let chunk = await theirs.read(); chunk !== null; chunk = await theirs.read()) sent += latin1(chunk);
        theirs.close();
      })();
      return ours;
    },
    connectTls: () => Promise.reject(new Error("not here")),
  };
  const egress = createEgress({ rules: { ...RULES, mode }, dialer, upstream: null, nowMs: () => 0 });
  const [client, proxy] = bytePipe();
  const serving = serveSocksProxy(proxy, { egress, credentials, limits: PROXY_LIMITS });
  await client.write(Uint8Array.from(bytes));
  await client.closeWrite();
  const heard: number[] = [];
  for (let chunk = await client.read(); chunk !== null; chunk = await client.read()) heard.push(...chunk);
  await serving;
  return { heard, dialled, sent };
}

const reply = (code: number): readonly number[] => [5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0];

Deno.test("serveSocksProxy() connects to names and addresses that a rule allows", async () => {
  const named = await play([...HELLO, 5, 1, 0, ...name("OK.example."), ...PORT, ...bytesOf("body")]);
  deepEqual(named, { heard: [...reply(0), ...bytesOf("hi")], dialled: ["1.2.3.10:443"], sent: "body" });
  deepEqual((await play([...HELLO, 5, 1, 0, 1, 9, 9, 9, 9, ...PORT])).dialled, ["9.9.9.9:443"]);
  const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 9, 9, 9, 9];
  deepEqual((await play([...HELLO, 5, 1, 0, 4, ...mapped, ...PORT])).dialled, ["9.9.9.9:443"]);
});

Deno.test("serveSocksProxy() refuses the rest with the code that says why", async () => {
  const rows: readonly (readonly [string, readonly number[], readonly number[]])[] = [
    ["a host of no rule", [...HELLO, 5, 1, 0, ...name("evil.example"), ...PORT], reply(2)],
    ["a private address", [...HELLO, 5, 1, 0, 1, 127, 0, 0, 1, ...PORT], reply(2)],
    ["UDP", [...HELLO, 5, 3, 0, ...name("ok.example"), ...PORT], reply(7)],
    ["BIND", [...HELLO, 5, 2, 0, ...name("ok.example"), ...PORT], reply(7)],
    ["an unknown kind of address", [...HELLO, 5, 1, 0, 9, 1, 1, 1, 1, ...PORT], reply(8)],
    ["no host", [...HELLO, 5, 1, 0, ...name("a b"), ...PORT], reply(1)],
    ["an empty name", [...HELLO, 5, 1, 0, ...name(""), ...PORT], reply(1)],
    ["port 0", [...HELLO, 5, 1, 0, ...name("ok.example"), 0, 0], reply(1)],
    ["no method that fits", [5, 1, 2], [5, 0xff]],
    ["SOCKS4", [4, 1, ...PORT, 9, 9, 9, 9, 0], []],
    ["an end in the middle", [...HELLO, 5, 1, 0, 3, 20, 65], [5, 0]],
  ];
  for (const [what, bytes, heard] of rows) deepEqual(await play(bytes), { heard, dialled: [], sent: "" }, what);
  const limited = await play([...HELLO, 5, 1, 0, ...name("ok.example"), ...PORT], { mode: "limited" });
  deepEqual(limited.heard, reply(2));
});

Deno.test("serveSocksProxy() asks for user and password where it has some", async () => {
  const credentials = { user: "codex", password: "right" };
  const login = (password: string): number[] => [1, 5, ...bytesOf("codex"), password.length, ...bytesOf(password)];
  const request = [5, 1, 0, ...name("ok.example"), ...PORT];
  equal((await play([5, 2, 0, 2, ...login("right"), ...request], { credentials })).dialled.length, 1);
  deepEqual((await play([5, 1, 2, ...login("wrong"), ...request], { credentials })).heard, [5, 2, 1, 1]);
  deepEqual((await play([...HELLO, ...request], { credentials })).heard, [5, 0xff]);
});
