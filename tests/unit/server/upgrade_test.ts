import assert from "node:assert/strict";
import { type AuthGate, OPEN_GATE } from "../../../src/auth/gate.ts";
import { NO_METRICS } from "../../../src/server/metrics.ts";
import { NO_REFUSALS } from "../../../src/server/refusal_audit.ts";
import { decideUpgrade, type Door } from "../../../src/server/upgrade.ts";
import { makeGate } from "../../support/socket_server.ts";

const PEER = { hostname: "127.0.0.1", port: 50_000 };
const OPEN_DOOR: Door = {
  transport: "ws",
  gate: OPEN_GATE,
  isOwnUser: null,
  metrics: NO_METRICS,
  refusals: NO_REFUSALS,
  metricsText: null,
  isClosing: () => false,
};

/** Status and body; 101 for an upgrade. */
async function ask(asked: Asked, door: Door): Promise<[number, string]> {
  const decision = await decideUpgrade(makeRequest(asked), PEER, door);
  return "response" in decision ? [decision.response.status, await decision.response.text()] : [101, ""];
}

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

/** Request refuses to carry some of these headers; only what is read of it is made here. */
function makeRequest({ method = "GET", path = "/", headers = UPGRADE }: Asked): Request {
  const map = new Map(Object.entries(headers));
  return {
    method,
    url: `http://127.0.0.1${path}`,
    headers: { has: (name: string) => map.has(name), get: (name: string) => map.get(name) ?? null },
  } as unknown as Request; // The four members that are read.
}

function without(name: keyof typeof UPGRADE): Record<string, string> {
  return Object.fromEntries(Object.entries(UPGRADE).filter(([key]) => key !== name));
}

Deno.test("decideUpgrade() answers as recorded", async () => {
  const rows: [Asked, number, string][] = [
    [{ path: "/readyz", headers: {} }, 200, ""],
    [{ path: "/healthz?x=1", headers: {} }, 200, ""],
    [{ path: "/readyz", method: "HEAD", headers: {} }, 200, ""],
    [{ path: "/readyz", method: "POST", headers: {} }, 405, ""],
    [{ path: "/readyz" }, 200, ""],
    [{ path: "/readyz/", headers: {} }, 400, "Connection header did not include 'upgrade'"],
    [{ path: "/metrics", headers: {} }, 400, "Connection header did not include 'upgrade'"],
    [{ method: "POST", headers: {} }, 405, "Request method must be `GET`"],
    [{ method: "POST" }, 405, "Request method must be `GET`"],
    [{ headers: { origin: "http://evil.example" } }, 403, ""],
    [{ path: "/readyz", headers: { origin: "null" } }, 403, ""],
    [{ headers: { ...UPGRADE, origin: "" } }, 403, ""],
    [{ headers: { ...UPGRADE, origin: "http://127.0.0.1:4500" } }, 403, ""],
    [{ headers: { ...UPGRADE, upgrade: "h2c" } }, 400, "`Upgrade` header did not include 'websocket'"],
    [
      { headers: { ...UPGRADE, "sec-websocket-version": "12" } },
      400,
      "`Sec-WebSocket-Version` header did not include '13'",
    ],
    [{ headers: without("sec-websocket-version") }, 400, "`Sec-WebSocket-Version` header did not include '13'"],
    [{ headers: without("sec-websocket-key") }, 400, "`Sec-WebSocket-Key` header missing"],
    [{}, 101, ""],
    [{ path: "/foo/bar?token=abc" }, 101, ""],
    [{ headers: { ...UPGRADE, connection: "keep-alive, Upgrade", authorization: "Bearer x" } }, 101, ""],
  ];
  for (const [asked, status, body] of rows) {
    assert.deepEqual(await ask(asked, OPEN_DOOR), [status, body], JSON.stringify(asked));
  }
});

Deno.test("decideUpgrade() asks for the token after the Origin rule and the form of the upgrade", async () => {
  const door = { ...OPEN_DOOR, gate: await makeGate() };
  const withToken = (authorization: string): Record<string, string> => ({ ...UPGRADE, authorization });
  const rows: [Asked, number, string][] = [
    [{}, 401, "missing websocket bearer token"],
    [{ path: "/?token=s3cret" }, 401, "missing websocket bearer token"],
    [{ headers: withToken("Bearer s3cret") }, 101, ""],
    [{ headers: withToken("Bearer wrong") }, 401, "invalid websocket bearer token"],
    [{ headers: { ...withToken("Bearer s3cret"), origin: "x" } }, 403, ""],
    [{ headers: { authorization: "Bearer wrong" } }, 400, "Connection header did not include 'upgrade'"],
    [{ path: "/readyz", headers: {} }, 200, ""],
  ];
  for (const [asked, status, body] of rows) {
    assert.deepEqual(await ask(asked, door), [status, body], JSON.stringify(asked));
  }
});

Deno.test("decideUpgrade() tells who was let in", async () => {
  const gate: AuthGate = {
    ...OPEN_GATE,
    mode: "signed-bearer-token",
    authorize: () => Promise.resolve({ allowed: true, subject: "ann" }),
  };
  assert.deepEqual(await decideUpgrade(makeRequest({}), PEER, { ...OPEN_DOOR, transport: "wss", gate }), {
    origin: { transport: "wss", address: "127.0.0.1:50000", auth: "signed-bearer-token", subject: "ann" },
  });
});

Deno.test("decideUpgrade() answers 429 with the time to wait", async () => {
  const gate: AuthGate = {
    ...OPEN_GATE,
    authorize: () => Promise.resolve({ allowed: false, status: 429, reason: "too many", retryAfterSeconds: 17 }),
  };
  const decision = await decideUpgrade(makeRequest({}), PEER, { ...OPEN_DOOR, gate });
  assert.ok("response" in decision);
  assert.equal(decision.response.status, 429);
  assert.equal(decision.response.headers.get("retry-after"), "17");
});

Deno.test("decideUpgrade() while the server ends, for other users, and for metrics", async () => {
  const closing = { ...OPEN_DOOR, isClosing: () => true };
  const others = { ...OPEN_DOOR, isOwnUser: () => Promise.resolve(false) };
  const counted = { ...OPEN_DOOR, gate: await makeGate(), metricsText: () => "numbers 1\n" };
  const good = { path: "/metrics", headers: { authorization: "Bearer s3cret" } };
  const rows: [Asked, Door, number, string][] = [
    [{}, closing, 503, "server is shutting down"],
    [{ path: "/readyz", headers: {} }, closing, 503, ""],
    [{ path: "/healthz", headers: {} }, closing, 200, ""],
    [{}, others, 403, "this server serves only programs of its own user"],
    [{ path: "/readyz", headers: {} }, others, 200, ""],
    [{ headers: {} }, others, 400, "Connection header did not include 'upgrade'"],
    [good, counted, 200, "numbers 1\n"],
    [{ path: "/metrics", headers: {} }, counted, 401, "missing websocket bearer token"],
    [{ ...good, headers: { ...good.headers, origin: "x" } }, counted, 403, ""],
    [{ ...good, method: "POST" }, counted, 405, "Request method must be `GET`"],
    [good, OPEN_DOOR, 400, "Connection header did not include 'upgrade'"],
  ];
  for (const [asked, door, status, body] of rows) {
    assert.deepEqual(await ask(asked, door), [status, body], JSON.stringify(asked));
  }
});
