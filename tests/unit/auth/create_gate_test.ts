// The door's rules as recorded from the reference, row by row; where this is stricter on purpose the row says "ours".
import assert from "node:assert/strict";
import { createAuthGate, type GateRequest } from "../../../src/auth/create_gate.ts";
import type { AuthGate } from "../../../src/auth/gate.ts";
import { CodexError } from "../../../src/base/errors.ts";
import { type Log, SILENT_LOG } from "../../../src/base/log.ts";
import { base64Url, makeJwt } from "../../support/jwt.ts";
import { createMemoryFiles, type MemoryFiles } from "../../support/memory_files.ts";

const TOKEN = "super-secret-token";
const SECRET = "0123456789abcdef0123456789abcdef";
const NOW = 1_800_000_000;

interface Made {
  readonly gate: AuthGate;
  readonly files: MemoryFiles;
  readonly logged: string[];
  /** What the gate does every second. */
  tick(): void;
  clock: { ms: number };
}

async function make(
  request: GateRequest,
  initial: Record<string, string>,
  rest: { graceSeconds?: number; failuresPerMinute?: number; files?: MemoryFiles } = {},
): Promise<Made> {
  const files = rest.files ?? createMemoryFiles(initial);
  const logged: string[] = [];
  const write = (level: string) => (message: string, fields = {}): void =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { ...SILENT_LOG, error: write("error"), warn: write("warn"), info: write("info") };
  const clock = { ms: NOW * 1000 };
  let tick = (): void => {};
  const gate = await createAuthGate(request, {
    files,
    log,
    failuresPerMinute: rest.failuresPerMinute ?? 0,
    graceSeconds: rest.graceSeconds ?? 0,
    nowMs: () => clock.ms,
    every(_ms, work): () => void {
      tick = work;
      return () => {};
    },
  });
  return { gate, files, logged, clock, tick: () => tick() };
}

const capability: GateRequest = { mode: "capability-token", tokenFile: "/t" };

function signed(rest: Partial<Extract<GateRequest, { mode: "signed-bearer-token" }>> = {}): GateRequest {
  return {
    mode: "signed-bearer-token",
    secretFile: "/s",
    issuer: null,
    audience: null,
    maxClockSkewSeconds: null,
    ...rest,
  };
}

/** Null: let in. */
async function reasonOf(gate: AuthGate, header: string | null): Promise<string | null> {
  const outcome = await gate.authorize(header, "10.0.0.1");
  if (outcome.allowed) return null;
  assert.equal(outcome.status, 401);
  return outcome.reason;
}

Deno.test("a capability token is taken and refused as recorded", async () => {
  const { gate } = await make(capability, { "/t": TOKEN });
  const rows: [string, string | null, string | null][] = [
    ["right token", `Bearer ${TOKEN}`, null],
    ["missing header", null, "missing websocket bearer token"],
    ["wrong scheme Basic", "Basic dXNlcjpwYXNz", "invalid authorization header"],
    ["scheme lowercase bearer", `bearer ${TOKEN}`, null],
    ["scheme BEARER", `BEARER ${TOKEN}`, null],
    ["no scheme", TOKEN, "invalid authorization header"],
    ["scheme Token", `Token ${TOKEN}`, "invalid authorization header"],
    ["wrong token", "Bearer wrong", "invalid websocket bearer token"],
    ["prefix of token", `Bearer ${TOKEN.slice(0, -1)}`, "invalid websocket bearer token"],
    ["token + extra", `Bearer ${TOKEN}x`, "invalid websocket bearer token"],
    ["empty bearer", "Bearer ", "invalid authorization header"],
    ["Bearer only", "Bearer", "invalid authorization header"],
    ["double space", `Bearer  ${TOKEN}`, null],
    ["tab separator", `Bearer\t${TOKEN}`, "invalid authorization header"],
    ["trailing space", `Bearer ${TOKEN} `, null],
    ["ours: not ASCII", `Bearer ${TOKEN}\u00a0`, "invalid authorization header"],
    ["ours: two headers, right one first", `Bearer ${TOKEN}, Bearer wrong`, "invalid websocket bearer token"],
    ["ours: two headers, right one last", `Bearer wrong, Bearer ${TOKEN}`, "invalid websocket bearer token"],
  ];
  for (const [name, header, reason] of rows) assert.equal(await reasonOf(gate, header), reason, name);
});

