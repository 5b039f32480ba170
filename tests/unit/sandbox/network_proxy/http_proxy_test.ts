// Conversations with the HTTP proxy: what a client writes, what the server behind it gets, what the client reads.
import { deepEqual, equal, match } from "node:assert/strict";
import type { ByteStream } from "../../../../src/host/byte_stream.ts";
import type { Dialer } from "../../../../src/host/dial.ts";
import { createEgress, type Egress } from "../../../../src/sandbox/network_proxy/egress.ts";
import { serveHttpProxy } from "../../../../src/sandbox/network_proxy/http_proxy.ts";
import { PROXY_LIMITS } from "../../../../src/sandbox/network_proxy/serve_options.ts";
import type { NetworkRules } from "../../../../src/sandbox/plan.ts";
import { upstreamProxies } from "../../../../src/sandbox/network_proxy/upstream_proxy.ts";
import { bytePipe, bytesOf, latin1, readAllText } from "../../../support/byte_pipe.ts";
import { NO_HOSTS } from "../../../support/sandbox_plans.ts";

const RULES: NetworkRules = {
  ...NO_HOSTS,
  domains: [{ pattern: "**.ok.example", access: "allow" }, { pattern: "bad.ok.example", access: "deny" }],
};

interface Scene {
  readonly rules?: Partial<NetworkRules>;
  readonly addresses?: Readonly<Record<string, readonly number[]>>;
  /** What the server answers with, once it has read a head. */
  readonly answer?: string;
  readonly credentials?: { readonly user: string; readonly password: string };
  readonly upstream?: Readonly<Record<string, string>>;
}

