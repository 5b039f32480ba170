// The server where it lives: under a service manager, behind nginx, through ssh, on an address of another namespace.
// Linux as root; every process is ended by its own pid, every port is free, every file is in a folder of the test.
import assert from "node:assert/strict";
import { createAppServerClient } from "../../src/client/app_server_client.ts";
import { connectRemote } from "../../src/client/connect.ts";
import { withHeartbeat } from "../../src/client/heartbeat.ts";
import { openWebSocket } from "../../src/host/connect.ts";
import type { MessageStream } from "../../src/rpc/message_stream.ts";
import { createSocketStream } from "../../src/rpc/socket_stream.ts";
import { makeAuthority } from "../support/certificates.ts";
import { codexCommand, projectRoot } from "../support/codex_under_test.ts";
import { connectWebSocket, type RawClient, startWebSocketServer } from "../support/json_rpc.ts";
import { deltaTexts } from "../support/model_script.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { run, RunningProcess } from "../support/process.ts";
import { makeScratch, type Scratch, testEnv } from "../support/workspace.ts";

const LOOSE = { sanitizeOps: false, sanitizeResources: false };

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A datagram socket like the service manager's, read by a few lines of python. */
async function startNotifyListener(name: string): Promise<RunningProcess> {
  const script = [
    "import socket,sys",
    "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)",
    "n=sys.argv[1]",
    'n="\\0"+n[1:] if n[0]=="@" else n',
    "s.bind(n)",
    'print("bound",flush=True)',
    "while True: print(s.recv(4096).decode().replace(chr(10),' '),flush=True)",
  ].join("\n");
  const listener = new RunningProcess({ command: "python3", args: ["-c", script, name] });
  await listener.waitForLine(/^bound$/);
  return listener;
}

for (const kind of ["path", "abstract"]) {
  Deno.test(`the service manager hears how the server is doing (${kind} socket)`, LOOSE, async () => {
    await using scratch = await makeScratch();
    const name = kind === "path" ? `${scratch.path}/notify` : `@codex-test-${crypto.randomUUID()}`;
    await using manager = await startNotifyListener(name);
    const home = await scratch.home("home", { baseUrl: "http://127.0.0.1:9/v1" });
    const { server, url } = await startWebSocketServer(codexCommand(), {
      cwd: scratch.path,
      env: testEnv(home, { NOTIFY_SOCKET: name, WATCHDOG_USEC: "200000" }),
    });
    await using _ = server;
    await manager.waitForLine(/^READY=1 STATUS=0 clients, 0 running turns MAINPID=\d+$/);
    await manager.waitForLine(/^WATCHDOG=1$/);
    await using client = await connectWebSocket(url);
    await client.initialize();
    await manager.waitForLine(/^STATUS=1 client, 0 running turns$/);
    server.signal("SIGHUP");
    await manager.waitForLine(/^RELOADING=1 MONOTONIC_USEC=\d+$/);
    server.signal("SIGTERM");
    await manager.waitForLine(/^STOPPING=1 EXTEND_TIMEOUT_USEC=\d+ STATUS=Stopping/);
    assert.equal((await server.exit()).code, 0);
  });
}

Deno.test("the unit is what systemd understands, and confines", LOOSE, async () => {
  await using scratch = await makeScratch();
  const program = `${scratch.path}/codex`;
  await Deno.writeTextFile(program, "#!/bin/sh\n", { mode: 0o755 });
  const text = await Deno.readTextFile(`${projectRoot()}packaging/systemd/codex-app-server.service`);
  const unit = `${scratch.path}/codex-app-server.service`;
  await Deno.writeTextFile(unit, text.replace("/usr/local/bin/codex", program));
  const verified = await run({ command: "systemd-analyze", args: ["verify", unit] });
  assert.deepEqual([verified.code, verified.stderr.replace(/.*Failed to.*\n/g, "")], [0, ""]);
  const security = await run({ command: "systemd-analyze", args: ["security", "--offline=true", unit] });
  const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(security.stdout)?.[1]);
  assert.ok(exposure <= 4.0, security.stdout.slice(-300));
  const { command, args } = codexCommand();
  const written = await run({ command, args: [...args, "app-server", "install-service", "--user", "--dry-run"] }, {
    env: testEnv(scratch.path),
  });
  assert.match(written.stdout, /^ExecStart=\/\S+ app-server --listen ws:\/\/127\.0\.0\.1:4500$/m);
  // A service starts in another folder than the one where it was written.
  const relative = await run({
    command,
    args: [...args, "app-server", "install-service", "--user", "--dry-run", "--audit-log", "audit.jsonl"],
  }, { env: testEnv(scratch.path), cwd: scratch.path });
  assert.match(relative.stdout, new RegExp(`^ExecStart=.* --audit-log ${scratch.path}/audit.jsonl$`, "m"));
});

