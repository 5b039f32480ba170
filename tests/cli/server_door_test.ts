// The server's door as a stranger uses it: sockets of every kind, TLS, tokens, other users, metrics, logs, audit.
import assert from "node:assert/strict";
import { createAppServerClient } from "../../src/client/app_server_client.ts";
import { connectRemote } from "../../src/client/connect.ts";
import { openWebSocket } from "../../src/host/connect.ts";
import { makeAuthority } from "../support/certificates.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket } from "../support/json_rpc.ts";
import { run, RunningProcess, waitUntil } from "../support/process.ts";
import { rawRequest } from "../support/raw_websocket.ts";
import { testEnv } from "../support/workspace.ts";
import { makeSandbox, type Sandbox } from "./command.ts";

async function start(
  sandbox: Sandbox,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ server: RunningProcess; urls: string[]; port: number }> {
  const { command, args: before } = codexCommand();
  const server = new RunningProcess({ command, args: [...before, "app-server", ...args] }, {
    cwd: sandbox.folder,
    env: testEnv(sandbox.home, env),
  });
  const listeners = args.filter((arg) => /^(wss?|unix):/.test(arg)).length;
  const urls: string[] = [];
  for (let count = 0; count < listeners; count++) {
    await server.waitForLine(count === 0 ? /listening on: \S+|Ready for clients/ : /listening on: unix/);
  }
  for (const line of server.stderrLines) {
    const url = /(?:listening on: |Ready for clients.*"url":")([^"\s]+)/.exec(line)?.[1];
    if (url !== undefined) urls.push(url);
  }
  return { server, urls, port: Number(/:(\d+)$/.exec(urls[0] ?? "")?.[1] ?? 0) };
}

const WHO = { name: "test", version: "1" };

Deno.test("a socket file: private, replaced when stale, refused when alive, gone at the end", async () => {
  await using sandbox = await makeSandbox();
  const path = `${sandbox.folder}/codex.sock`;
  const args = ["--listen", `unix://${path}`];
  const first = await start(sandbox, args);
  await using _ = first.server;
  assert.deepEqual(first.urls, [`unix://${path}`]);
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);

  const http = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  const Dial = WebSocket as unknown as new (url: string, options: { client: Deno.HttpClient }) => WebSocket;
  const socket = new Dial("ws://localhost/", { client: http });
  socket.onopen = (): void => socket.send(JSON.stringify({ id: 1, method: "initialize", params: { clientInfo: WHO } }));
  const answer = await new Promise<string>((resolve) => socket.onmessage = ({ data }): void => resolve(String(data)));
  assert.match(answer, /"userAgent"/);

  const second = await sandbox.codex(["app-server", ...args]);
  assert.match(
    second.stderr,
    /^Error: Cannot listen on .*codex\.sock: the address is in use\n {2}tip: Stop the other/m,
  );
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  first.server.signal("SIGKILL");
  await first.server.exit();
  await closed;
  http.close();
  assert.ok(await Deno.stat(path), "a killed server leaves its file");
  const third = await start(sandbox, args);
  await using __ = third.server;
  third.server.signal("SIGTERM");
  assert.equal((await third.server.exit()).code, 0);
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);

  await Deno.writeTextFile(path, "precious");
  const onFile = await sandbox.codex(["app-server", ...args]);
  assert.match(onFile.stderr, /there is a file that is no socket/);
  assert.equal(await Deno.readTextFile(path), "precious");
  const long = await sandbox.codex(["app-server", "--listen", `unix://${sandbox.folder}/${"x".repeat(110)}`]);
  assert.match(long.stderr, /the path is longer than a socket's may be/);
});

