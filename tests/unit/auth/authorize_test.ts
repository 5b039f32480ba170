import assert from "node:assert/strict";
import { authorizeUpgrade } from "../../../src/auth/authorize.ts";
import { createCapabilityToken } from "../../../src/auth/capability_token.ts";
import { OPEN } from "../../../src/auth/policy.ts";

const TOKEN = "super-secret-token";

Deno.test("authorizeUpgrade() with a capability token", async () => {
  const policy = { kind: "capabilityToken", token: await createCapabilityToken(TOKEN) } as const;
  const rows: [string, string | null, string | null][] = [
    ["right token", `Bearer ${TOKEN}`, null],
    ["lower-case scheme", `bearer ${TOKEN}`, null],
    ["upper-case scheme", `BEARER ${TOKEN}`, null],
    ["two spaces", `Bearer  ${TOKEN}`, null],
    ["trailing space", `Bearer ${TOKEN} `, null],
    ["no header", null, "missing websocket bearer token"],
    ["another scheme", "Basic dXNlcjpwYXNz", "invalid authorization header"],
    ["the scheme Token", `Token ${TOKEN}`, "invalid authorization header"],
    ["no scheme", TOKEN, "invalid authorization header"],
    ["empty bearer", "Bearer ", "invalid authorization header"],
    ["bearer only", "Bearer", "invalid authorization header"],
    ["tab", `Bearer\t${TOKEN}`, "invalid authorization header"],
    ["wrong token", "Bearer wrong", "invalid websocket bearer token"],
    ["prefix", `Bearer ${TOKEN.slice(0, -1)}`, "invalid websocket bearer token"],
    ["more", `Bearer ${TOKEN}x`, "invalid websocket bearer token"],
    ["two headers, right one first", `Bearer ${TOKEN}, Bearer wrong`, "invalid websocket bearer token"],
    ["two headers, right one last", `Bearer wrong, Bearer ${TOKEN}`, "invalid websocket bearer token"],
  ];
  for (const [name, header, reason] of rows) {
    const expected = reason === null ? { allowed: true } : { allowed: false, status: 401, reason };
    assert.deepEqual(await authorizeUpgrade(policy, header), expected, name);
  }
});

Deno.test("authorizeUpgrade() lets everybody in when nothing is asked for", async () => {
  for (const header of [null, "Bearer x", "nonsense"]) {
    assert.deepEqual(await authorizeUpgrade(OPEN, header), { allowed: true });
  }
});
