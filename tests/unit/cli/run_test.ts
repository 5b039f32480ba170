// Command lines that are refused, and exactly how: the recorded texts of the reference where it has one.
import assert from "node:assert/strict";
import type { CliContext } from "../../../src/cli/command.ts";
import { runCli } from "../../../src/cli/run.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(argv: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const context: CliContext = {
    environment,
    folder: "/",
    isStdinTerminal: false,
    isStdoutTerminal: false,
    isStderrTerminal: false,
    printStdout: (text) => void (stdout += text),
    printStderr: (text) => void (stderr += text),
  };
  const code = await runCli(argv, context);
  return { code, stdout, stderr };
}

const ROOT_USAGE = "Usage: codex [OPTIONS] [PROMPT]\n       codex [OPTIONS] <COMMAND> [ARGS]";
const SERVER_USAGE = "Usage: codex app-server [OPTIONS] [COMMAND]";
const MORE = "For more information, try '--help'.";

/** Exit code 2: the paragraphs behind "error: ", the last one left out. */
const usageRows: [argv: string[], ...paragraphs: string[]][] = [
  [["--foo"], "unexpected argument '--foo' found", "  tip: to pass '--foo' as a value, use '-- --foo'", ROOT_USAGE],
  [["--remot", "x"], "unexpected argument '--remot' found", "  tip: a similar argument exists: '--remote'", ROOT_USAGE],
  [["--image", "x"], "the argument '--image' is not part of this version yet", ROOT_USAGE],
  [["-m"], "a value is required for '--model <MODEL>' but none was supplied"],
  [["--model", "--oss"], "a value is required for '--model <MODEL>' but none was supplied"],
  [["--model="], "a value is required for '--model <MODEL>' but none was supplied"],
  [
    ["-s", "bad"],
    "invalid value 'bad' for '--sandbox <SANDBOX_MODE>'\n" +
    "  [possible values: read-only, workspace-write, danger-full-access]",
  ],
  [
    ["-a", "never", "--yolo"],
    "the argument '--ask-for-approval <APPROVAL_POLICY>' cannot be used with " +
    "'--dangerously-bypass-approvals-and-sandbox'",
    ROOT_USAGE,
  ],
  [["--full-auto=1"], "unexpected value '1' for '--full-auto' found; no more were expected", ROOT_USAGE],
  [["hello", "extra"], "unexpected argument 'extra' found", ROOT_USAGE],
  [["--remote", "a", "--remote", "b"], "the argument '--remote <ADDR>' cannot be used multiple times", ROOT_USAGE],
  [
    ["resume", "a", "b", "c"],
    "unexpected argument 'c' found",
    "Usage: codex resume [OPTIONS] [SESSION_ID] [PROMPT]",
  ],
  [["app-server", "--nope"], "unexpected argument '--nope' found", SERVER_USAGE],
  [["app-server", "foo"], "unrecognized subcommand 'foo'", SERVER_USAGE],
  [["-C", "/x", "app-server"], "the argument '--cd <DIR>' cannot be used with 'app-server'", SERVER_USAGE],
  [["help", "nope"], "unrecognized subcommand 'nope'", ROOT_USAGE],
  [
    ["exec", "hi"],
    "the command 'exec' is not part of this version yet",
    "  tip: to start a session with this word as the request, use 'codex -- exec'",
    ROOT_USAGE,
  ],
  [
    ["app-server", "--ws-auth"],
    "a value is required for '--ws-auth <MODE>' but none was supplied\n" +
    "  [possible values: capability-token, signed-bearer-token]",
  ],
  [
    ["app-server", "--ws-auth", "basic"],
    "invalid value 'basic' for '--ws-auth <MODE>'\n  [possible values: capability-token, signed-bearer-token]",
  ],
  [
    ["app-server", "--ws-auth", "signed-bearer-token", "--ws-max-clock-skew-seconds=-1"],
    "invalid value '-1' for '--ws-max-clock-skew-seconds <SECONDS>': invalid digit found in string",
  ],
  [
    ["app-server", "--ws-token-file", ""],
    "a value is required for '--ws-token-file <PATH>' but none was supplied",
  ],
];

