// `codex app-server` as a process: it answers, it ends when it should, and it says in one line why it cannot start.
import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket, startWebSocketServer } from "../support/json_rpc.ts";
import { RunningProcess } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";
import { INITIALIZE, line, makeSandbox } from "./command.ts";

Deno.test("app-server on stdio answers initialize and exits 0 at the end of its input", async () => {
  await using sandbox = await makeSandbox();
  const result = await sandbox.codex(["app-server"], { stdin: INITIALIZE });
  const [answer] = result.stdout.split("\n");
  const { id, result: info } = JSON.parse(answer ?? "");
  assert.equal(id, 1);
  assert.deepEqual(Object.keys(info).sort(), ["codexHome", "platformFamily", "platformOs", "userAgent"]);
  assert.equal(info.codexHome, sandbox.home);
  assert.match(info.userAgent, /^test\/0\.120\.0 \(.+; (x86_64|aarch64)\) .+ \(test; 1\)$/);
  assert.equal(result.code, 0);
});

Deno.test("app-server with an empty input exits 0 and says nothing", async () => {
  await using sandbox = await makeSandbox();
  const result = await sandbox.codex(["app-server"], { stdin: "" });
  assert.deepEqual({ code: result.code, stdout: result.stdout }, { code: 0, stdout: "" });
});

Deno.test("app-server survives a line that is no JSON", async () => {
  await using sandbox = await makeSandbox();
  const { code, stdout } = await sandbox.codex(["app-server"], { stdin: `{"id":\n${INITIALIZE}` });
  assert.ok(stdout.split("\n").some((text) => text !== "" && JSON.parse(text).id === 1), stdout);
  assert.equal(code, 0);
});

Deno.test("app-server answers config/read and model/list of an empty home", async () => {
  await using sandbox = await makeSandbox();
  const stdin = INITIALIZE + line({ method: "initialized" }) +
    line({ id: 2, method: "config/read", params: { includeLayers: false, cwd: null } }) +
    line({ id: 3, method: "model/list", params: {} });
  const { stdout } = await sandbox.codex(["app-server"], { stdin });
  const answers = stdout.trim().split("\n").map((text) => JSON.parse(text));
  assert.ok(answers.find((answer) => answer.id === 2).result.config);
  assert.ok(answers.find((answer) => answer.id === 3).result.data.length > 0);
});

Deno.test("app-server tells clients of a broken config.toml where it is broken, and goes on", async () => {
  await using sandbox = await makeSandbox();
  await Deno.writeTextFile(`${sandbox.home}/config.toml`, 'model = "x"\nbad = = 1\n');
  const { code, stdout, stderr } = await sandbox.codex(["app-server"], {
    stdin: INITIALIZE + line({ method: "initialized" }),
  });
  const warnings = stdout.trim().split("\n").map((text) => JSON.parse(text)).filter(({ method }) =>
    method === "configWarning"
  );
  const broken = warnings.find(({ params }) => params.summary === "Invalid configuration; using defaults.");
  assert.equal(broken.params.path, `${sandbox.home}/config.toml`);
  assert.equal(broken.params.range.start.line, 2);
  assert.match(stderr, /config\.toml:2:/);
  assert.equal(code, 0);
});

Deno.test("app-server warns of writable roots that are not there", async () => {
  await using sandbox = await makeSandbox();
  const settings = 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nwritable_roots = ["missing", "/"]\n';
  await Deno.writeTextFile(`${sandbox.home}/config.toml`, settings);
  const { stdout } = await sandbox.codex(["app-server"], { stdin: INITIALIZE + line({ method: "initialized" }) });
  assert.match(stdout, /"summary":"Commands cannot write to \\".*\/home\/missing\\": there is no such folder"/);
  assert.match(stdout, /"summary":"Commands may write to the whole disk"/);
});

Deno.test("app-server refuses a CODEX_HOME that does not exist", async () => {
  await using sandbox = await makeSandbox();
  const missing = `${sandbox.home}/missing`;
  const result = await sandbox.codex(["app-server"], { stdin: "", env: { CODEX_HOME: missing } });
  assert.match(result.stderr, new RegExp(`^Error: CODEX_HOME points to "${missing}", but that path does not exist\n`));
  assert.deepEqual({ code: result.code, stdout: result.stdout }, { code: 1, stdout: "" });
});

Deno.test("app-server refuses a token file that is missing or empty", async () => {
  await using sandbox = await makeSandbox();
  const start = (file: string): ReturnType<typeof sandbox.codex> =>
    sandbox.codex([
      "app-server",
      "--listen",
      "ws://127.0.0.1:0",
      "--ws-auth",
      "capability-token",
      "--ws-token-file",
      file,
    ]);
  const missing = await start(`${sandbox.folder}/nope`);
  assert.match(
    missing.stderr,
    /^Error: failed to read websocket auth secret .*\/nope: No such file or directory \(os error 2\)/,
  );
  assert.equal(missing.code, 1);
  await Deno.writeTextFile(`${sandbox.folder}/empty`, " \n");
  const empty = await start(`${sandbox.folder}/empty`);
  assert.match(empty.stderr, /^Error: websocket auth secret .*\/empty must not be empty\n/);
  assert.equal(empty.code, 1);
});

Deno.test("app-server on a port in use says so and exits 1", async () => {
  await using sandbox = await makeSandbox();
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr;
  const result = await sandbox.codex(["app-server", "--listen", `ws://127.0.0.1:${port}`]);
  assert.match(
    result.stderr,
    new RegExp(`^Error: Cannot listen on 127\\.0\\.0\\.1:${port}: the address is in use\n`, "m"),
  );
  assert.equal(result.code, 1);
});

Deno.test("app-server on a WebSocket asks for the token, and ends on SIGTERM with 0", async () => {
  await using sandbox = await makeSandbox();
  const file = `${sandbox.folder}/token`;
  await Deno.writeTextFile(file, "a-token\n");
  const { server, url } = await startWebSocketServer(codexCommand(), {
    cwd: sandbox.folder,
    env: testEnv(sandbox.home),
    args: ["--ws-auth", "capability-token", "--ws-token-file", file],
  });
  await using _ = server;
  await assert.rejects(connectWebSocket(url));
  await assert.rejects(connectWebSocket(url, "another"));
  const client = await connectWebSocket(url, "a-token");
  const info = await client.request("initialize", { clientInfo: { name: "test", title: null, version: "1" } });
  assert.equal(info.codexHome, sandbox.home);
  server.signal("SIGTERM");
  assert.deepEqual((await server.exit()).code, 0);
  await client[Symbol.asyncDispose]();
});

Deno.test("app-server on stdio ends on SIGTERM with 0", async () => {
  await using sandbox = await makeSandbox();
  const { command, args } = codexCommand();
  await using server = new RunningProcess({ command, args: [...args, "app-server"] }, {
    cwd: sandbox.folder,
    env: testEnv(sandbox.home),
    stdin: true,
  });
  await server.write(INITIALIZE);
  await server.waitForLine(/"userAgent"/);
  server.signal("SIGTERM");
  assert.equal((await server.exit()).code, 0);
});
