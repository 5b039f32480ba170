// More than 5,000 bad credentials against the gate: none is accepted, none throws, none takes long, and a good one passes
// in between. Then 1,000 bad handshakes on bare TCP against a running server of each mode.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuthGate } from "../../src/auth/gate.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket } from "../support/json_rpc.ts";
import { base64Url, makeJwt } from "../support/jwt.ts";
import { RunningProcess } from "../support/process.ts";
import { rawRequest, UPGRADE_HEADERS } from "../support/raw_websocket.ts";
import { makeGate } from "../support/socket_server.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const TOKEN = "s3cret";
const RUNS = 2_000;
const HANDSHAKES = 1_000;
/** Generous, because other tests run beside this one; a header that costs more than that would be a way to stop us. */
const LONGEST_CHECK_MS = 1_000;
const SEED = 20_261_123;

async function isIn(gate: AuthGate, header: string | null): Promise<boolean> {
  const before = performance.now();
  const { allowed } = await gate.authorize(header, "192.0.2.1");
  assert.ok(performance.now() - before < LONGEST_CHECK_MS, `too long for ${header?.length} characters`);
  return allowed;
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
      '{"exp":1,"exp":4000000000}',
      '{"exp":4000000000,"sub":"a","exp":4000000000}',
      '{"exp":4000000000,"\\u0065xp":4000000000}',
      '{"exp":-4000000000}',
      '{"exp":1e400}',
      '{"exp":99999999999999999999999999}',
      '{"exp":4000000000,"nbf":4000000000.5}',
      '{"exp":4000000000}{}',
      '\ufeff{"exp":4000000000}',
      `{"exp":4000000000,"a":${"[".repeat(5_000)}}`,
      `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
      "{",
      "",
    ),
    fc.record({ exp: fc.constant(exp), nbf: fc.oneof(fc.string(), fc.boolean(), fc.constant(exp)) }),
    fc.record({ exp: fc.constant(exp), aud: fc.oneof(fc.integer(), fc.array(fc.integer(), { minLength: 1 })) }),
    fc.record({ exp: fc.constant(exp), iss: fc.oneof(fc.integer(), fc.array(fc.string(), { minLength: 1 })) }),
  );
  const headerText = fc.constantFrom(
    '{"alg":"none","alg":"HS256"}',
    '{"alg":"HS256","alg":"HS256"}',
    '{"alg":"HS256","\\u0061lg":"HS256"}',
    '[{"alg":"HS256"}]',
    '{"alg":["HS256"]}',
    '{"alg":"HS256"',
    '\ufeff{"alg":"HS256"}',
    "",
  );
  return fc.oneof(
    headerText.map((text) => makeJwt({ headerText: text, claims: { exp }, secret: SECRET })),
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

/** Every way of giving a credential that is not one `Authorization` header with the credential in it. */
function badHandshakes(good: string): fc.Arbitrary<{ path: string; headers: string[] }> {
  const right = `Authorization: Bearer ${good}`;
  const text = fc.string({ maxLength: 60, unit: "binary-ascii" }).map((raw) => raw.replace(/[\r\n]/g, " "));
  const wrong = fc.oneof(
    fc.constantFrom("Authorization:", "Authorization: Bearer", "authorization: bearer x", "Authorization: Basic eDp5"),
    text.filter((value) => value.trim() !== good).map((value) => `Authorization: Bearer ${value}`),
    fc.nat(300_000).map((length) => `Authorization: Bearer ${"x".repeat(length + 1)}`),
    fc.nat(good.length - 1).map((at) => `Authorization: Bearer ${good.slice(0, at)}`),
  );
  const several = fc.oneof(
    fc.tuple(fc.constant(right), wrong),
    fc.tuple(wrong, fc.constant(right)),
    fc.constant([right, right]),
    fc.tuple(fc.constant(right), wrong, fc.constant(right)),
    fc.constantFrom([right, right.toLowerCase()], [right, ` ${good}`], ["Authorization: Bearer", ` ${good}`]),
  );
  const elsewhere = fc.constantFrom(
    `Authorization : Bearer ${good}`,
    ` Authorization: Bearer ${good}`,
    `Authorization\0: Bearer ${good}`,
    `X-Authorization: Bearer ${good}`,
    `Proxy-Authorization: Bearer ${good}`,
    `Cookie: token=${good}; Authorization=Bearer ${good}`,
    `Sec-WebSocket-Protocol: bearer, ${good}`,
    `X: y\rAuthorization: Bearer ${good}`,
    `Authorization: Bearer ${good}\0`,
    `Authorization: Bearer ${good}\u00a0`,
    `Authorization: Bearer "${good}"`,
    `Authorization: Bearer token=${good}`,
  );
  const path = fc.constantFrom(
    "/",
    `/?token=${good}`,
    `/?access_token=${good}&authorization=Bearer%20${good}`,
    `/${good}`,
    `http://x:${good}@127.0.0.1/`,
  );
  const many = fc.integer({ min: 1, max: 500 }).map((count) => Array.from({ length: count }, (_, at) => `X-${at}: y`));
  const headers: fc.Arbitrary<string[]> = fc.oneof(
    wrong.map((one) => [one]),
    several.map((all) => [...all]),
    elsewhere.map((one) => [one]),
    fc.tuple(many, wrong).map(([filler, one]) => [...filler, one]),
    fc.constant<string[]>([]),
  );
  return fc.record({ path, headers });
}

