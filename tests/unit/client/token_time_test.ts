import assert from "node:assert/strict";
import { describeTokenTime } from "../../../src/client/token_time.ts";
import { base64Url, makeJwt } from "../../support/jwt.ts";

const NOW = 1_000_000;
const rows: readonly (readonly [unknown, string | null])[] = [
  [{ exp: NOW - 1 }, "it expired 1 second ago"],
  [{ exp: NOW - 0.2 }, "it expired 1 second ago"],
  [{ exp: NOW - 119 }, "it expired 1 minute ago"],
  [{ exp: NOW - 7_200 }, "it expired 2 hours ago"],
  [{ exp: NOW - 200_000 }, "it expired 2 days ago"],
  [{ exp: NOW + 100, nbf: NOW + 60 }, "it is not valid for another 1 minute"],
  [{ exp: NOW + 100 }, null],
  [{}, null],
  [{ exp: "soon" }, null],
  [[], null],
  ["null", null],
  ["no JSON", null],
];

for (const [claims, expected] of rows) {
  Deno.test(`describeTokenTime() says ${expected} of ${JSON.stringify(claims)}`, async () => {
    assert.equal(describeTokenTime(await makeJwt({ claims, secret: "x" }), NOW * 1000), expected);
  });
}

for (const token of ["", "a capability token", "a.b", "a.%.c", `a.${base64Url("\u00ff")}.c`, "a.b.c.d"]) {
  Deno.test(`describeTokenTime() says nothing of "${token}"`, () => {
    assert.equal(describeTokenTime(token, NOW * 1000), null);
  });
}