Deno.test("a token file is read as recorded", async () => {
  const rows: [string, string, string, string | null][] = [
    ["trailing newline", `${TOKEN}\n`, TOKEN, null],
    ["spaces and CRLF around", `  ${TOKEN} \r\n`, TOKEN, null],
    ["two lines", `${TOKEN}\nmore`, TOKEN, "invalid websocket bearer token"],
    ["1-char token", "x", "x", null],
  ];
  for (const [name, text, token, reason] of rows) {
    const { gate } = await make(capability, { "/t": text });
    assert.equal(await reasonOf(gate, `Bearer ${token}`), reason, name);
  }
});

const BAD = "invalid websocket jwt";

Deno.test("a signed token is taken and refused as recorded: form and signature", async () => {
  const { gate } = await make(signed(), { "/s": SECRET });
  const exp = NOW + 60;
  const good = await makeJwt({ claims: { exp }, secret: SECRET });
  const [head = "", body = "", signature = ""] = good.split(".");
  const withHeader = (header: unknown, hash?: "SHA-384" | "SHA-512"): Promise<string> =>
    makeJwt({ header, claims: { exp }, secret: SECRET, ...(hash ? { hash } : {}) });
  const twins = { claims: { exp }, secret: SECRET };
  const rows: [string, string, string | null][] = [
    ["valid exp+60", good, null],
    ["valid no typ", await withHeader({ alg: "HS256" }), null],
    ["typ other", await withHeader({ alg: "HS256", typ: "other" }), null],
    ["kid header", await withHeader({ alg: "HS256", kid: "1" }), null],
    ["ours: crit header", await withHeader({ alg: "HS256", crit: ["x"], x: 1 }), BAD],
    ["garbage", "garbage", BAD],
    ["garbage a.b.c", "a.b.c", BAD],
    ["alg none unsigned", `${base64Url('{"alg":"none"}')}.${body}.`, BAD],
    ["alg none signed", await withHeader({ alg: "none" }), BAD],
    ["alg HS512", await withHeader({ alg: "HS512" }, "SHA-512"), BAD],
    ["alg HS384", await withHeader({ alg: "HS384" }, "SHA-384"), BAD],
    ["alg RS256 header hs256 sig", await withHeader({ alg: "RS256" }), BAD],
    ["alg lower hs256", await withHeader({ alg: "hs256" }), BAD],
    ["wrong secret", await makeJwt({ claims: { exp }, secret: SECRET.replace("0", "1") }), BAD],
    ["padding in signature", `${good}=`, BAD],
    ["duplicate trailing dot", `${good}.`, BAD],
    ["no signature", `${head}.${body}`, BAD],
    ["truncated signature", `${head}.${body}.${signature.slice(0, -1)}`, BAD],
    ["another spelling of the signature", `${head}.${body}.${otherSpelling(signature)}`, BAD],
    ["claims not object", await makeJwt({ claims: "[1]", secret: SECRET }), BAD],
    ["ours: header with twins", await makeJwt({ ...twins, headerText: '{"alg":"none","alg":"HS256"}' }), BAD],
    [
      "ours: header with disguised twins",
      await makeJwt({ ...twins, headerText: '{"alg":"HS256","\\u0061lg":"HS256"}' }),
      BAD,
    ],
    ["claims not JSON", await makeJwt({ claims: "{", secret: SECRET }), BAD],
    ["very long", `${head}.${"A".repeat(20_000)}.${signature}`, BAD],
  ];
  for (const [name, token, reason] of rows) assert.equal(await reasonOf(gate, `Bearer ${token}`), reason, name);
  assert.equal(await reasonOf(gate, null), "missing websocket bearer token");
  assert.equal(await reasonOf(gate, "Bearer "), "invalid authorization header");
});

