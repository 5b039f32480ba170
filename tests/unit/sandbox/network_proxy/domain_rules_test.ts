// Which hosts and which addresses a set of rules opens.
import { equal, throws } from "node:assert/strict";
import { CodexError } from "../../../../src/base/errors.ts";
import { parseIpAddress } from "../../../../src/base/ip_address.ts";
import { classifyAddress } from "../../../../src/sandbox/network_proxy/address_class.ts";
import { compileDomainRules } from "../../../../src/sandbox/network_proxy/domain_rules.ts";
import { parseAuthority } from "../../../../src/sandbox/network_proxy/host_name.ts";

type Rule = readonly [pattern: string, access: "allow" | "deny"];

const allow = (...patterns: readonly string[]): readonly Rule[] => patterns.map((pattern) => [pattern, "allow"]);

function rulesOf(rules: readonly Rule[], allowLocalBinding = false): ReturnType<typeof compileDomainRules> {
  return compileDomainRules({ domains: rules.map(([pattern, access]) => ({ pattern, access })), allowLocalBinding });
}

/** Rules, host:port, and why it is allowed or refused. */
const VERDICTS: readonly (readonly [readonly Rule[], string, string])[] = [
  [[], "example.com:443", "in no rule"],
  [allow("example.com"), "example.com:443", "allowed by a rule"],
  [allow("EXAMPLE.com."), "example.com:80", "allowed by a rule"],
  [allow("example.com"), "EXAMPLE.COM.:80", "allowed by a rule"],
  [allow("example.com"), "www.example.com:443", "in no rule"],
  [allow("example.com"), "notexample.com:443", "in no rule"],
  [allow("example.com"), "example.com.evil.example:443", "in no rule"],
  [allow("*.example.com"), "example.com:443", "in no rule"],
  [allow("*.example.com"), "a.example.com:443", "allowed by a rule"],
  [allow("*.example.com"), "a.b.example.com:443", "allowed by a rule"],
  [allow("*.example.com"), "aexample.com:443", "in no rule"],
  [allow("**.example.com"), "example.com:443", "allowed by a rule"],
  [allow("**.example.com"), "a.b.example.com:443", "allowed by a rule"],
  [allow("**.example.com"), "badexample.com:443", "in no rule"],
  [allow("example.com:443"), "example.com:443", "allowed by a rule"],
  [allow("example.com:443"), "example.com:80", "in no rule"],
  [allow("*"), "anything.example:9", "allowed by a rule"],
  [allow("*:443"), "anything.example:9", "in no rule"],
  [allow("bücher.example"), "xn--bcher-kva.example:1", "allowed by a rule"],
  [allow("10.0.0.1"), "10.0.0.1:80", "allowed by a rule"],
  [allow("10.0.0.1"), "167772161:80", "allowed by a rule"],
  [allow("::1"), "[::1]:80", "allowed by a rule"],
  [allow("[::1]:80"), "[::1]:80", "allowed by a rule"],
  [allow("[::1]:80"), "[::1]:81", "in no rule"],
  [allow("127.0.0.1"), "[::ffff:127.0.0.1]:80", "allowed by a rule"],
  [allow("*.0.0.1.example"), "127.0.0.1:80", "in no rule"],
  [[...allow("*"), ["evil.example", "deny"]], "evil.example:443", "denied by a rule"],
  [[["**.evil.example", "deny"], ...allow("good.evil.example")], "good.evil.example:443", "denied by a rule"],
  [[...allow("good.example"), ["*:25", "deny"]], "good.example:25", "denied by a rule"],
  [[...allow("good.example"), ["*:25", "deny"]], "good.example:443", "allowed by a rule"],
];

Deno.test("judgeHost() lets deny win, and refuses what no rule allows", () => {
  for (const [rules, place, expected] of VERDICTS) {
    const { host, port } = parseAuthority(place, null)!;
    const { why, decision } = rulesOf(rules).judgeHost(host, port);
    equal(why, expected, `${JSON.stringify(rules)} ${place}`);
    equal(decision, expected === "allowed by a rule" ? "allow" : "deny");
  }
});

