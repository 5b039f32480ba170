// Several listeners in one process, from their banners to their end: what each says, who it lets in, and what clients
// hear when the process is asked to stop.
import assert from "node:assert/strict";
import { makeAuthority } from "../support/certificates.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket } from "../support/json_rpc.ts";
import { run, RunningProcess, waitUntil } from "../support/process.ts";
import { concat, findClose, rawRequest, textFrame, UPGRADE_HEADERS } from "../support/raw_websocket.ts";
import { openTerminal, type Terminal } from "../support/tmux.ts";
import { testEnv } from "../support/workspace.ts";
import { INITIALIZE, makeSandbox, type Sandbox } from "./command.ts";

const WHO = { name: "test", title: null, version: "1" };
const isLinux = Deno.build.os === "linux";
const isRoot = isLinux && Deno.uid() === 0;

function start(
  sandbox: Sandbox,
  args: readonly string[],
  options: { env?: Record<string, string>; stdin?: boolean } = {},
): RunningProcess {
  const { command, args: before } = codexCommand();
  return new RunningProcess({ command, args: [...before, "app-server", ...args] }, {
    cwd: sandbox.folder,
    env: testEnv(sandbox.home, options.env),
    stdin: options.stdin ?? false,
  });
}

/** The addresses of the banners, once so many are there. */
async function listening(server: RunningProcess, count: number): Promise<string[]> {
  const find = (): string[] => server.stderrLines.flatMap((line) => /listening on: (\S+)/.exec(line)?.slice(1) ?? []);
  await server.waitForLine(/listening on/);
  await waitUntil(`${count} banners`, () => find().length === count);
  return find();
}

/** A client on bare bytes that shakes hands, introduces itself, and then only reads. */
async function connectMute(connection: Deno.Conn): Promise<{ closeCode(): Promise<number | null> }> {
  const request = ["GET / HTTP/1.1", "Host: x", ...UPGRADE_HEADERS, "", ""].join("\r\n");
  let seen: Uint8Array = new Uint8Array();
  async function readUntil(enough: () => boolean): Promise<void> {
    const buffer = new Uint8Array(65_536);
    while (!enough()) {
      const count = await connection.read(buffer).catch(() => null);
      if (count === null) return;
      seen = concat(seen, buffer.subarray(0, count));
    }
  }
  await connection.write(new TextEncoder().encode(request));
  await readUntil(() => new TextDecoder().decode(seen).includes("\r\n\r\n"));
  const head = new TextDecoder("latin1").decode(seen);
  assert.match(head, /^HTTP\/1\.1 101/);
  seen = seen.slice(head.indexOf("\r\n\r\n") + 4);
  await connection.write(textFrame({ id: 1, method: "initialize", params: { clientInfo: WHO } }));
  await readUntil(() => new TextDecoder().decode(seen).includes('"userAgent"'));
  return {
    async closeCode(): Promise<number | null> {
      await readUntil(() => findClose(seen) !== null);
      return findClose(seen);
    },
  };
}

Deno.test(
  { name: "at SIGTERM every client hears 1001, and one that does not answer keeps nobody", ignore: !isLinux },
  async () => {
    await using sandbox = await makeSandbox();
    const path = `${sandbox.folder}/s.sock`;
    const [cert, key] = [`${sandbox.folder}/cert.pem`, `${sandbox.folder}/key.pem`];
    const authority = await makeAuthority(sandbox.folder);
    await authority.issue(cert, key, "one");
    await using server = start(sandbox, [
      ...["--listen", "ws://127.0.0.1:0", "--listen", "ws://[::1]:0", "--listen", "wss://127.0.0.1:0"],
      ...["--listen", `unix://${path}`, "--tls-cert", cert, "--tls-key", key],
    ]);
    const [ws, ws6, wss] = (await listening(server, 4)).map((url) => Number(/:(\d+)$/.exec(url)?.[1]));
    const caCerts = [await Deno.readTextFile(authority.caFile)];
    const connections: Deno.Conn[] = [
      await Deno.connect({ hostname: "127.0.0.1", port: ws! }),
      await Deno.connect({ hostname: "::1", port: ws6! }),
      await Deno.connectTls({ hostname: "127.0.0.1", port: wss!, caCerts }),
      await Deno.connect({ transport: "unix", path }),
    ];
    const clients = await Promise.all(connections.map(connectMute));
    // Half a request, that never becomes a whole one.
    connections.push(await Deno.connect({ hostname: "127.0.0.1", port: ws! }));
    await connections.at(-1)?.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHos"));
    const asked = performance.now();
    server.signal("SIGTERM");
    assert.deepEqual(await Promise.all(clients.map((client) => client.closeCode())), [1001, 1001, 1001, 1001]);
    assert.equal((await server.exit()).code, 0);
    assert.ok(performance.now() - asked < 10_000, `ended after ${performance.now() - asked} ms`);
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
    for (const connection of connections) connection.close();
  },
);