/** The last character carries two bits that mean nothing: with them set it decodes to the same bytes. */
function otherSpelling(signature: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return signature.slice(0, -1) + alphabet[alphabet.indexOf(signature.at(-1) ?? "") + 1];
}

Deno.test("a signed token is taken and refused as recorded: claims", async () => {
  const OLD = "expired websocket jwt";
  const EARLY = "websocket jwt is not valid yet";
  const ISSUER = "websocket jwt issuer mismatch";
  const AUDIENCE = "websocket jwt audience mismatch";
  const exp = NOW + 60;
  const both = { issuer: "me", audience: "codex" };
  type Rules = Parameters<typeof signed>[0];
  const rows: [Rules, string, unknown, string | null][] = [
    [{}, "missing exp", {}, BAD],
    [{}, "exp null", { exp: null }, BAD],
    [{}, "exp string", { exp: String(exp) }, BAD],
    [{}, "exp float", `{"exp":${exp}.5}`, BAD],
    [{}, "exp float with a whole value", `{"exp":${exp}.0}`, BAD],
    [{}, "exp with an exponent", '{"exp":2e9}', BAD],
    [{}, "exp twice", `{"exp":${exp},"exp":${exp}}`, BAD],
    [{}, "exp after a byte order mark", `\ufeff{"exp":${exp}}`, BAD],
    [{}, "exp negative", { exp: -1 }, OLD],
    [{}, "exp huge", '{"exp":9223372036854775807}', null],
    [{}, "exp i64 overflow", '{"exp":9223372036854775808}', BAD],
    [{}, "expired 20s (default skew)", { exp: NOW - 20 }, null],
    [{}, "expired 28s", { exp: NOW - 28 }, null],
    [{}, "the second exp + skew", { exp: NOW - 30 }, null],
    [{}, "one second past exp + skew", { exp: NOW - 31 }, OLD],
    [{}, "expired 35s", { exp: NOW - 35 }, OLD],
    [{}, "expired 1h", { exp: NOW - 3600 }, OLD],
    [{}, "nbf in 20s", { exp: exp + 60, nbf: NOW + 20 }, null],
    [{}, "nbf in 30s", { exp: exp + 60, nbf: NOW + 30 }, null],
    [{}, "nbf in 31s", { exp: exp + 60, nbf: NOW + 31 }, EARLY],
    [{}, "nbf in 1h", { exp: NOW + 7200, nbf: NOW + 3600 }, EARLY],
    [{}, "nbf past", { exp, nbf: NOW - 10 }, null],
    [{}, "nbf string", { exp, nbf: "x" }, BAD],
    [{}, "iat in future 1h", { exp, iat: NOW + 3600 }, null],
    [{}, "iss claim, no --ws-issuer", { exp, iss: "x" }, null],
    [{}, "aud claim, no --ws-audience", { exp, aud: "x" }, null],
    [{}, "aud array, no --ws-audience", { exp, aud: ["x"] }, null],
    [{}, "aud number, no --ws-audience", { exp, aud: 1 }, BAD],
    [{}, "iss number", { exp, iss: 1 }, BAD],
    [{}, "extra claims", { exp, a: { b: [1] } }, null],
    [both, "right iss+aud", { exp, iss: "me", aud: "codex" }, null],
    [both, "missing iss", { exp, aud: "codex" }, ISSUER],
    [both, "wrong iss", { exp, iss: "you", aud: "codex" }, ISSUER],
    [both, "iss case", { exp, iss: "Me", aud: "codex" }, ISSUER],
    [both, "missing aud", { exp, iss: "me" }, AUDIENCE],
    [both, "wrong aud", { exp, iss: "me", aud: "x" }, AUDIENCE],
    [both, "aud array containing", { exp, iss: "me", aud: ["x", "codex"] }, null],
    [both, "aud array not containing", { exp, iss: "me", aud: ["x"] }, AUDIENCE],
    [both, "aud empty array", { exp, iss: "me", aud: [] }, AUDIENCE],
    [both, "iss array", { exp, iss: ["me"], aud: "codex" }, BAD],
    [{ maxClockSkewSeconds: 0n }, "exp+60", { exp }, null],
    [{ maxClockSkewSeconds: 0n }, "expired 3s", { exp: NOW - 3 }, OLD],
    [{ maxClockSkewSeconds: 0n }, "nbf in 5s", { exp, nbf: NOW + 5 }, EARLY],
    [{ maxClockSkewSeconds: 300n }, "expired 200s", { exp: NOW - 200 }, null],
    [{ maxClockSkewSeconds: 300n }, "expired 400s", { exp: NOW - 400 }, OLD],
    [{ maxClockSkewSeconds: 300n }, "nbf in 200s", { exp: NOW + 600, nbf: NOW + 200 }, null],
    [{ maxClockSkewSeconds: 300n }, "nbf in 400s", { exp: NOW + 600, nbf: NOW + 400 }, EARLY],
    [{ maxClockSkewSeconds: 2n ** 63n - 1n }, "skew i64max", { exp: 1 }, null],
    [{ issuer: "", audience: "  " }, "empty options, no iss/aud", { exp }, null],
    [{ issuer: "", audience: "  " }, "empty options, iss x", { exp, iss: "x" }, null],
  ];
  for (const [rules, name, claims, reason] of rows) {
    const { gate } = await make(signed(rules), { "/s": SECRET });
    assert.equal(await reasonOf(gate, `Bearer ${await makeJwt({ claims, secret: SECRET })}`), reason, name);
  }
});

