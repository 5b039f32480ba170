// Every recorded row of the door: what plain HTTP requests and upgrades of every form are answered, by the pure function
// and by a server on a real socket.
import assert from "node:assert/strict";
import { OPEN_GATE } from "../../../src/auth/gate.ts";
import { NO_METRICS } from "../../../src/server/metrics.ts";
import { NO_REFUSALS } from "../../../src/server/refusal_audit.ts";
import { decideUpgrade, type Door } from "../../../src/server/upgrade.ts";
import { rawRequest } from "../../support/raw_websocket.ts";
import { startServer } from "../../support/socket_server.ts";

interface Row {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: readonly string[];
  readonly host?: string;
  readonly status: number;
  readonly body?: string;
  /** Response headers that must be there. */
  readonly answers?: Readonly<Record<string, string>>;
}

const NOT_AN_UPGRADE = "Connection header did not include 'upgrade'";
const TEXT = { "content-type": "text/plain; charset=utf-8" };
const NOTHING = { "content-length": "0" };
const CLOSE = "Connection: close";
const closed = (row: Row): Row => ({ headers: [CLOSE], ...row, answers: { connection: "close", ...row.answers } });

const ORIGINS = ["http://evil.example", "null", "http://127.0.0.1:18400", ""];
const HTTP_ROWS: readonly Row[] = [
  closed({ path: "/readyz", status: 200 }),
  closed({ path: "/healthz", status: 200 }),
  closed({ method: "HEAD", path: "/readyz", status: 200, answers: NOTHING }),
  closed({ method: "HEAD", path: "/healthz", status: 200, answers: NOTHING }),
  closed({ method: "POST", path: "/readyz", status: 405, answers: { allow: "GET,HEAD" } }),
  closed({ method: "OPTIONS", path: "/readyz", status: 405, answers: { allow: "GET,HEAD" } }),
  closed({ path: "/readyz/", status: 400, body: NOT_AN_UPGRADE, answers: TEXT }),
  closed({ path: "/readyz?x=1", status: 200 }),
  closed({ path: "/", status: 400, body: NOT_AN_UPGRADE, answers: TEXT }),
  closed({ method: "POST", path: "/", status: 405, body: "Request method must be `GET`", answers: TEXT }),
  closed({ path: "/livez", status: 400, body: NOT_AN_UPGRADE, answers: TEXT }),
  closed({ path: "/metrics", status: 400, body: NOT_AN_UPGRADE, answers: TEXT }),
  closed({ path: "/foo", status: 400, body: NOT_AN_UPGRADE, answers: TEXT }),
  closed({ path: "/ws", status: 400, body: NOT_AN_UPGRADE, answers: TEXT }),
  closed({ method: "DELETE", path: "/foo", status: 405, body: "Request method must be `GET`", answers: TEXT }),
  ...ORIGINS.flatMap((origin) =>
    ["/readyz", "/healthz", "/foo", "/"].map((path) =>
      closed({ path, headers: [CLOSE, `Origin: ${origin}`], status: 403 })
    )
  ),
];

const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
const VERSION = "Sec-WebSocket-Version: 13";
const CONNECTION = "Connection: Upgrade";
const WEBSOCKET = "Upgrade: websocket";
const UPGRADE = [CONNECTION, WEBSOCKET, VERSION, KEY];
const ACCEPTED = { upgrade: "websocket", "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" };
const upgraded = (row: Partial<Row>): Row => ({ headers: UPGRADE, status: 101, answers: ACCEPTED, ...row });
const NOT_13 = "`Sec-WebSocket-Version` header did not include '13'";

