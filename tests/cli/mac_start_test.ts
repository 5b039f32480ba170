// `codex` from source where it takes this machine for a Mac (tests/support/as_mac.ts): it starts without anything of
// Linux, says what it lacks, and opens no C library but that of macOS.
import assert from "node:assert/strict";
import { projectRoot } from "../support/codex_under_test.ts";
import { connectWebSocket } from "../support/json_rpc.ts";
import { run, RunningProcess, type RunResult } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";
import { INITIALIZE, makeSandbox, type Sandbox } from "./command.ts";

const PROGRAM = `${projectRoot()}/tests/support/as_mac.ts`;
const RUN = ["run", "-A", "--quiet", "--no-check", "--config", `${projectRoot()}/deno.json`, PROGRAM];
const LIBRARY = "/usr/lib/libSystem.B.dylib";
const NO_SANDBOX_EXEC = /^Error: Cannot sandbox commands: there is no \/usr\/bin\/sandbox-exec\n {2}tip: /;

function codex(sandbox: Sandbox, args: readonly string[], stdin = ""): Promise<RunResult> {
  return run({ command: Deno.execPath(), args: [...RUN, ...args] }, {
    cwd: sandbox.folder,
    env: testEnv(sandbox.home),
    stdin,
  });
}

/** What came on standard error before the line of as_mac.ts, and the libraries of that line. */
function errorsOf({ stderr }: RunResult): [said: string, opened: string] {
  const [said = "", opened = "?"] = stderr.split(/^opened: (.*)\n$/m);
  return [said, opened];
}

Deno.test("on a Mac an app server answers initialize and opens no library for it", async () => {
  await using sandbox = await makeSandbox();
  const result = await codex(sandbox, ["app-server"], INITIALIZE);
  assert.equal(JSON.parse(result.stdout).result.platformOs, "macos");
  assert.deepEqual([result.code, ...errorsOf(result)], [0, "", ""]);
});

Deno.test("on a Mac codex sandbox needs /usr/bin/sandbox-exec, and never runs the command without it", async () => {
  await using sandbox = await makeSandbox();
  for (const mode of [[], ["--full-auto"], ["--log-denials"]]) {
    const result = await codex(sandbox, ["sandbox", ...mode, "--", "touch", "made"]);
    const [said, opened] = errorsOf(result);
    assert.match(said, NO_SANDBOX_EXEC);
    assert.deepEqual([result.code, opened], [1, ""]);
  }
  assert.deepEqual(await Array.fromAsync(Deno.readDir(sandbox.folder)), []);
});

Deno.test("on a Mac codex sandbox has a shell's exit codes, and runs bare what is to run bare", async () => {
  await using sandbox = await makeSandbox();
  await Deno.writeTextFile(`${sandbox.folder}/text`, "");
  const rows: [words: string[], code: number, said: string, opened: string][] = [
    [["macos", "--", "nonesuch"], 127, "codex sandbox: nonesuch: command not found\n", ""],
    [["--", "./text"], 126, "codex sandbox: ./text: Permission denied\n", ""],
    [["seatbelt", "-s", "danger-full-access", "--", "sh", "-c", "exit 3"], 3, "", LIBRARY],
    [["-s", "danger-full-access", "--", "sh", "-c", "kill -TERM $$"], 143, "", LIBRARY],
  ];
  for (const [words, code, said, opened] of rows) {
    const result = await codex(sandbox, ["sandbox", ...words]);
    assert.deepEqual([result.code, ...errorsOf(result)], [code, said, opened], words.join(" "));
  }
  const linux = await codex(sandbox, ["sandbox", "linux", "--", "true"]);
  assert.match(linux.stderr, /The sandbox of Linux is only available on Linux\n.*codex sandbox macos -- COMMAND/);
});

Deno.test("on a Mac codex sandbox --print-plan has met the disk", async () => {
  await using sandbox = await makeSandbox();
  const result = await codex(sandbox, ["sandbox", "--print-plan", "--full-auto", "--", "true"]);
  const { launch } = JSON.parse(result.stdout);
  assert.deepEqual(launch.notes, []);
  assert.ok(Object.values(launch.parameters).includes(await Deno.realPath(sandbox.folder)));
});

for (
  const [more, banner, isServed] of [[[], /connect/, false], [
    ["--ws-allow-other-users"],
    /any user of it/,
    true,
  ]] as const
) {
  Deno.test(`on a Mac a server ${isServed ? "serves whom it is told to" : "refuses whose user lsof does not show"}, and ends when it is told to`, async () => {
    await using sandbox = await makeSandbox();
    await using server = new RunningProcess({
      command: Deno.execPath(),
      args: [...RUN, "app-server", "--listen", "ws://127.0.0.1:0", ...more],
    }, { cwd: sandbox.folder, env: testEnv(sandbox.home), stdin: false });
    await server.waitForLine(banner);
    const url = server.stderrLines.map((line) => /listening on: (\S+)/.exec(line)?.[1]).find((found) => found) ?? "";
    if (isServed) {
      await using client = await connectWebSocket(url);
      const answer = await client.request("initialize", { clientInfo: { name: "test", title: null, version: "1" } });
      assert.match(JSON.stringify(answer), /"macos"/);
    } else {
      await assert.rejects(connectWebSocket(url));
    }
    server.signal("SIGTERM");
    assert.equal((await server.exit()).code, 0);
    assert.deepEqual(server.stderrLines.at(-1), `opened: ${isServed ? LIBRARY : ""}`);
  });
}