Deno.test("a signed token tells who it is; a secret is trimmed", async () => {
  const { gate } = await make(signed(), { "/s": `  ${SECRET}\n` });
  const token = await makeJwt({ claims: { exp: NOW + 60, sub: "ann" }, secret: SECRET });
  assert.deepEqual(await gate.authorize(`Bearer ${token}`, null), { allowed: true, subject: "ann" });
  const untrimmed = await makeJwt({ claims: { exp: NOW + 60 }, secret: `  ${SECRET}\n` });
  assert.equal(await reasonOf(gate, `Bearer ${untrimmed}`), BAD);
});

Deno.test("createAuthGate() ends the start when the secret cannot be used", async () => {
  const files = {
    "/empty": "",
    "/blank": " \n\t ",
    "/binary": "a\uFFFDb",
    "/short": SECRET.slice(1),
    "/nl": `${SECRET.slice(1)}\n`,
  };
  const rows: [GateRequest, RegExp][] = [
    [{ mode: "capability-token", tokenFile: "tok" }, /the path is not absolute/],
    [{ mode: "capability-token", tokenFile: "/nope" }, /^failed to read websocket auth secret \/nope: No such file/],
    [{ mode: "capability-token", tokenFile: "/empty" }, /^websocket auth secret \/empty must not be empty$/],
    [{ mode: "capability-token", tokenFile: "/blank" }, /^websocket auth secret \/blank must not be empty$/],
    [{ mode: "capability-token", tokenFile: "/binary" }, /\/binary: stream did not contain valid UTF-8$/],
    [signed({ secretFile: "sec" }), /the path is not absolute/],
    [signed({ secretFile: "/nope" }), /^failed to read websocket auth secret \/nope: No such file/],
    [signed({ secretFile: "/empty" }), /^websocket auth secret \/empty must not be empty$/],
    [signed({ secretFile: "/short" }), /^signed websocket bearer secret \/short must be at least 32 bytes$/],
    [signed({ secretFile: "/nl" }), /^signed websocket bearer secret \/nl must be at least 32 bytes$/],
  ];
  for (const [request, message] of rows) {
    await assert.rejects(make(request, files), (error) => {
      assert.ok(error instanceof CodexError && error.code === "AUTH_SETUP");
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("a changed file counts at once, the previous secret for the grace time, a bad file not at all", async () => {
  const { gate, files, logged, clock, tick } = await make(capability, { "/t": "one" }, { graceSeconds: 10 });
  const isIn = async (token: string): Promise<boolean> => (await reasonOf(gate, `Bearer ${token}`)) === null;
  files.write("/t", "two");
  assert.deepEqual([await isIn("one"), await isIn("two")], [true, false], "not noticed yet");
  await gate.reload();
  assert.deepEqual([await isIn("one"), await isIn("two")], [true, true], "grace");
  clock.ms += 9_999;
  assert.equal(await isIn("one"), true);
  clock.ms += 1;
  assert.deepEqual([await isIn("one"), await isIn("two")], [false, true], "grace is over");
  for (const bad of ["", "a\uFFFD"]) {
    files.write("/t", bad);
    await gate.reload();
    assert.equal(await isIn("two"), true);
  }
  files.remove("/t");
  tick();
  await gate.reload();
  assert.equal(await isIn("two"), true);
  files.write("/t", "three");
  tick();
  await gate.reload();
  assert.equal(await isIn("three"), true);
  assert.equal(new Set(logged.filter((line) => line.startsWith("error "))).size, 3);
  assert.deepEqual(logged.filter((line) => /one|two\b|three/.test(line)), [], "no secret in the log");
});

Deno.test("without grace the previous secret ends with the change", async () => {
  const { gate, files } = await make(capability, { "/t": "one" });
  files.write("/t", "two");
  await gate.reload();
  assert.equal(await reasonOf(gate, "Bearer one"), "invalid websocket bearer token");
});

Deno.test("a secret file that others can read is warned of with its mode", async () => {
  const files = createMemoryFiles();
  files.write("/t", TOKEN, 0o644);
  const { logged } = await make(capability, {}, { files });
  assert.match(logged.join("\n"), /^warn .*\/t has mode 644: others can read it; run: chmod 600 \/t/);
});

Deno.test("failed handshakes of one address are bounded; a good token always passes; the log counts", async () => {
  const { gate, logged, clock, tick } = await make(capability, { "/t": TOKEN }, { failuresPerMinute: 3 });
  const statuses: number[] = [];
  for (let count = 0; count < 5; count++) {
    const outcome = await gate.authorize("Bearer wrong", "10.0.0.1");
    statuses.push(outcome.allowed ? 0 : outcome.status);
    clock.ms += 1000;
  }
  assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
  const limited = await gate.authorize(null, "10.0.0.1");
  assert.deepEqual(limited, {
    allowed: false,
    status: 429,
    reason: "too many failed handshakes",
    retryAfterSeconds: 55,
  });
  assert.deepEqual(await gate.authorize(`Bearer ${TOKEN}`, "10.0.0.1"), { allowed: true, subject: null });
  assert.equal(await reasonOf(gate, "Bearer wrong").catch(() => "429"), "429");
  assert.equal((await gate.authorize("Bearer wrong", "10.0.0.2")).allowed, false);
  clock.ms += 60_000;
  tick();
  assert.deepEqual(logged.filter((line) => line.includes("10.0.0.1")), [
    'warn Refused a handshake {"address":"10.0.0.1","reason":"invalid websocket bearer token"}',
    'warn Refused handshakes in the last minute {"address":"10.0.0.1","count":7,"reason":"invalid websocket bearer token"}',
  ]);
  assert.equal(await reasonOf(gate, "Bearer wrong"), "invalid websocket bearer token", "a new minute");
});

Deno.test("failures of an address are not kept for ever, and IPv6 counts by network", async () => {
  const { gate } = await make(capability, { "/t": TOKEN }, { failuresPerMinute: 2 });
  for (let count = 0; count < 10_050; count++) {
    await gate.authorize(null, `10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`);
  }
  assert.equal((await gate.authorize(null, "2001:db8:1:2:3::1")).allowed, false);
  const statusOf = async (address: string): Promise<number> => {
    const outcome = await gate.authorize(null, address);
    return outcome.allowed ? 101 : outcome.status;
  };
  // Beyond the bound all share one count.
  assert.equal(await statusOf("192.0.2.1"), 429);
});
