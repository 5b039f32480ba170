// Where proxies may be told to listen.
import { deepEqual, throws } from "node:assert/strict";
import { CodexError } from "../../../../src/base/errors.ts";
import { proxyAddresses } from "../../../../src/sandbox/network_proxy/listen_address.ts";

function addresses(httpListen: string | null, socksListen: string | null, anywhere = false): unknown {
  return proxyAddresses({ httpListen, socksListen, allowNonLoopbackListen: anywhere });
}

Deno.test("proxyAddresses() takes loopback addresses with a port", () => {
  deepEqual(addresses(null, null), { http: null, socks: null });
  deepEqual(addresses(null, "off"), { http: null, socks: "off" });
  deepEqual(addresses("http://127.0.0.1:3128", "socks5://[::1]:1080"), {
    http: { address: "127.0.0.1", port: 3128 },
    socks: { address: "::1", port: 1080 },
  });
  deepEqual(addresses("localhost:3128", "127.0.0.1:1080"), {
    http: { address: "127.0.0.1", port: 3128 },
    socks: { address: "127.0.0.1", port: 1080 },
  });
  deepEqual(addresses("http://127.0.0.1/", null), { http: { address: "127.0.0.1", port: 80 }, socks: null });
  deepEqual(addresses("http://0.0.0.0:3128", null, true), { http: { address: "0.0.0.0", port: 3128 }, socks: null });
});

Deno.test("proxyAddresses() refuses everything else and says what to do", () => {
  const rows: readonly (readonly [string | null, string | null])[] = [
    ["http://127.0.0.1:0", null],
    ["http://0.0.0.0:3128", null],
    ["http://192.168.1.1:3128", null],
    ["http://[::]:3128", null],
    ["http://proxy.example:3128", null],
    ["http://127.0.0.1:99999", null],
    ["https://127.0.0.1:3128", null],
    ["socks5://127.0.0.1:3128", null],
    ["http://user:secret@127.0.0.1:3128", null],
    ["", null],
    [null, "http://127.0.0.1:1080"],
    [null, "socks5://127.0.0.1:0"],
    ["http://127.0.0.1:3128", "socks5://127.0.0.1:3128"],
  ];
  for (const [http, socks] of rows) {
    throws(() => addresses(http, socks), (error: unknown) => {
      return error instanceof CodexError && error.code === "CONFIG_INVALID" && error.hint !== undefined;
    }, JSON.stringify([http, socks]));
  }
});