interface Served extends AsyncDisposable {
  readonly scratch: Scratch;
  readonly workspace: string;
  readonly url: string;
  readonly port: number;
}

async function serve(args: readonly string[], prepare?: (scratch: Scratch) => Promise<string[]>): Promise<Served> {
  const cleanup = new AsyncDisposableStack();
  const scratch = cleanup.use(await makeScratch());
  const model = await startModelStandIn();
  cleanup.defer(() => model.close());
  const workspace = await scratch.workspace();
  const home = await scratch.home("home", { baseUrl: model.baseUrl, trusted: [workspace] });
  const more = await prepare?.(scratch) ?? [];
  const { server, url } = await startWebSocketServer(codexCommand(), {
    cwd: workspace,
    env: testEnv(home),
    args: [...args, ...more],
  });
  cleanup.use(server);
  const port = Number(/:(\d+)$/.exec(url)?.[1]);
  return { scratch, workspace, url, port, [Symbol.asyncDispose]: () => cleanup.disposeAsync() };
}

/** Starts a slow turn, breaks the way to the server in the middle of it, comes back: the answer is whole. */
async function survive(
  served: Served,
  dial: () => Promise<RawClient>,
  disturb: (client: RawClient) => Promise<void>,
): Promise<void> {
  const first = await dial();
  await first.initialize();
  const { thread } = await first.request("thread/start", { cwd: served.workspace });
  const input = [{ type: "text", text: "%slow:12", text_elements: [] }];
  await first.request("turn/start", { threadId: thread.id, input });
  await first.waitFor("the answer begins", ({ method }) => method === "item/agentMessage/delta");
  await disturb(first);
  await using second = await dial();
  await second.initialize();
  const from = second.log.length;
  const resumed = await second.request("thread/resume", { threadId: thread.id });
  if (resumed.thread.turns.at(-1).status === "inProgress") {
    await second.waitFor("the end", ({ method }) => method === "turn/completed", { from });
  }
  const { thread: end } = await second.request("thread/read", { threadId: thread.id, includeTurns: true });
  const text = end.turns.at(-1).items.find(({ type }: { type: string }) => type === "agentMessage").text;
  const told = resumed.thread.turns.at(-1).items.find(({ type }: { type: string }) => type === "agentMessage")?.text ??
    "";
  const later = second.log.slice(from).map(({ message }) => message)
    .filter(({ method }) => method === "item/agentMessage/delta").map(({ params }) => params.delta).join("");
  assert.equal(end.turns.at(-1).status, "completed");
  assert.ok(text.length > 20);
  assert.equal(told + later, text, "no gap and no repeat");
  await first[Symbol.asyncDispose]();
}

interface Nginx extends AsyncDisposable {
  readonly port: number;
  readonly caCerts: string[];
  reload(): Promise<{ code: number }>;
}