Deno.test("each listener has its banner; the end of stdio among them is only its own end", async () => {
  await using sandbox = await makeSandbox();
  const path = `${sandbox.folder}/s.sock`;
  const args = ["--listen", "stdio://", "--listen", "ws://127.0.0.1:0", "--listen", `unix://${path}`];
  await using server = start(sandbox, args, { stdin: true });
  const [url = ""] = await listening(server, 2);
  const where = url.replace("ws:", "http:");
  assert.deepEqual(server.stderrLines.slice(0, 8), [
    "codex app-server (WebSockets)",
    `  listening on: ${url}`,
    `  readyz: ${where}/readyz`,
    `  healthz: ${where}/healthz`,
    server.stderrLines[4],
    "codex app-server (WebSockets)",
    `  listening on: unix://${path}`,
    "  note: only programs of your own user can open this socket",
  ]);
  assert.match(server.stderrLines[4] ?? "", /^ {2}note: only (your own programs|this machine)/);
  await server.write(INITIALIZE);
  await server.waitForLine(/"userAgent"/);
  await using client = await connectWebSocket(url);
  await client.request("initialize", { clientInfo: WHO });
  await server.closeStdin();
  for (let count = 0; count < 20; count++) assert.ok(await client.request("model/list", {}));
  await using later = await connectWebSocket(url);
  await later.request("initialize", { clientInfo: WHO });
  assert.equal(server.status, undefined);
  server.signal("SIGTERM");
  assert.equal((await server.exit()).code, 0);
});

Deno.test("one listener that cannot be had ends the start, and nothing of the others stays", async () => {
  await using sandbox = await makeSandbox();
  const path = `${sandbox.folder}/s.sock`;
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const result = await sandbox.codex([
    "app-server",
    "--listen",
    `unix://${path}`,
    "--listen",
    `ws://127.0.0.1:${port}`,
  ]);
  assert.match(
    result.stderr,
    new RegExp(`^Error: Cannot listen on 127\\.0\\.0\\.1:${port}: the address is in use$`, "m"),
  );
  assert.equal(result.code, 1);
  await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
});

Deno.test({ name: "two TLS listeners on one port get a new certificate each", ignore: !isLinux }, async () => {
  await using sandbox = await makeSandbox();
  const [cert, key] = [`${sandbox.folder}/cert.pem`, `${sandbox.folder}/key.pem`];
  const authority = await makeAuthority(sandbox.folder);
  await authority.issue(cert, key, "first");
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  await using server = start(sandbox, [
    ...["--listen", `wss://127.0.0.1:${port}`, "--listen", `wss://[::1]:${port}`],
    ...["--tls-cert", cert, "--tls-key", key, "--log-level", "info"],
  ]);
  await listening(server, 2);
  const subjectAt = async (address: string): Promise<string> => {
    const args = ["s_client", "-connect", address];
    return /subject=CN ?= ?(\w+)/.exec((await run({ command: "openssl", args }, { stdin: "" })).stdout)?.[1] ?? "";
  };
  for (const name of ["second", "third"]) {
    await authority.issue(cert, key, name);
    for (const address of [`127.0.0.1:${port}`, `[::1]:${port}`]) {
      await waitUntil(`${address} shows ${name}`, async () => await subjectAt(address) === name);
    }
  }
});

Deno.test(
  { name: "a TLS key that others can read is warned of, with its mode", ignore: Deno.build.os === "windows" },
  async () => {
    await using sandbox = await makeSandbox();
    const [cert, key] = [`${sandbox.folder}/cert.pem`, `${sandbox.folder}/key.pem`];
    await (await makeAuthority(sandbox.folder)).issue(cert, key, "one");
    await Deno.chmod(key, 0o644);
    await using server = start(sandbox, ["--listen", "wss://127.0.0.1:0", "--tls-cert", cert, "--tls-key", key]);
    await server.waitForLine(/WARN.*The TLS key is not private: .*key\.pem has mode 644: others can read it/);
  },
);