Deno.test("compileDomainRules() refuses patterns that it does not understand", () => {
  const bad = ["", "a*.example", "*.*.example", "***.x", "http://example.com", "example.com/x", "u@example.com"];
  for (const pattern of [...bad, "example.com:0", "example.com:99999", "*.10.0.0.1", "a b", "[::1", "*."]) {
    throws(() => rulesOf(allow(pattern)), (error: unknown) => {
      return error instanceof CodexError && error.code === "CONFIG_INVALID" && error.hint !== undefined;
    }, pattern);
  }
});

const CLASSES: readonly (readonly [string, string])[] = [
  ["1.1.1.1", "public"],
  ["172.15.255.255", "public"],
  ["172.32.0.0", "public"],
  ["100.128.0.1", "public"],
  ["2606:4700::1111", "public"],
  ["10.1.2.3", "local"],
  ["127.255.255.254", "local"],
  ["169.254.1.1", "local"],
  ["172.16.0.1", "local"],
  ["172.31.255.255", "local"],
  ["192.168.1.1", "local"],
  ["100.64.0.1", "local"],
  ["100.127.255.255", "local"],
  ["198.19.0.1", "local"],
  ["192.0.2.1", "local"],
  ["::1", "local"],
  ["fc00::1", "local"],
  ["fdff::1", "local"],
  ["fe80::1", "local"],
  ["febf::1", "local"],
  ["2001:db8::1", "local"],
  ["2001::1", "local"],
  ["64:ff9b::a00:1", "local"],
  ["64:ff9b::101:101", "public"],
  ["2002:7f00:1::", "local"],
  ["::7f00:1", "local"],
  ["0.0.0.0", "special"],
  ["0.1.2.3", "special"],
  ["::", "special"],
  ["224.0.0.1", "special"],
  ["255.255.255.255", "special"],
  ["ff02::1", "special"],
  ["169.254.169.254", "special"],
  ["::ffff:169.254.169.254", "special"],
  ["64:ff9b::a9fe:a9fe", "special"],
  ["100.100.100.200", "special"],
  ["168.63.129.16", "special"],
  ["fd00:ec2::254", "special"],
];

Deno.test("classifyAddress() knows what is not the public network", () => {
  for (const [text, expected] of CLASSES) equal(classifyAddress(parseIpAddress(text)!), expected, text);
});

/** Rules, allow_local_binding, host, the address it has, and whether that may be connected to. */
const ADDRESSES: readonly (readonly [readonly Rule[], boolean, string, string, boolean])[] = [
  [allow("*"), false, "a.example", "1.1.1.1", true],
  [allow("a.example"), false, "a.example", "127.0.0.1", false],
  [allow("a.example"), false, "a.example", "10.0.0.1", false],
  [allow("a.example"), false, "a.example", "169.254.169.254", false],
  [allow("a.example"), true, "a.example", "10.0.0.1", true],
  [allow("a.example"), true, "a.example", "169.254.169.254", false],
  [allow("a.example"), true, "a.example", "0.0.0.0", false],
  [allow("localhost"), false, "localhost", "127.0.0.1", true],
  [allow("localhost"), false, "localhost", "::1", true],
  [allow("localhost"), false, "localhost", "10.0.0.1", false],
  [allow("*"), false, "localhost", "127.0.0.1", false],
  [allow("*"), false, "10.0.0.1", "10.0.0.1", false],
  [allow("10.0.0.1"), false, "10.0.0.1", "10.0.0.1", true],
  [allow("*", "10.0.0.1"), false, "10.0.0.1", "10.0.0.1", true],
  [allow("*"), true, "169.254.169.254", "169.254.169.254", false],
  [allow("169.254.169.254"), false, "169.254.169.254", "169.254.169.254", true],
];

Deno.test("allowsAddress() keeps names out of private networks, and everybody from special addresses", () => {
  for (const [list, local, hostText, address, expected] of ADDRESSES) {
    const rules = rulesOf(list, local);
    const { host } = parseAuthority(hostText, 443)!;
    const verdict = rules.judgeHost(host, 443);
    equal(verdict.decision, "allow");
    equal(rules.allowsAddress(host, verdict, parseIpAddress(address)!), expected, `${hostText} at ${address}`);
  }
});