/** nginx with the example's configuration in front of the server, its files in the server's folder. */
async function startNginx({ scratch, port: upstream }: Served, readTimeout = "75s"): Promise<Nginx> {
  const folder = await Deno.makeTempDir({ dir: scratch.path, prefix: "nginx" });
  const authority = await makeAuthority(folder);
  await authority.issue(`${folder}/cert.pem`, `${folder}/key.pem`, "proxy");
  const port = freePort();
  const example = await Deno.readTextFile(`${projectRoot()}packaging/nginx.conf`);
  const server = example
    .replace("listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`)
    .replace("server_name codex.example.com;", "server_name localhost;")
    .replace("proxy_read_timeout 75s;", `proxy_read_timeout ${readTimeout};`)
    .replace(/\/etc\/ssl\/codex\/fullchain\.pem/, `${folder}/cert.pem`)
    .replace(/\/etc\/ssl\/codex\/privkey\.pem/, `${folder}/key.pem`)
    .replace("/var/log/nginx/codex.log", `${scratch.path}/access.log`)
    .replaceAll("127.0.0.1:4500", `127.0.0.1:${upstream}`);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`).join("\n");
  const config = `${folder}/nginx.conf`;
  await Deno.writeTextFile(
    config,
    `daemon off;\nuser root;\npid ${folder}/nginx.pid;\nerror_log ${scratch.path}/error.log;\nevents {}\nhttp {\n${paths}\n${server}\n}\n`,
  );
  const line = { command: "/usr/sbin/nginx", args: ["-c", config, "-p", folder] };
  const running = new RunningProcess(line);
  await reachable(port);
  return {
    port,
    caCerts: [await Deno.readTextFile(authority.caFile)],
    reload: () => run({ ...line, args: [...line.args, "-s", "reload"] }),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

Deno.test(
  "nginx closes what is silent; pings of the client alone and of the server alone keep a connection",
  LOOSE,
  async () => {
    await using served = await serve([]);
    await using hasty = await startNginx(served, "1s");
    // A second more than the server waits with its ping.
    await using patient = await startNginx(served, "15s");
    const open = ({ port, caCerts }: Nginx): Promise<WebSocket> =>
      openWebSocket(`wss://127.0.0.1:${port}`, { timeoutMs: 10_000, caCerts });
    const lives = async (stream: MessageStream, ms: number): Promise<boolean> => {
      const start = performance.now();
      const gone = stream.closed.then(() => performance.now() - start);
      const client = createAppServerClient(stream);
      await client.initialize({ name: "probe", version: "1" });
      const timeout = Promise.withResolvers<null>();
      const timer = setTimeout(() => timeout.resolve(null), ms);
      const goneAfter = await Promise.race([gone, timeout.promise]);
      clearTimeout(timer);
      if (goneAfter !== null) return false;
      // And it still carries what is asked.
      await client.request("thread/loaded/list", {});
      await client.close();
      return true;
    };
    const results = await Promise.all([
      lives(createSocketStream(await open(hasty)), 10_000),
      lives(withHeartbeat(createSocketStream(await open(hasty)), { silentMs: 300, answerMs: 500 }), 3_000),
      lives(createSocketStream(await open(patient)), 18_500),
    ]);
    assert.deepEqual(results, [false, true, true]);
  },
);

Deno.test(
  "wss through nginx to a server with signed tokens; nginx reloads in the middle of a turn",
  LOOSE,
  async () => {
    let secret = "";
    await using served = await serve(["--ws-auth", "signed-bearer-token"], async (scratch) => {
      const file = `${scratch.path}/secret`;
      secret = file;
      await run({ command: "sh", args: ["-c", `umask 077; openssl rand -base64 32 > ${file}`] });
      return ["--ws-shared-secret-file", file];
    });
    const folder = served.scratch.path;
    await using nginx = await startNginx(served);
    const { port, caCerts } = nginx;
    const { command, args } = codexCommand();
    const mint = ["app-server", "token", "mint", "--ws-shared-secret-file", secret, "--ttl", "5m"];
    const token = (await run({ command, args: [...args, ...mint] }, { env: testEnv(folder) })).stdout.trim();
    const url = `wss://127.0.0.1:${port}`;
    await assert.rejects(connectRemote({ url, caCerts, token: `${token}x` }), /HTTP 401/);
    // Our own client, through its own door.
    const client = createAppServerClient(await connectRemote({ url, caCerts, token }));
    await client.initialize({ name: "probe", version: "1" });
    const { thread } = await client.request("thread/start", { cwd: served.workspace });
    const done = Promise.withResolvers<void>();
    let text = "";
    let reloaded: Promise<unknown> | null = null;
    client.onNotification((method, params) => {
      if (method === "item/agentMessage/delta") text += (params as { delta: string }).delta;
      if (method === "turn/completed") done.resolve();
      if (text.length > 0) {
        reloaded ??= nginx.reload();
      }
    });
    await client.request("turn/start", {
      threadId: thread.id,
      input: [{ type: "text", text: "%deltas:3000", text_elements: [] }],
    });
    await done.promise;
    assert.deepEqual((await reloaded as { code: number } | null)?.code, 0);
    assert.equal(text, deltaTexts(3000).join(""));
    await client.close();
    const again = createAppServerClient(await connectRemote({ url, caCerts, token }));
    await again.initialize({ name: "probe", version: "1" });
    await again.close();
    const logs = await Deno.readTextFile(`${folder}/access.log`) + await Deno.readTextFile(`${folder}/error.log`);
    assert.equal(logs.includes(token), false);
  },
);