const UPGRADE_ROWS: readonly Row[] = [
  ...["/", "", "/ws", "/foo/bar", "/?token=abc", "/socket"].map((path) => upgraded({ path })),
  ...["/readyz", "/healthz"].map((path) => ({ path, headers: UPGRADE, status: 200 })),
  ...[...ORIGINS, "http://localhost:18400", "vscode-webview://x"].map((origin) => ({
    headers: [...UPGRADE, `Origin: ${origin}`],
    status: 403,
  })),
  {
    headers: [CONNECTION, WEBSOCKET, "Sec-WebSocket-Version: 12", KEY],
    status: 400,
    body: NOT_13,
    answers: TEXT,
  },
  { headers: [CONNECTION, WEBSOCKET, KEY], status: 400, body: NOT_13, answers: TEXT },
  {
    headers: [CONNECTION, WEBSOCKET, VERSION],
    status: 400,
    body: "`Sec-WebSocket-Key` header missing",
    answers: TEXT,
  },
  upgraded({
    headers: [CONNECTION, WEBSOCKET, VERSION, "Sec-WebSocket-Key: short"],
    answers: { ...ACCEPTED, "sec-websocket-accept": "JQHdhQRrQ3pd0VAHx7vMGlEiL+4=" },
  }),
  {
    headers: [CONNECTION, "Upgrade: h2c", VERSION, KEY],
    status: 400,
    body: "`Upgrade` header did not include 'websocket'",
    answers: TEXT,
  },
  upgraded({ headers: ["Connection: keep-alive, Upgrade", WEBSOCKET, VERSION, KEY] }),
  upgraded({ headers: [...UPGRADE, "Sec-WebSocket-Protocol: a, b"] }),
  upgraded({ headers: [...UPGRADE, "Sec-WebSocket-Extensions: permessage-deflate"] }),
  upgraded({ headers: [...UPGRADE, "Authorization: Bearer x"] }),
  {
    method: "POST",
    headers: UPGRADE,
    status: 405,
    body: "Request method must be `GET`",
    answers: TEXT,
  },
  upgraded({ host: "evil.example" }),
];

const ROWS = [...HTTP_ROWS, ...UPGRADE_ROWS];

function nameOf({ method = "GET", path = "/", headers = [] }: Row): string {
  return `${method} ${path} ${headers.join(", ")}`;
}

Deno.test("the table is the whole recorded one", () => {
  assert.deepEqual([HTTP_ROWS.length, UPGRADE_ROWS.length], [31, 25]);
});

Deno.test("decideUpgrade() answers every row as recorded", async () => {
  const door: Door = {
    transport: "ws",
    gate: OPEN_GATE,
    isOwnUser: null,
    metrics: NO_METRICS,
    refusals: NO_REFUSALS,
    metricsText: null,
    isClosing: () => false,
  };
  for (const row of ROWS) {
    const map = new Map((row.headers ?? []).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }));
    const request = {
      method: row.method ?? "GET",
      url: `http://127.0.0.1${row.path ?? "/"}`,
      headers: { has: (name: string) => map.has(name), get: (name: string) => map.get(name) ?? null },
    } as unknown as Request; // The four members that are read; a real one may not carry all of these headers.
    const decision = await decideUpgrade(request, { hostname: "127.0.0.1", port: 50_000 }, door);
    const answer = "response" in decision
      ? [decision.response.status, await decision.response.text(), decision.response.headers.get("allow")]
      : [101, "", null];
    assert.deepEqual(answer, [row.status, row.body ?? "", row.answers?.["allow"] ?? null], nameOf(row));
  }
});

Deno.test("a server answers every row as recorded, on the wire", async () => {
  await using running = await startServer();
  for (const row of ROWS) {
    // A request line has no empty path: what clients make of it is a slash.
    const line = `${row.method ?? "GET"} ${row.path || "/"} HTTP/1.1`;
    const { status, head, body } = await rawRequest(
      running.port,
      line,
      row.headers,
      row.host === undefined ? {} : { host: row.host },
    );
    assert.deepEqual([status, status === 101 ? "" : body], [row.status, row.body ?? ""], nameOf(row));
    const seen = new Map(
      head.split("\r\n").slice(1).map((one) => {
        const [name = "", value = ""] = one.split(/: ?(.*)/s);
        return [name.toLowerCase(), value] as const;
      }),
    );
    for (const [name, value] of Object.entries(row.answers ?? {})) {
      assert.equal(seen.get(name), value, `${nameOf(row)}: ${name}`);
    }
    for (const name of ["sec-websocket-protocol", "sec-websocket-extensions"]) {
      assert.equal(seen.get(name), undefined, `${nameOf(row)}: ${name} is not agreed to`);
    }
  }
});
