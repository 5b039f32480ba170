// Exit codes and streams of command lines that do nothing but answer. The texts themselves are unit-tested.
import assert from "node:assert/strict";
import { makeSandbox } from "./command.ts";

const rows: [args: string[], code: number, stdout: RegExp, stderr: RegExp][] = [
  [["--version"], 0, /^codex-cli 0\.120\.0\+\d+\.\d+\.\d+\n$/, /^$/],
  [["-V"], 0, /^codex-cli 0\.120\.0\+\d+\.\d+\.\d+\n$/, /^$/],
  [["--help"], 0, /^Usage: codex /m, /^$/],
  [["help", "app-server"], 0, /--listen <URL>/, /^$/],
  [["--nope"], 2, /^$/, /^error: unexpected argument '--nope' found\n/],
  [["exec", "hi"], 2, /^$/, /^error: the command 'exec' is not part of this version yet\n/],
  [["app-server", "--listen", "ws://localhost:1"], 2, /^$/, /^error: invalid value /],
  [
    ["app-server", "--listen", "off"],
    1,
    /^$/,
    /^Error: no transport configured; use --listen or enable remote control\n$/,
  ],
  [["--remote", "ws://127.0.0.1"], 1, /^$/, /^Error: invalid remote address `ws:\/\/127\.0\.0\.1`; expected /],
  [["--remote", "ws://x:1", "exec"], 1, /^$/, /^Error: `--remote ws:\/\/x:1` is only supported for interactive /],
  [["hello"], 1, /^$/, /^Error: stdin is not a terminal\n {2}tip: Run codex in a terminal/],
  [["resume", "--last"], 1, /^$/, /^Error: stdin is not a terminal\n {2}tip: Run codex in a terminal/],
];

for (const [args, code, stdout, stderr] of rows) {
  Deno.test(`codex ${args.join(" ")} exits ${code}`, async () => {
    await using sandbox = await makeSandbox();
    const result = await sandbox.codex(args);
    assert.match(result.stderr, stderr);
    assert.match(result.stdout, stdout);
    assert.equal(result.code, code);
  });
}

Deno.test("codex --help whose reader has gone ends without a noise", async () => {
  await using sandbox = await makeSandbox();
  const { codexCommand } = await import("../support/codex_under_test.ts");
  const { command, args } = codexCommand();
  const { run } = await import("../support/process.ts");
  const { testEnv } = await import("../support/workspace.ts");
  const script = `"$@" --help | true; echo "\${PIPESTATUS[0]}"`;
  const result = await run({ command: "bash", args: ["-c", script, "bash", command, ...args] }, {
    env: testEnv(sandbox.home),
  });
  assert.deepEqual(result, { code: 0, stdout: "0\n", stderr: "" });
});