async function reachable(port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (true) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

Deno.test("through an SSH forward that is killed and made again in the middle of a turn", LOOSE, async () => {
  await using served = await serve([]);
  const folder = `${served.scratch.path}/ssh`;
  await Deno.mkdir(folder, { mode: 0o700 });
  for (const name of ["host", "client"]) {
    await run({ command: "ssh-keygen", args: ["-q", "-t", "ed25519", "-N", "", "-f", `${folder}/${name}`] });
  }
  await Deno.copyFile(`${folder}/client.pub`, `${folder}/authorized`);
  await Deno.mkdir("/run/sshd", { recursive: true });
  const sshPort = freePort();
  await Deno.writeTextFile(
    `${folder}/sshd_config`,
    `Port ${sshPort}\nListenAddress 127.0.0.1\nHostKey ${folder}/host\nAuthorizedKeysFile ${folder}/authorized\n` +
      `PidFile none\nPasswordAuthentication no\nPermitRootLogin yes\nStrictModes no\nUsePAM no\n`,
  );
  await using sshd = new RunningProcess({
    command: "/usr/sbin/sshd",
    args: ["-D", "-e", "-f", `${folder}/sshd_config`],
  });
  await reachable(sshPort);
  const localPort = freePort();
  const options = [
    "UserKnownHostsFile=/dev/null",
    "StrictHostKeyChecking=no",
    "ExitOnForwardFailure=yes",
    "LogLevel=ERROR",
  ];
  const forward = (): RunningProcess =>
    new RunningProcess({
      command: "ssh",
      args: [
        ...["-N", "-F", "none", "-i", `${folder}/client`, "-p", String(sshPort)],
        ...options.flatMap((option) => ["-o", option]),
        ...["-L", `127.0.0.1:${localPort}:127.0.0.1:${served.port}`, "root@127.0.0.1"],
      ],
    });
  let tunnel = forward();
  await reachable(localPort);
  await survive(served, () => connectWebSocket(`ws://127.0.0.1:${localPort}`), async (client) => {
    tunnel.signal("SIGKILL");
    await tunnel.exit();
    while (client.closed === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    tunnel = forward();
    await reachable(localPort);
  });
  await tunnel.stop();
  void sshd;
});

Deno.test("a listener that other machines reach: a warning without auth, a token with it", LOOSE, async () => {
  const name = `codex${crypto.randomUUID().slice(0, 6)}`;
  const ip = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await run({ command: "ip", args });
    assert.equal(code, 0, `ip ${args.join(" ")}: ${stderr}`);
  };
  await using scratch = await makeScratch();
  const home = await scratch.home("home", { baseUrl: "http://127.0.0.1:9/v1" });
  await Deno.writeTextFile(`${scratch.path}/token`, "a-token", { mode: 0o600 });
  // Two namespaces with a cable between them: the server's, and another machine.
  await ip("netns", "add", `${name}s`);
  await ip("netns", "add", `${name}c`);
  try {
    await ip(
      "link",
      "add",
      `${name}0`,
      "netns",
      `${name}s`,
      "type",
      "veth",
      "peer",
      "name",
      `${name}1`,
      "netns",
      `${name}c`,
    );
    for (const [end, address, at] of [["s", "10.77.0.1/24", 0], ["c", "10.77.0.2/24", 1]] as const) {
      await ip("-n", `${name}${end}`, "addr", "add", address, "dev", `${name}${at}`);
      await ip("-n", `${name}${end}`, "link", "set", `${name}${at}`, "up");
      await ip("-n", `${name}${end}`, "link", "set", "lo", "up");
    }
    const { command, args } = codexCommand();
    const start = (...more: string[]): RunningProcess =>
      new RunningProcess({
        command: "ip",
        args: ["netns", "exec", `${name}s`, command, ...args, "app-server", "--listen", "ws://0.0.0.0:4500", ...more],
      }, { cwd: scratch.path, env: testEnv(home) });
    const upgrade = (header: string): string =>
      `exec 3<>/dev/tcp/10.77.0.1/4500; printf 'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n` +
      `Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n${header}\\r\\n' >&3; head -c 12 <&3`;
    const elsewhere = async (header = ""): Promise<string> =>
      (await run({ command: "ip", args: ["netns", "exec", `${name}c`, "bash", "-c", upgrade(header)] })).stdout;
    {
      await using open = start();
      await open.waitForLine(/note: ANYONE who reaches this address can run commands here; configure --ws-auth/);
      await open.waitForLine(/WARN .*Listening without authentication on an address that other machines may reach/);
      assert.equal(await elsewhere(), "HTTP/1.1 101");
    }
    await using closed = start("--ws-auth", "capability-token", "--ws-token-file", `${scratch.path}/token`);
    await closed.waitForLine(/note: other machines can connect with a token; the traffic is not encrypted/);
    assert.equal(await elsewhere(), "HTTP/1.1 401");
    assert.equal(await elsewhere("Authorization: Bearer a-token\\r\\n"), "HTTP/1.1 101");
  } finally {
    await run({ command: "ip", args: ["netns", "del", `${name}s`] });
    await run({ command: "ip", args: ["netns", "del", `${name}c`] });
  }
});
