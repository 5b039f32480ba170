import assert from "node:assert/strict";
import { createCapabilityToken } from "../../../src/auth/capability_token.ts";
import { OPEN } from "../../../src/auth/policy.ts";
import { decideUpgrade } from "../../../src/server/upgrade.ts";

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
    const response = await decideUpgrade(makeRequest(asked), OPEN);
    assert.deepEqual([response?.status ?? 101, await response?.text() ?? ""], [status, body], JSON.stringify(asked));
  }
});

Deno.test("decideUpgrade() asks for the token after the Origin rule and the form of the upgrade", async () => {
  const policy = { kind: "capabilityToken", token: await createCapabilityToken("s3cret") } as const;
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
    const response = await decideUpgrade(makeRequest(asked), policy);
    assert.deepEqual([response?.status ?? 101, await response?.text() ?? ""], [status, body], JSON.stringify(asked));
  }
});