Deno.test("wss: real clients, a new certificate without a lost client, a bad one changes nothing", async () => {
  await using sandbox = await makeSandbox();
  const authority = await makeAuthority(sandbox.folder);
  const cert = `${sandbox.folder}/cert.pem`;
  const key = `${sandbox.folder}/key.pem`;
  await authority.issue(cert, key, "first");
  const { server, urls: [url = ""], port } = await start(sandbox, [
    "--listen",
    "wss://127.0.0.1:0",
    "--tls-cert",
    cert,
    "--tls-key",
    key,
    "--log-level",
    "info",
  ]);
  await using _ = server;
  assert.match(url, /^wss:\/\/127\.0\.0\.1:\d+$/);
  const caCerts = [await Deno.readTextFile(authority.caFile)];
  await assert.rejects(openWebSocket(url, { timeoutMs: 5_000 }), /TLS failed: .* authority that is not known/);
  const client = createAppServerClient(await connectRemote({ url, caCerts }));
  await client.initialize(WHO);

  const nameOf = async (): Promise<string> => {
    const args = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost"];
    return /subject=CN ?= ?(\w+)/.exec((await run({ command: "openssl", args }, { stdin: "" })).stdout)?.[1] ?? "";
  };
  assert.equal(await nameOf(), "first");
  await authority.issue(cert, key, "second");
  await server.waitForLine(/TLS certificate was read again/);
  server.signal("SIGHUP");
  while (await nameOf() !== "second");
  assert.ok((await client.request("model/list", {})).data.length > 0, "the old client goes on");
  const later = createAppServerClient(await connectRemote({ url, caCerts }));
  await later.initialize(WHO);

  await Deno.writeTextFile(cert, "nonsense");
  await server.waitForLine(/Cannot use the changed TLS files, the old certificate stays/);
  assert.equal(await nameOf(), "second");
  const again = await sandbox.codex(["app-server", "--listen", url, "--tls-cert", cert, "--tls-key", key]);
  assert.equal(again.code, 1);
  await authority.issue(cert, key, "third");
  const taken = await sandbox.codex(["app-server", "--listen", url, "--tls-cert", cert, "--tls-key", key]);
  assert.match(taken.stderr, /the address is in use/);
  server.signal("SIGTERM");
  assert.equal((await client.closed).code, 1001);
  assert.equal((await later.closed).code, 1001);
  assert.equal((await server.exit()).code, 0);
});

Deno.test("several listeners serve one server", async () => {
  await using sandbox = await makeSandbox();
  const path = `${sandbox.folder}/s.sock`;
  const { command, args: before } = codexCommand();
  const args = [
    ...before,
    "app-server",
    "--listen",
    "stdio://",
    "--listen",
    "ws://127.0.0.1:0",
    "--listen",
    `unix://${path}`,
  ];
  await using server = new RunningProcess({ command, args }, {
    cwd: sandbox.folder,
    env: testEnv(sandbox.home),
    stdin: true,
  });
  const url = (await server.waitForLine(/listening on: (ws:\S+)/))[1] ?? "";
  await server.waitForLine(/listening on: unix/);
  await server.write(`${JSON.stringify({ id: 1, method: "initialize", params: { clientInfo: WHO } })}\n`);
  await server.waitForLine(/"userAgent"/);
  await server.closeStdin();
  await using client = await connectWebSocket(url);
  await client.request("initialize", { clientInfo: { ...WHO, title: null } });
  server.signal("SIGTERM");
  assert.equal((await server.exit()).code, 0);
});

