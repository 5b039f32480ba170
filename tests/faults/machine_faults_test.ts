// The machine refuses: an unwritable home, a broken config.toml, a port in use, no bwrap, a full disk. Each gives one
// clear line or the error on the wire, the right exit code, and loses nothing.

import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectStdio, startWebSocketServer } from "../support/json_rpc.ts";
import { type CommandLine, run, RunningProcess, type RunResult } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";
import { answersOf, isRootOnLinux, itemsOf, makeFixture, startThread } from "./fixture.ts";

const BROKEN_TOML = 'model = "gpt-5.4"\nbroken = [1,\nx = = 2\n';

function test(name: string, fn: () => Promise<void>, ignore = false): void {
  Deno.test({ name, fn, ignore, sanitizeOps: false, sanitizeResources: false });
}

/** One clear line: no stack, not a wall of text. */
function assertClear(result: RunResult, mentions: RegExp): void {
  assert.match(result.stderr, mentions);
  assert.doesNotMatch(result.stderr, /^\s+at .*[:(]\d+|Stack backtrace|Uncaught/m, "a stack reached the person");
  const lines = result.stderr.split("\n").filter((line) => line.trim() !== "");
  assert.ok(lines.length <= 6, `too much text:\n${result.stderr}`);
}

/** Runs `codex app-server` with a closed stdin. */
async function runServer(env: Record<string, string>, args: string[] = [], before?: CommandLine): Promise<RunResult> {
  const codex = codexCommand();
  const words = [codex.command, ...codex.args, "app-server", ...args];
  const line = before === undefined
    ? { command: words[0]!, args: words.slice(1) }
    : { command: before.command, args: [...before.args, ...words] };
  return await run(line, { env, stdin: "" });
}

test("an unwritable CODEX_HOME ends app-server with 1 and names the folder", async () => {
  await using fixture = await makeFixture();
  await Deno.chmod(fixture.home, 0o500);
  try {
    const result = await runServer(testEnv(fixture.home), ["--listen", "ws://127.0.0.1:0"], obeyingModes());
    assert.equal(result.code, 1, result.stderr);
    assertClear(result, new RegExp(fixture.home));
  } finally {
    await Deno.chmod(fixture.home, 0o700);
  }
}, Deno.build.os === "windows");

/** Root passes every mode bit; without these capabilities even root obeys them. */
function obeyingModes(): CommandLine | undefined {
  if (!isRootOnLinux()) return undefined;
  return { command: "setpriv", args: ["--bounding-set=-dac_override,-dac_read_search"] };
}

test("a CODEX_HOME that does not exist ends app-server with 1 and names it", async () => {
  await using fixture = await makeFixture();
  const missing = `${fixture.scratch.path}/no_such_home`;
  const result = await runServer(testEnv(missing), ["--listen", "ws://127.0.0.1:0"]);
  assert.equal(result.code, 1, result.stderr);
  assertClear(result, /no_such_home/);
});

test("a broken config.toml: app-server says file, line and column on stderr and on the wire", async () => {
  await using fixture = await makeFixture();
  await Deno.writeTextFile(`${fixture.home}/config.toml`, BROKEN_TOML);
  const { client, server } = connectStdio(codexCommand(), { cwd: fixture.workspace, env: testEnv(fixture.home) });
  await using _client = client;
  await client.initialize();
  const warning = await client.waitFor("configWarning", (message) => message.method === "configWarning");
  assert.match(JSON.stringify(warning.params), /config\.toml/);
  assert.equal(warning.params.range.start.line, 3);
  const refused = await client.requestRaw("thread/start", { cwd: fixture.workspace });
  assert.equal(refused.error.code, -32600);
  assert.match(refused.error.message, /config\.toml:3:\d+/);
  const read = await client.requestRaw("config/read", {});
  assert.equal(read.error.code, -32603);
  await server.waitForLine(/config\.toml:3:\d+/);
});

test("a broken config.toml: the terminal UI ends with 1 and says file, line and column", async () => {
  await using fixture = await makeFixture();
  await Deno.writeTextFile(`${fixture.home}/config.toml`, BROKEN_TOML);
  const codex = codexCommand();
  // `script` gives it a terminal, so that the missing one is not the complaint.
  const words = [codex.command, ...codex.args].map((word) => `'${word}'`).join(" ");
  const result = await run({ command: "script", args: ["-qec", words, "/dev/null"] }, {
    cwd: fixture.workspace,
    env: testEnv(fixture.home),
    stdin: "",
  });
  assert.equal(result.code, 1, result.stdout);
  assert.match(result.stdout, /config\.toml:3:\d+/);
});

test("a port in use ends app-server with 1 and names the address", async () => {
  await using fixture = await makeFixture();
  const { server, url } = await startWebSocketServer(codexCommand(), { env: testEnv(fixture.home) });
  await using _server = server;
  const result = await runServer(testEnv(fixture.home), ["--listen", url]);
  assert.equal(result.code, 1, result.stderr);
  assertClear(result, /127\.0\.0\.1:\d+/);
});

test("a listen address that is none is a usage error", async () => {
  await using fixture = await makeFixture();
  const result = await runServer(testEnv(fixture.home), ["--listen", "tcp://nowhere"]);
  assert.equal(result.code, 2, result.stderr);
});

test("nonsense on stdin is survived, and requests before initialize are refused", async () => {
  await using fixture = await makeFixture();
  const { client } = connectStdio(codexCommand(), { cwd: fixture.workspace, env: testEnv(fixture.home) });
  await using _client = client;
  client.sendText("this is not json");
  client.sendText('[{"id":1,"method":"initialize"}]');
  client.sendText("");
  const early = await client.requestRaw("model/list", {});
  assert.equal(early.error.code, -32600);
  assert.match(early.error.message, /Not initialized/);
  await client.initialize();
  const unknown = await client.requestRaw("no/such/method", {});
  assert.equal(unknown.error.code, -32600);
  const wrong = await client.requestRaw("thread/read", { threadId: 5 });
  assert.equal(wrong.error.code, -32600);
  assert.ok((await client.request("model/list", {})).data.length > 0);
});

// The binary brings a bubblewrap of its own; from source there is none.
test(
  "without bwrap on PATH a command runs in the bundled one or is refused, never bare, and clients are told",
  async () => {
    await using fixture = await makeFixture();
    const { client } = await fixture.start({ PATH: await pathWithout("bwrap", `${fixture.scratch.path}/bin`) });
    const threadId = await startThread(client, fixture);
    const { turn } = await client.turn(threadId, "run %sh:echo bare > ../bare.txt");
    assert.equal(turn.status, "completed", "the model hears of it and goes on");
    await assert.rejects(Deno.stat(`${fixture.scratch.path}/bare.txt`), "the command ran without a sandbox");
    const heard = JSON.stringify(fixture.model.requests.at(-1)!.body.input);
    assert.match(heard, /bwrap|bubblewrap|read-only file system/i);
    const warnings = client.notifications("configWarning").map((message) => JSON.stringify(message.params));
    assert.ok(warnings.some((text) => /bwrap|bubblewrap/i.test(text)), "nobody was told at the start");
  },
  Deno.build.os !== "linux",
);

/** A folder with links to every program of PATH but one. */
async function pathWithout(program: string, folder: string): Promise<string> {
  await Deno.mkdir(folder);
  for (const part of (Deno.env.get("PATH") ?? "").split(":")) {
    const entries = await Array.fromAsync(Deno.readDir(part)).catch(() => []);
    for (const { name } of entries) {
      // The first folder of PATH wins, as it would for a shell.
      if (name !== program) await Deno.symlink(`${part}/${name}`, `${folder}/${name}`).catch(() => {});
    }
  }
  return folder;
}

test("a full disk is told, and nothing that was reported as completed is lost after kill -9", async () => {
  await using fixture = await makeFixture();
  const config = await Deno.readTextFile(`${fixture.home}/config.toml`);
  const mounted = await run({ command: "mount", args: ["-t", "tmpfs", "-o", "size=8m", "tmpfs", fixture.home] });
  assert.equal(mounted.code, 0, mounted.stderr);
  try {
    await Deno.writeTextFile(`${fixture.home}/config.toml`, config);
    const first = await fixture.start();
    const threadId = await startThread(first.client, fixture);
    await first.client.turn(threadId, "before %plain");
    await fill(`${fixture.home}/filler`);

    const from = first.client.log.length;
    const { turn } = await first.client.turn(threadId, "while full %say:answered-while-full");
    const told = first.client.log.slice(from).some(({ message }) =>
      message.method === "error" || message.method === "configWarning"
    );
    await Deno.remove(`${fixture.home}/filler`);
    first.server.signal("SIGKILL");
    await first.server.exit();

    const second = await fixture.start();
    const { thread } = await second.client.request("thread/resume", { threadId });
    assert.ok(answersOf(thread).includes("Hello from the scripted stand-in model."));
    if (turn.status === "completed" && !told) {
      assert.ok(answersOf(thread).includes("answered-while-full"), "a completed turn was lost and nobody was told");
    }
    assert.equal((await second.client.turn(threadId, "after %plain")).turn.status, "completed");
    assert.ok(
      itemsOf((await second.client.request("thread/read", { threadId, includeTurns: true })).thread).length >= 4,
    );
  } finally {
    const busy = await run({ command: "umount", args: [fixture.home] });
    if (busy.code !== 0) await run({ command: "umount", args: ["-l", fixture.home] });
  }
}, !isRootOnLinux());

/** Writes until the file system is full to the last byte. */
async function fill(path: string): Promise<void> {
  using file = await Deno.open(path, { create: true, write: true });
  for (const size of [65536, 4096, 1]) {
    const bytes = new Uint8Array(size);
    try {
      while (true) await file.write(bytes);
    } catch {
      // Full for pieces of this size.
    }
  }
}

test("the server ends when its only client over stdio goes away", async () => {
  await using fixture = await makeFixture();
  const codex = codexCommand();
  await using server = new RunningProcess(
    { command: codex.command, args: [...codex.args, "app-server"] },
    { env: testEnv(fixture.home), stdin: true },
  );
  await server.closeStdin();
  assert.equal((await server.exit()).code, 0);
});
