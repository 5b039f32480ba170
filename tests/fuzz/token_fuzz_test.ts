// More than 5,000 bad credentials against each mode of the gate: none is accepted, none throws, and a good one passes
// in between.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuthGate } from "../../src/auth/gate.ts";
import { base64Url, makeJwt } from "../support/jwt.ts";
import { makeGate } from "../support/socket_server.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const TOKEN = "s3cret";
const RUNS = 2_000;
const SEED = 20_261_123;

async function isIn(gate: AuthGate, header: string | null): Promise<boolean> {
  return (await gate.authorize(header, "192.0.2.1")).allowed;
}

/** What becomes of a good text when somebody plays with it; never the text itself. */
function mutations(good: string): fc.Arbitrary<string> {
  const index = fc.nat(good.length - 1);
  return fc.oneof(
    fc.tuple(index, fc.string({ minLength: 1, maxLength: 3, unit: "binary" })).map(([at, text]) =>
      good.slice(0, at) + text + good.slice(at)
    ),
    index.map((at) => good.slice(0, at) + good.slice(at + 1)),
    index.map((at) => good.slice(0, at)),
    index.map((at) => good.slice(at + 1)),
    fc.tuple(index, fc.nat(127)).map(([at, code]) =>
      good.slice(0, at) + String.fromCharCode(code) + good.slice(at + 1)
    ),
    fc.constantFrom(`${good}=`, `${good}.`, `.${good}`, `${good},${good}`, `${good}, Bearer ${good}`, `"${good}"`),
    fc.constantFrom("\u00a0", "\u200b", "\ufeff", "\u0000", "\t", "\n").map((space) => good + space + "x"),
    fc.string({ maxLength: 50_000 }),
  ).filter((text) => text.trim() !== good);
}

/** Everything but a signature that the secret made over an acceptable header and claims. */
function forged(): fc.Arbitrary<Promise<string>> {
  const exp = 4_000_000_000;
  const header = fc.oneof(
    fc.constantFrom("none", "None", "NONE", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "", "HS256 ")
      .map((alg) => ({ alg })),
    fc.jsonValue(),
    fc.record({ alg: fc.jsonValue(), crit: fc.jsonValue() }),
    fc.record({
      alg: fc.constant("HS256"),
      crit: fc.constantFrom(["exp"], ["x"], [], "x", ["b64"]),
      b64: fc.boolean(),
    }),
  ).filter((value) => !isAcceptableHeader(value));
  const claims = fc.oneof(
    fc.jsonValue().filter((value) => !hasGoodExp(value)),
    fc.constantFrom(
      '{"exp":4e9}',
      '{"exp":4000000000.0}',
      '{"exp":"4000000000"}',
      '{"exp":9223372036854775808}',
      '{"exp":[4000000000]}',
      '{"exp":true}',
      '[{"exp":4000000000}]',
      '{"__proto__":{"exp":4000000000}}',
      "{",
      "",
    ),
    fc.record({ exp: fc.constant(exp), nbf: fc.oneof(fc.string(), fc.boolean(), fc.constant(exp)) }),
    fc.record({ exp: fc.constant(exp), aud: fc.oneof(fc.integer(), fc.array(fc.integer(), { minLength: 1 })) }),
    fc.record({ exp: fc.constant(exp), iss: fc.oneof(fc.integer(), fc.array(fc.string(), { minLength: 1 })) }),
  );
  return fc.oneof(
    header.map((value) => makeJwt({ header: value, claims: { exp }, secret: SECRET })),
    claims.map((value) => makeJwt({ claims: value, secret: SECRET })),
    fc.string({ minLength: 1, maxLength: 64 }).filter((secret) => secret !== SECRET).map((secret) =>
      makeJwt({ claims: { exp }, secret })
    ),
    fc.constantFrom("SHA-384" as const, "SHA-512" as const).map((hash) =>
      makeJwt({ claims: { exp }, secret: SECRET, hash })
    ),
    fc.uint8Array({ maxLength: 80 }).map((signature) =>
      Promise.resolve(`${base64Url('{"alg":"HS256"}')}.${base64Url(`{"exp":${exp}}`)}.${base64Url(signature)}`)
    ),
  );
}

function isAcceptableHeader(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { alg, crit } = value as { alg?: unknown; crit?: unknown };
  return alg === "HS256" && crit === undefined;
}

function hasGoodExp(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    typeof (value as { exp?: unknown }).exp === "number";
}

Deno.test(`${RUNS} mutations of a capability token are refused`, async () => {
  const gate = await makeGate();
  await fc.assert(
    fc.asyncProperty(mutations(TOKEN), async (text) => {
      assert.equal(await isIn(gate, `Bearer ${text}`), false);
      assert.equal(await isIn(gate, `Bearer ${TOKEN}`), true);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

Deno.test(`${RUNS} forged and ${RUNS} mutated signed tokens are refused`, async () => {
  const gate = await makeGate({
    mode: "signed-bearer-token",
    secretFile: "/s",
    issuer: null,
    audience: null,
    maxClockSkewSeconds: null,
  });
  const good = await makeJwt({ claims: { exp: 4_000_000_000 }, secret: SECRET });
  await fc.assert(
    fc.asyncProperty(forged(), async (token) => {
      assert.equal(await isIn(gate, `Bearer ${await token}`), false);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  await fc.assert(
    fc.asyncProperty(mutations(good), async (text) => {
      assert.equal(await isIn(gate, `Bearer ${text}`), false);
      assert.equal(await isIn(gate, `Bearer ${good}`), true);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});
