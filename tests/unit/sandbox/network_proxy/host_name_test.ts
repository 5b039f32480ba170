// One form for every spelling of a host, and nothing that two programs could read in two ways.
import { deepEqual, equal } from "node:assert/strict";
import { parseAuthority, parseHost } from "../../../../src/sandbox/network_proxy/host_name.ts";

/** Spelling, then what it is: a name, an address, or null. */
const HOSTS: readonly (readonly [string, string | null])[] = [
  ["example.com", "example.com"],
  ["EXAMPLE.Com", "example.com"],
  ["example.com.", "example.com"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["BÜCHER.example", "xn--bcher-kva.example"],
  ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ["example。com", "example.com"],
  ["my_host.example", "my_host.example"],
  ["localhost", "localhost"],
  ["127.0.0.1", "127.0.0.1"],
  ["127.0.0.1.", "127.0.0.1"],
  ["127.1", "127.0.0.1"],
  ["2130706433", "127.0.0.1"],
  ["0x7f000001", "127.0.0.1"],
  ["0x7f.1", "127.0.0.1"],
  ["017700000001", "127.0.0.1"],
  ["0177.0.0.01", "127.0.0.1"],
  ["0", "0.0.0.0"],
  ["１２７.0.0.1", "127.0.0.1"],
  ["[::1]", "::1"],
  ["::1", "::1"],
  ["[0:0:0:0:0:0:0:1]", "::1"],
  ["[::ffff:127.0.0.1]", "127.0.0.1"],
  ["[::FFFF:7f00:1]", "127.0.0.1"],
  ["[FE80::1]", "fe80::1"],
  ["", null],
  [".", null],
  ["a..b", null],
  [".example.com", null],
  ["example.com..", null],
  ["-a.example", null],
  ["a b", null],
  ["user@example.com", null],
  ["example.com@127.0.0.1", null],
  ["example.com/", null],
  ["example.com\\", null],
  ["example.com#x", null],
  ["example.com?x", null],
  ["ex%61mple.com", null],
  ["example.com%00", null],
  ["example.com\u0000.evil.example", null],
  ["example.com\t", null],
  ["256.0.0.1", null],
  ["1.2.3.4.5", null],
  ["foo.0x1", null],
  ["[fe80::1%25eth0]", null],
  ["[::1", null],
  ["[127.0.0.1]", null],
  ["example.com:80", null],
  [`${"a".repeat(64)}.example`, null],
  [`${"a.".repeat(130)}example`, null],
  ["exam\u200bple.com\u202e", null],
];

Deno.test("parseHost() gives each spelling one form, or none", () => {
  for (const [text, expected] of HOSTS) equal(parseHost(text)?.text ?? null, expected, JSON.stringify(text));
});

Deno.test("parseAuthority() takes host and port apart", () => {
  const rows: readonly (readonly [string, number | null, string | null])[] = [
    ["example.com:443", null, "example.com 443"],
    ["example.com", 80, "example.com 80"],
    ["[::1]:8080", null, "::1 8080"],
    ["[::1]", 80, "::1 80"],
    ["example.com", null, null],
    ["example.com:", 80, null],
    ["example.com:0", 80, null],
    ["example.com:65536", 80, null],
    ["example.com:80:80", 80, null],
    ["::1", 80, null],
    ["user:pass@example.com:80", 80, null],
    ["example.com:80@evil.example:80", 80, null],
    ["example.com: 80", 80, null],
  ];
  for (const [text, fallback, expected] of rows) {
    const place = parseAuthority(text, fallback);
    deepEqual(place === null ? null : `${place.host.text} ${place.port}`, expected, text);
  }
});
