import assert from "node:assert/strict";
import { networkOf } from "../../../src/auth/failure_limit.ts";

Deno.test("networkOf() takes an IPv6 client for its /64", () => {
  const rows: [string, string][] = [
    ["10.1.2.3", "10.1.2.3"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["::1", "0:0:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
    ["fe80::1", "fe80:0:0:0::/64"],
    ["what?", "what?"],
  ];
  for (const [address, network] of rows) assert.equal(networkOf(address), network);
});