Deno.test(
  { name: "who is refused is in the audit log once a minute, with nothing secret", ignore: !isLinux },
  async () => {
    await using sandbox = await makeSandbox();
    const [token, audit] = [`${sandbox.folder}/token`, `${sandbox.folder}/audit.jsonl`];
    await Deno.writeTextFile(token, "right-token", { mode: 0o600 });
    await using server = start(sandbox, [
      ...["--listen", "ws://127.0.0.1:0", "--ws-auth", "capability-token", "--ws-token-file", token],
      ...["--audit-log", audit],
    ]);
    const [url = ""] = await listening(server, 1);
    const port = Number(/:(\d+)$/.exec(url)?.[1]);
    for (let count = 0; count < 5; count++) {
      const headers = [...UPGRADE_HEADERS, "Authorization: Bearer wrong-token"];
      assert.equal((await rawRequest(port, "GET / HTTP/1.1", headers)).status, 401);
    }
    assert.equal((await rawRequest(port, "GET / HTTP/1.1", ["Origin: http://evil.example"])).status, 403);
    server.signal("SIGTERM");
    assert.equal((await server.exit()).code, 0);
    const text = await Deno.readTextFile(audit);
    const refused = text.trim().split("\n").map((line) => JSON.parse(line)).filter(({ event }) => event === "refused");
    const unauthorized = {
      transport: "ws",
      address: "127.0.0.1",
      status: 401,
      reason: "invalid websocket bearer token",
    };
    assert.deepEqual(refused.map(({ time: _time, event: _event, ...rest }) => rest), [
      { ...unauthorized, count: 1 },
      { transport: "ws", address: "127.0.0.1", status: 403, reason: "Origin header", count: 1 },
      { ...unauthorized, count: 4 },
    ]);
    for (const hidden of ["right-token", "wrong-token", "evil.example"]) {
      assert.equal((text + server.stderrLines.join("\n")).includes(hidden), false, hidden);
    }
  },
);

Deno.test({
  name: "another user who asks and is gone at once is not taken for the server's own",
  // The kernel calls root the owner of a closed socket; only a server of root could be deceived.
  ignore: !isRoot,
}, async () => {
  await using sandbox = await makeSandbox();
  const audit = `${sandbox.folder}/audit.jsonl`;
  await using server = start(sandbox, ["--listen", "ws://127.0.0.1:0", "--audit-log", audit]);
  const [url = ""] = await listening(server, 1);
  const port = Number(/:(\d+)$/.exec(url)?.[1]);
  const head = ["GET / HTTP/1.1", "Host: x", ...UPGRADE_HEADERS, "", ""].join("\\r\\n");
  // While the server stands still, the request waits in its socket and the client closes.
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf '${head}' >&3; exec 3>&-`;
  for (let count = 0; count < 3; count++) {
    server.signal("SIGSTOP");
    const args = ["--reuid", "65534", "--clear-groups", "bash", "-c", script];
    assert.equal((await run({ command: "setpriv", args })).code, 0);
    server.signal("SIGCONT");
  }
  // Some of these requests are dropped with their connection, before anybody is asked; none may come in.
  await using client = await connectWebSocket(url);
  await client.request("initialize", { clientInfo: WHO });
  server.signal("SIGTERM");
  assert.equal((await server.exit()).code, 0);
  const events = (await Deno.readTextFile(audit)).trim().split("\n").map((line) => JSON.parse(line).event);
  assert.equal(events.filter((event) => event === "connected").length, 1, events.join(" "));
});

Deno.test({
  name: "the terminal client over wss trusts the authority that CODEX_CA_CERTIFICATE names",
  ignore: !isLinux,
}, async () => {
  await using sandbox = await makeSandbox();
  const [cert, key] = [`${sandbox.folder}/cert.pem`, `${sandbox.folder}/key.pem`];
  const authority = await makeAuthority(sandbox.folder);
  await authority.issue(cert, key, "one");
  const args = ["--listen", "wss://127.0.0.1:0", "--tls-cert", cert, "--tls-key", key, "--log-level", "info"];
  await using server = start(sandbox, args);
  const [url = ""] = await listening(server, 1);
  const { command, args: before } = codexCommand();
  const open = (env: Record<string, string>): Promise<Terminal> =>
    openTerminal({ command, args: [...before, "--remote", url] }, {
      cwd: sandbox.folder,
      env: testEnv(sandbox.home, env),
      columns: 240,
    });
  {
    await using stranger = await open({});
    assert.equal(await stranger.waitForExit(), 1);
    assert.match(
      await stranger.history(),
      /TLS failed: the server's certificate was signed by an authority that is not/,
    );
  }
  for (const variable of ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"]) {
    const seen = server.stderrLines.length;
    await using _client = await open({ [variable]: authority.caFile });
    await waitUntil(
      `a client with ${variable}`,
      () => server.stderrLines.slice(seen).some((line) => /Client connected.*transport=wss/.test(line)),
    );
  }
});