Deno.test("the recipe with openssl works for both modes, and minted tokens say who connects", async () => {
  await using sandbox = await makeSandbox();
  const folder = `${sandbox.folder}/private`;
  const file = `${folder}/secret`;
  const recipe = `install -d -m 700 ${folder} && openssl rand -base64 32 > ${file} && chmod 600 ${file}`;
  assert.equal((await run({ command: "sh", args: ["-c", recipe] })).code, 0);
  const secret = (await Deno.readTextFile(file)).trim();
  {
    const { server, urls: [url = ""] } = await start(sandbox, [
      "--listen",
      "ws://127.0.0.1:0",
      "--ws-auth",
      "capability-token",
      "--ws-token-file",
      file,
    ]);
    await using _ = server;
    await using client = await connectWebSocket(url, secret);
    await client.request("initialize", { clientInfo: { ...WHO, title: null } });
    await assert.rejects(connectWebSocket(url, `${secret}x`));
    assert.equal(server.stderrLines.join("\n").includes(secret), false);
  }
  const mint = ["app-server", "token", "mint", "--ws-shared-secret-file", file, "--subject", "ann", "--issuer", "me"];
  const token = (await sandbox.codex([...mint, "--audience", "codex"])).stdout.trim();
  const strange = (await sandbox.codex(mint)).stdout.trim();
  const audit = `${sandbox.folder}/audit.jsonl`;
  const { server, urls: [url = ""], port } = await start(
    sandbox,
    [
      "--listen",
      "ws://127.0.0.1:0",
      "--ws-auth",
      "signed-bearer-token",
      "--ws-shared-secret-file",
      file,
      "--ws-issuer",
      "me",
      "--ws-audience",
      "codex",
      "--ws-auth-failures-per-minute",
      "5",
      "--metrics",
      "--audit-log",
      audit,
      "--log-level",
      "debug",
    ],
    { LOG_FORMAT: "json" },
  );
  await using _ = server;
  const bearer = (value: string): string[] => [`Authorization: Bearer ${value}`];
  const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"];
  const ask = (headers: string[], path = "/"): ReturnType<typeof rawRequest> =>
    rawRequest(port, `GET ${path} HTTP/1.1`, path === "/" ? [...upgrade, ...headers] : headers);
  assert.equal((await ask([], "/metrics")).body, "missing websocket bearer token");
  assert.equal((await ask(bearer(strange))).body, "websocket jwt audience mismatch");
  assert.equal((await ask([...bearer(token), ...bearer(token)])).status, 401, "two Authorization headers");
  assert.equal((await ask([], `/metrics?token=${token}`)).status, 401);
  assert.ok([400, 431].includes((await ask(bearer("x".repeat(1_000_000))).catch(() => ({ status: 431 }))).status));
  {
    await using client = await connectWebSocket(url, token);
    await client.request("initialize", { clientInfo: { ...WHO, title: null } });
    for (let count = 0; count < 6; count++) await ask([]);
    const limited = await ask([]);
    assert.deepEqual([limited.status, limited.body], [429, "too many failed handshakes"]);
    assert.match(limited.head, /retry-after: \d+/i);
    const metrics = (await ask(bearer(token), "/metrics")).body;
    assert.match(metrics, /^codex_connections\{transport="ws"\} 1$/m);
    assert.match(metrics, /^codex_requests_total\{method="initialize",outcome="ok"\} 1$/m);
    assert.match(metrics, /^codex_handshakes_total\{outcome="rate_limited"\} [1-9]/m);
  }
  await server.waitForLine(/Client gone/);
  server.signal("SIGTERM");
  assert.equal((await server.exit()).code, 0);
  const written = (await Deno.readTextFile(audit)).trim().split("\n").map((line) => JSON.parse(line));
  const refused = written.filter(({ event }) => event === "refused");
  assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([401, 429]));
  const records = written.filter(({ event }) => event !== "refused");
  assert.deepEqual(records.map(({ event }) => event), [
    "started",
    "connected",
    "initialized",
    "disconnected",
    "stopped",
  ]);
  assert.deepEqual([records[1].origin.subject, records[1].origin.auth], ["ann", "signed-bearer-token"]);
  assert.equal(((await Deno.stat(audit)).mode ?? 0) & 0o777, 0o600);
  const log = server.stderrLines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  const answered = log.find(({ fields }) => fields.message === "Request answered" && fields.method === "initialize");
  assert.deepEqual(
    [
      answered.level,
      answered.target,
      answered.fields.client,
      answered.fields.outcome,
      typeof answered.fields.durationMs,
    ],
    ["DEBUG", "codex_app_server::requests", "test", "ok", "number"],
  );
  const everything = server.stderrLines.join("\n") + await Deno.readTextFile(audit);
  for (const hidden of [secret, token, strange]) assert.equal(everything.includes(hidden), false);
});

Deno.test("a token is rotated in a running server", async () => {
  await using sandbox = await makeSandbox();
  const file = `${sandbox.folder}/server/token`;
  const made = await sandbox.codex(["app-server", "token", "new", file]);
  assert.equal(made.stdout, `${file}\n`);
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  assert.equal(((await Deno.stat(`${sandbox.folder}/server`)).mode ?? 0) & 0o777, 0o700);
  const old = (await Deno.readTextFile(file)).trim();
  const again = await sandbox.codex(["app-server", "token", "new", file]);
  assert.match(again.stderr, /^Error: Cannot write the token: there is a file .* already\n {2}tip: Use --force/);
  assert.equal(again.code, 1);
  const { server, urls: [url = ""] } = await start(sandbox, [
    "--listen",
    "ws://127.0.0.1:0",
    "--ws-auth",
    "capability-token",
    "--ws-token-file",
    file,
    "--log-level",
    "info",
  ]);
  await using _ = server;
  await using client = await connectWebSocket(url, old);
  await client.request("initialize", { clientInfo: { ...WHO, title: null } });
  assert.equal((await sandbox.codex(["app-server", "token", "new", "--force", file])).code, 0);
  await server.waitForLine(/secret file has changed/);
  await assert.rejects(connectWebSocket(url, old));
  await using __ = await connectWebSocket(url, (await Deno.readTextFile(file)).trim());
  assert.ok(await client.request("model/list", {}), "who is in stays in");
  await Deno.chmod(file, 0o644);
  await Deno.writeTextFile(file, " ");
  await server.waitForLine(/secret file has changed and cannot be used, the previous secret stays/);
});