interface Played {
  /** All that the client read. */
  readonly heard: string;
  /** All that servers read, one entry for each connection. */
  readonly sent: readonly string[];
  readonly dialled: readonly string[];
  readonly egress: Egress;
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

/** Plays a client that writes all of `text` and then ends its direction. */
async function play(text: string, scene: Scene = {}): Promise<Played> {
  const dialled: string[] = [];
  const sent: string[] = [];
  const servers: Promise<void>[] = [];
  const connect = (address: string, port: number): Promise<ByteStream> => {
    dialled.push(`${address}:${port}`);
    const [ours, theirs] = bytePipe();
    const at = sent.push("") - 1;
    servers.push(serve(theirs, scene.answer ?? OK, (chunk) => sent[at] += chunk));
    return Promise.resolve(ours);
  };
  const dialer: Dialer = {
    resolve: (name) => Promise.resolve([Uint8Array.from(scene.addresses?.[name] ?? [1, 2, 3, 4])]),
    connect,
    connectTls: connect,
  };
  const upstream = scene.upstream === undefined ? null : upstreamProxies(scene.upstream);
  const egress = createEgress({ rules: { ...RULES, ...scene.rules }, dialer, upstream, nowMs: () => 7 });
  const [client, proxy] = bytePipe();
  const serving = serveHttpProxy(proxy, { egress, credentials: scene.credentials ?? null, limits: PROXY_LIMITS });
  await client.write(bytesOf(text));
  await client.closeWrite();
  const heard = await readAllText(client);
  await serving;
  await Promise.all(servers);
  return { heard, sent, dialled, egress };
}

async function serve(stream: ByteStream, answer: string, told: (chunk: string) => void): Promise<void> {
  let text = "";
  let hasAnswered = false;
  for (let chunk = await stream.read(); chunk !== null; chunk = await stream.read()) {
    text += latin1(chunk);
    told(latin1(chunk));
    if (hasAnswered || !text.includes("\r\n\r\n")) continue;
    hasAnswered = true;
    await stream.write(bytesOf(answer));
  }
  stream.close();
}

const statusOf = (heard: string): string => /^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? heard;

Deno.test("serveHttpProxy() forwards a request under the name of its target, without what is between hops", async () => {
  const { heard, sent, dialled } = await play(
    "GET http://www.OK.example/a?b HTTP/1.1\r\nHost: www.ok.example\r\nAccept: */*\r\nProxy-Connection: close\r\n" +
      "Connection: X-Gone\r\nX-Gone: 1\r\nTE: trailers\r\nUpgrade: h2c\r\nProxy-Authorization: Basic eDp5\r\n\r\n",
  );
  deepEqual(sent, ["GET /a?b HTTP/1.1\r\nHost: www.ok.example\r\nAccept: */*\r\nConnection: close\r\n\r\n"]);
  deepEqual(dialled, ["1.2.3.4:80"]);
  equal(heard, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
});

Deno.test("serveHttpProxy() serves several requests on one connection, each judged by itself", async () => {
  const { heard, sent } = await play(
    "GET http://a.ok.example/ HTTP/1.1\r\nHost: a.ok.example\r\n\r\n" +
      "POST http://b.ok.example/ HTTP/1.1\r\nHost: b.ok.example\r\nContent-Length: 3\r\n\r\nabc" +
      "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n" +
      "GET http://a.ok.example/never HTTP/1.1\r\nHost: a.ok.example\r\n\r\n",
  );
  deepEqual([...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), ["200", "200", "403"]);
  equal(sent.length, 2);
  match(sent[1] ?? "", /^POST \/ HTTP\/1\.1\r\nHost: b\.ok\.example\r\nContent-Length: 3\r\n.*\r\n\r\nabc$/s);
});

Deno.test("serveHttpProxy() reads chunks and writes them anew, without extensions and trailers", async () => {
  const { sent } = await play(
    "POST http://a.ok.example/ HTTP/1.1\r\nHost: a.ok.example\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Trailer: 1\r\n\r\n",
  );
  match(sent[0] ?? "", /\r\nTransfer-Encoding: chunked\r\n.*\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n$/s);
});

Deno.test("serveHttpProxy() refuses what two readers could take for two things", async () => {
  const HOST = "Host: a.ok.example\r\n";
  const rows: readonly string[] = [
    "GET / HTTP/1.1\r\n" + HOST,
    "GET https://a.ok.example/ HTTP/1.1\r\n" + HOST,
    "GET ftp://a.ok.example/ HTTP/1.1\r\n" + HOST,
    "GET http://a.ok.example/ HTTP/1.1\r\nHost: evil.example\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\nHost: a.ok.example:81\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + HOST,
    "GET http://evil.example@a.ok.example/ HTTP/1.1\r\n" + HOST,
    "GET http://a.ok.example@evil.example/ HTTP/1.1\r\n" + HOST,
    "GET http://a.ok.example\\@evil.example/ HTTP/1.1\r\n" + HOST,
    "GET http://a.ok.example#@evil.example/ HTTP/1.1\r\n" + HOST,
    "GET http://a%2eok.example/ HTTP/1.1\r\n" + HOST,
    "GET http:///a HTTP/1.1\r\n" + HOST,
    "GET http://a.ok.example/ HTTP/2.0\r\n" + HOST,
    "GET  http://a.ok.example/ HTTP/1.1\r\n" + HOST,
    "GET http://a.ok.example/ HTTP/1.1 \r\n" + HOST,
    "G(T http://a.ok.example/ HTTP/1.1\r\n" + HOST,
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + " folded: 1\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "X : 1\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "X: a\nY: b\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "X: a\0b\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "Content-Length: 1\r\nContent-Length: 2\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "Content-Length: +1\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "Content-Length: 1, 1\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "Transfer-Encoding: gzip, chunked\r\n",
    "GET http://a.ok.example/ HTTP/1.1\r\n" + HOST + "Transfer-Encoding: xchunked\r\n",
    "GET http://a.ok.example/ HTTP/1.0\r\n" + HOST + "Transfer-Encoding: chunked\r\n",
    "CONNECT a.ok.example HTTP/1.1\r\n" + HOST,
    "CONNECT a.ok.example:0 HTTP/1.1\r\n" + HOST,
    "CONNECT http://a.ok.example:443/ HTTP/1.1\r\n" + HOST,
    "CONNECT a.ok.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n",
    "X".repeat(70_000),
  ];
  for (const head of rows) {
    const { heard, dialled } = await play(`${head}\r\n`);
    deepEqual([statusOf(heard), dialled], ["400", []], JSON.stringify(head).slice(0, 120));
  }
});

Deno.test("serveHttpProxy() refuses by rule, and says which", async () => {
  const rows: readonly (readonly [string, Scene, string])[] = [
    ["GET http://evil.example/", {}, "in no rule"],
    ["GET http://bad.ok.example/", {}, "bad.ok.example"],
    ["CONNECT bad.ok.example:443", {}, "bad.ok.example"],
    ["GET http://127.0.0.1/", { rules: { domains: [{ pattern: "*", access: "allow" }] } }, "a private address"],
    ["GET http://0x7f.1/", { rules: { domains: [{ pattern: "*", access: "allow" }] } }, "a private address"],
    ["CONNECT [::ffff:10.0.0.1]:443", { rules: { domains: [{ pattern: "*", access: "allow" }] } }, "a private address"],
    ["GET http://a.ok.example/", { addresses: { "a.ok.example": [10, 0, 0, 1] } }, "a private address"],
    ["CONNECT a.ok.example:22", { addresses: { "a.ok.example": [169, 254, 169, 254] } }, "a private address"],
    ["POST http://a.ok.example/", { rules: { mode: "limited" } }, "a method that may write"],
    ["CONNECT a.ok.example:443", { rules: { mode: "limited" } }, "a method that may write"],
  ];
  for (const [line, scene, rule] of rows) {
    const { heard, dialled, egress } = await play(`${line} HTTP/1.1\r\n\r\n`, scene);
    equal(statusOf(heard), "403", line);
    match(heard, new RegExp(`\r\nX-Codex-Network-Rule: ${rule.replaceAll(".", "\\.")}\r\n`), line);
    deepEqual(dialled, []);
    equal(egress.decisions().length, 1);
  }
});

Deno.test("serveHttpProxy() in a limited network lets methods that read pass", async () => {
  for (const method of ["GET", "HEAD", "OPTIONS"]) {
    const { heard } = await play(`${method} http://a.ok.example/ HTTP/1.1\r\n\r\n`, {
      rules: { mode: "limited" },
      ...(method === "HEAD" ? { answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" } : {}),
    });
    equal(statusOf(heard), "200");
  }
});

Deno.test("serveHttpProxy() tunnels bytes both ways, each direction to its own end", async () => {
  const { heard, sent, egress } = await play("CONNECT a.ok.example:8443 HTTP/1.1\r\n\r\nclient bytes\r\n\r\n", {
    answer: "server bytes",
  });
  equal(heard, "HTTP/1.1 200 Connection established\r\n\r\nserver bytes");
  deepEqual(sent, ["client bytes\r\n\r\n"]);
  deepEqual(egress.decisions(), [
    { host: "a.ok.example", port: 8443, protocol: "https", decision: "allow", why: "allowed by a rule", atMs: 7 },
  ]);
});

Deno.test("serveHttpProxy() asks for its credentials and hands them to nobody", async () => {
  const credentials = { user: "codex", password: "right" };
  const request = (line: string): string => `GET http://a.ok.example/ HTTP/1.1\r\n${line}\r\n`;
  const basic = (text: string): string => `Proxy-Authorization: Basic ${btoa(text)}\r\n`;
  for (
    const line of ["", basic("codex:wrong"), basic("codex:right") + basic("x:y"), "Proxy-Authorization: Bearer r\r\n"]
  ) {
    const { heard, dialled } = await play(request(line), { credentials });
    deepEqual([statusOf(heard), dialled], ["407", []]);
  }
  const { heard, sent } = await play(request(basic("codex:right")), { credentials });
  equal(statusOf(heard), "200");
  equal(/authorization/i.test(sent[0] ?? ""), false);
});

Deno.test("serveHttpProxy() answers for servers that do not", async () => {
  const rows: readonly (readonly [string, string])[] = [
    ["no http at all\r\n\r\n", "502"],
    ["HTTP/1.1 101 Switching Protocols\r\n\r\n", "502"],
    ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "502"],
    ["HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "103"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "200"],
    ["HTTP/1.1 204 No Content\r\n\r\n", "200"],
  ];
  for (const [answer, expected] of rows.slice(0, 5)) {
    const { heard } = await play("GET http://a.ok.example/ HTTP/1.1\r\n\r\n", { answer });
    equal(statusOf(heard), expected, answer);
  }
});

Deno.test("serveHttpProxy() hands requests to the upstream proxy of our environment", async () => {
  const upstream = {
    HTTPS_PROXY: "http://u:p%40@10.9.9.9:3128",
    http_proxy: "10.9.9.9:3128",
    NO_PROXY: "near.ok.example",
  };
  const plain = await play("GET http://a.ok.example/x HTTP/1.1\r\n\r\n", { upstream });
  deepEqual(plain.dialled, ["10.9.9.9:3128"]);
  match(plain.sent[0] ?? "", /^GET http:\/\/a\.ok\.example\/x HTTP\/1\.1\r\nHost: a\.ok\.example\r\n/);
  const tunnelled = await play("CONNECT a.ok.example:443 HTTP/1.1\r\n\r\nhello", {
    upstream,
    answer: "HTTP/1.1 200 OK\r\n\r\nback",
  });
  equal(tunnelled.heard, "HTTP/1.1 200 Connection established\r\n\r\nback");
  equal(
    tunnelled.sent[0],
    `CONNECT a.ok.example:443 HTTP/1.1\r\nHost: a.ok.example:443\r\nProxy-Authorization: Basic ${
      btoa("u:p@")
    }\r\n\r\nhello`,
  );
  deepEqual((await play("GET http://near.ok.example/ HTTP/1.1\r\n\r\n", { upstream })).dialled, ["1.2.3.4:80"]);
  equal(statusOf((await play("GET http://evil.example/ HTTP/1.1\r\n\r\n", { upstream })).heard), "403");
});