for (const mode of ["capability-token", "signed-bearer-token"] as const) {
  Deno.test(`${HANDSHAKES} bad handshakes with a server that asks for a ${mode} are refused`, async () => {
    await using scratch = await makeScratch();
    const home = `${scratch.path}/home`;
    await Deno.mkdir(home);
    const file = `${scratch.path}/secret`;
    const isSigned = mode === "signed-bearer-token";
    await Deno.writeTextFile(file, isSigned ? SECRET : TOKEN, { mode: 0o600 });
    const { command, args } = codexCommand();
    const fileFlag = isSigned ? "--ws-shared-secret-file" : "--ws-token-file";
    const flags = ["--ws-auth", mode, fileFlag, file, "--ws-auth-failures-per-minute", "0"];
    await using server = new RunningProcess(
      { command, args: [...args, "app-server", "--listen", "ws://127.0.0.1:0", ...flags] },
      { cwd: scratch.path, env: testEnv(home) },
    );
    const [, url = "", port] = await server.waitForLine(/listening on: (ws:\/\/127\.0\.0\.1:(\d+))/);
    const good = isSigned ? await makeJwt({ claims: { exp: 4_000_000_000 }, secret: SECRET }) : TOKEN;
    const statuses = new Map<number, number>();
    const inputs = fc.sample(badHandshakes(good), { numRuns: HANDSHAKES, seed: SEED });
    async function play({ path, headers }: (typeof inputs)[number]): Promise<void> {
      // A server that stops reading a header which is too long may end the connection before it was all sent: 0.
      const { status } = await rawRequest(Number(port), `GET ${path} HTTP/1.1`, [...UPGRADE_HEADERS, ...headers])
        .catch(() => ({ status: 0 }));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      assert.ok([0, 400, 401, 431].includes(status), `${status} ${path} ${headers.join(" | ").slice(0, 500)}`);
    }
    async function checkGood(): Promise<void> {
      await using client = await connectWebSocket(url, good);
      await client.initialize();
    }
    for (let at = 0; at < inputs.length; at += 20) {
      await Promise.all(inputs.slice(at, at + 20).map(play));
      if (at % 200 === 0) await checkGood();
    }
    await checkGood();
    assert.ok((statuses.get(401) ?? 0) > HANDSHAKES / 2, JSON.stringify([...statuses]));
    const said = server.stderrLines.join("\n");
    for (const hidden of [good, SECRET]) assert.equal(said.includes(hidden), false);
  });
}