Deno.test("a signing secret is rotated at SIGHUP; tokens of the one before count for the grace and no longer", async () => {
  await using sandbox = await makeSandbox();
  const file = `${sandbox.folder}/secret`;
  const mint = async (): Promise<string> =>
    (await sandbox.codex(["app-server", "token", "mint", "--ws-shared-secret-file", file])).stdout.trim();
  const renew = (): Promise<void> => Deno.writeTextFile(file, `${crypto.randomUUID()}${crypto.randomUUID()}`);
  await Deno.writeTextFile(file, "0123456789abcdef0123456789abcdef", { mode: 0o600 });
  const before = await mint();
  const { server, urls: [url = ""] } = await start(sandbox, [
    ...["--listen", "ws://127.0.0.1:0", "--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", file],
    ...["--ws-token-grace-seconds", "2", "--log-level", "info"],
  ]);
  await using _ = server;
  const isIn = async (token: string): Promise<boolean> => {
    const client = await connectWebSocket(url, token).catch(() => null);
    await client?.[Symbol.asyncDispose]();
    return client !== null;
  };
  assert.equal(await isIn(before), true);
  await renew();
  server.signal("SIGHUP");
  await server.waitForLine(/the new secret counts now/);
  const changedMs = Date.now();
  const after = await mint();
  assert.deepEqual([await isIn(after), await isIn(before)], [true, true]);
  assert.ok(Date.now() - changedMs < 2_000, "this machine is too slow for a grace of 2 s");
  await waitUntil("the grace ends", async () => !await isIn(before));
  assert.ok(Date.now() - changedMs >= 1_900, `${Date.now() - changedMs} ms`);
  assert.equal(await isIn(after), true);
  const said = server.stderrLines.join("\n");
  for (const hidden of [before, after, await Deno.readTextFile(file)]) assert.equal(said.includes(hidden), false);
});

Deno.test({
  name: "without auth a loopback listener serves only the server's own user",
  // Only root can become somebody else; only Linux tells who is at the other end.
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn(): Promise<void> {
    await using sandbox = await makeSandbox();
    const script = (port: number): string =>
      `exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\n` +
      `Upgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n' >&3; ` +
      `head -c 12 <&3`;
    const asNobody = async (port: number): Promise<string> => {
      const args = ["--reuid", "65534", "--clear-groups", "bash", "-c", script(port)];
      return (await run({ command: "setpriv", args })).stdout;
    };
    const closed = await start(sandbox, ["--listen", "ws://127.0.0.1:0"]);
    await using _ = closed.server;
    await closed.server.waitForLine(/note: only your own programs/);
    assert.equal(await asNobody(closed.port), "HTTP/1.1 403");
    await closed.server.waitForLine(/Refused a handshake address="user 65534"/);
    await using client = await connectWebSocket(closed.urls[0] ?? "");
    await client.request("initialize", { clientInfo: { ...WHO, title: null } });
    const open = await start(sandbox, ["--listen", "ws://127.0.0.1:0", "--ws-allow-other-users"]);
    await using __ = open.server;
    assert.equal(await asNobody(open.port), "HTTP/1.1 101");
  },
});

Deno.test("a server with secrets leaves no core file and runs as any user", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
}, async () => {
  await using sandbox = await makeSandbox();
  const file = `${sandbox.folder}/token`;
  await Deno.writeTextFile(file, "a-token", { mode: 0o600 });
  const { server } = await start(sandbox, [
    "--listen",
    "ws://127.0.0.1:0",
    "--ws-auth",
    "capability-token",
    "--ws-token-file",
    file,
  ]);
  await using _ = server;
  // Root may look at everything; what nobody owns any more is what the kernel does not dump.
  const maps = await run({
    command: "setpriv",
    args: ["--reuid", "65534", "--clear-groups", "cat", `/proc/${server.pid}/environ`],
  });
  assert.notEqual(maps.code, 0);
  server.signal("SIGABRT");
  await server.exit();
});
