// `codex sandbox` in the middle of a shell line: exit codes, signals, 50 MB in and out, the terminal and its size, limits
// and masks are the command's own, as if nothing stood in between.
import assert from "node:assert/strict";
import { whyNoSandbox } from "../sandbox/house.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { run, type RunResult } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";
import { makeSandbox, type Sandbox } from "./command.ts";

const why = await whyNoSandbox();
if (why !== null) Deno.test.ignore(`codex sandbox passes everything through: not tested here: ${why}`, () => {});

/** A shell line in which `"$@"` is `codex sandbox --full-auto --`. */
async function shell(sandbox: Sandbox, line: string): Promise<RunResult> {
  const { command, args } = codexCommand();
  const words = ["-c", line, "sh", command, ...args, "sandbox", "--full-auto", "--"];
  return await run({ command: "/bin/bash", args: words }, { cwd: sandbox.folder, env: testEnv(sandbox.home) });
}

const LINES: readonly (readonly [name: string, line: string, stdout: RegExp, stderr?: RegExp])[] = [
  [
    "50 MB of any bytes to the command",
    `head -c 50000000 /dev/urandom >in; "$@" sha256sum <in | cut -c1-64 >a; sha256sum <in | cut -c1-64 | cmp - a && echo same`,
    /^same\n$/,
  ],
  [
    "50 MB of any bytes from the command",
    `head -c 50000000 /dev/urandom >in; "$@" cat in | cmp - in && echo same`,
    /^same\n$/,
  ],
  ["the end of a reader, as SIGPIPE", `"$@" yes | head -n 1; echo "\${PIPESTATUS[0]}"`, /^y\n141\n$/],
  ["both streams apart", `"$@" sh -c "echo out; echo err >&2" 2>file; cat file`, /^out\nerr\n$/],
  ["an input that is closed", `"$@" cat <&-; echo $?`, /^[01]\n$/],
  [
    "mask, priority and limits",
    `umask 0137; ulimit -n 777; nice -n 5 "$@" sh -c "umask; ulimit -n; nice"`,
    /^0137\n777\n5\n$/,
  ],
  [
    "empty, odd and long words",
    `"$@" sh -c 'printf "[%s]" "$@"' sh "" "-x" $'a\\nb' "--" "\\\\" | od -c | head -3; "$@" sh -c 'echo \${#1}' sh "$(head -c 100000 /dev/zero | tr "\\0" x)"`,
    /^0000000 {3}\[ {3}\] {3}\[ {3}- {3}x[^]*100000\n$/,
  ],
  [
    "a terminal and its size",
    `script -qec "stty rows 33 cols 99; $(printf "%q " "$@") sh -c 'test -t 0 && test -t 1 && stty size'" /dev/null </dev/null`,
    /33 99\r?\n$/,
  ],
  ["the folder of a name with a line end", `mkdir $'a\\nb'; cd $'a\\nb'; "$@" pwd; echo $?`, /a\nb\n0\n$|^1\n$/],
];

if (why === null) {
  for (const [name, line, stdout] of LINES) {
    Deno.test(`codex sandbox passes through ${name}`, async () => {
      await using sandbox = await makeSandbox();
      const result = await shell(sandbox, line);
      assert.match(result.stdout, stdout, result.stderr);
    });
  }

  Deno.test("codex sandbox passes through every exit code, and the signal that a command died of", async () => {
    await using sandbox = await makeSandbox();
    const codes = [0, 1, 2, 42, 124, 125, 126, 127, 128, 129, 137, 200, 254, 255];
    const signals = ["HUP", "INT", "ILL", "ABRT", "KILL", "USR1", "SEGV", "PIPE", "ALRM", "TERM"];
    const scripts = [...codes.map((code) => `exit ${code}`), ...signals.map((signal) => `kill -${signal} $$`)];
    const results: number[] = [];
    // Two at a time: each is a whole start of the program.
    for (let at = 0; at < scripts.length; at += 2) {
      const pair = scripts.slice(at, at + 2).map((script) => sandbox.codex(["sandbox", "--", "bash", "-c", script]));
      results.push(...(await Promise.all(pair)).map(({ code }) => code));
    }
    const numbers = [1, 2, 4, 6, 9, 10, 11, 13, 14, 15];
    assert.deepEqual(results, [...codes, ...numbers.map((number) => 128 + number)]);
  });
}