for (const [argv, first, ...rest] of usageRows) {
  Deno.test(`runCli() refuses as usage: codex ${argv.join(" ")}`, async () => {
    const stderr = [`error: ${first}`, ...rest, MORE].join("\n\n") + "\n";
    assert.deepEqual(await run(argv), { code: 2, stdout: "", stderr });
  });
}

const onlyTui = (what: string, command: string): string =>
  `${what} is only supported for interactive TUI commands, not \`codex ${command}\``;
const SIGNED_FLAGS = "`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and `--ws-max-clock-skew-seconds` " +
  "require `--ws-auth signed-bearer-token`";
const NEEDS_MODE = "websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`";
const CAPABILITY = ["app-server", "--ws-auth", "capability-token"];
const SIGNED = ["app-server", "--ws-auth", "signed-bearer-token"];

/** Exit code 1: the one line behind "Error: ". */
const failureRows: [argv: string[], message: string][] = [
  [["--remote", "ws://x:1", "exec", "hi"], onlyTui("`--remote ws://x:1`", "exec")],
  [["--remote", "ws://x:1", "app-server"], onlyTui("`--remote ws://x:1`", "app-server")],
  [["--remote", "ws://x:1", "login", "status"], onlyTui("`--remote ws://x:1`", "login")],
  [["--remote", "ws://x:1", "sandbox", "linux", "true"], onlyTui("`--remote ws://x:1`", "sandbox linux")],
  [["--remote", "ws://x:1", "features", "list"], onlyTui("`--remote ws://x:1`", "features list")],
  [["--remote-auth-token-env", "T", "exec"], onlyTui("`--remote-auth-token-env`", "exec")],
  [["--remote-auth-token-env", "T"], "`--remote-auth-token-env` requires `--remote`."],
  [["--remote", "ws://x:1", "--remote-auth-token-env", "T"], "environment variable `T` is not set"],
  [["--remote", "ws://x:1", "--remote-auth-token-env", ""], "environment variable `` is not set"],
  [["--remote", "ws://x:1", "--remote-auth-token-env", "BLANK"], "environment variable `BLANK` is empty"],
  [["--enable", "foo"], "Unknown feature flag: foo"],
  [CAPABILITY, "`--ws-token-file` is required when `--ws-auth capability-token` is set"],
  [SIGNED, "`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set"],
  [["app-server", "--ws-token-file", "x"], NEEDS_MODE],
  [["app-server", "--ws-issuer", ""], NEEDS_MODE],
  [["app-server", "--ws-max-clock-skew-seconds", "5"], NEEDS_MODE],
  [[...CAPABILITY, "--ws-token-file", "x", "--ws-issuer", "i"], SIGNED_FLAGS],
  [[...CAPABILITY, "--ws-token-file", "x", "--ws-max-clock-skew-seconds", "3"], SIGNED_FLAGS],
  [
    [...SIGNED, "--ws-shared-secret-file", "x", "--ws-token-file", "y"],
    "`--ws-token-file` requires `--ws-auth capability-token`, not `signed-bearer-token`",
  ],
  [
    [...SIGNED, "--ws-shared-secret-file", "x", "--ws-max-clock-skew-seconds", "18446744073709551615"],
    "websocket auth clock skew must fit in a signed 64-bit integer",
  ],
];

for (const [argv, message] of failureRows) {
  Deno.test(`runCli() fails in one line: codex ${argv.join(" ")}`, async () => {
    assert.deepEqual(await run(argv, { BLANK: "  " }), { code: 1, stdout: "", stderr: `Error: ${message}\n` });
  });
}

for (const argv of [["--version"], ["-V"], ["-m", "x", "--version"], ["--version", "extra"]]) {
  Deno.test(`runCli() prints the version: codex ${argv.join(" ")}`, async () => {
    assert.deepEqual(await run(argv), { code: 0, stdout: "codex-cli 0.120.0+0.1.0\n", stderr: "" });
  });
}

Deno.test("runCli() explains a command both ways", async () => {
  const [asFlag, asCommand] = [await run(["resume", "--help"]), await run(["help", "resume"])];
  assert.deepEqual(asFlag, asCommand);
  assert.equal(asFlag.code, 0);
});
