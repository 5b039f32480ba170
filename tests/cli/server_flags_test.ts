// The recorded table of the server's flags: which values it starts with, and what it says to the others.
import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { RunningProcess } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";
import { makeSandbox } from "./command.ts";

const WS = ["--listen", "ws://127.0.0.1:0"];
const CAPABILITY = ["--ws-auth", "capability-token"];
const SIGNED = ["--ws-auth", "signed-bearer-token"];
const ONLY_SIGNED =
  "`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and `--ws-max-clock-skew-seconds` require `--ws-auth signed-bearer-token`";
const NEEDS_MODE = "websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`";
const badListen = (url: string): string =>
  `error: invalid value '${url}' for '--listen <URL>': invalid websocket --listen URL \`${url}\`; expected \`ws://IP:PORT\``;
const noListen = (url: string): string =>
  `error: invalid value '${url}' for '--listen <URL>': unsupported --listen URL \`${url}\`; expected \`stdio://\`, \`ws://IP:PORT\`, or \`off\``;

/** Arguments with @ for the folder of secret files, exit code, first line of stderr. "running": it listens. */
const ROWS: readonly (readonly [string, readonly string[], number | "running", string])[] = [
  ["listen bad scheme http", ["--listen", "http://127.0.0.1:1"], 2, noListen("http://127.0.0.1:1")],
  ["listen no port", ["--listen", "ws://127.0.0.1"], 2, badListen("ws://127.0.0.1")],
  ["listen hostname", ["--listen", "ws://localhost:1234"], 2, badListen("ws://localhost:1234")],
  ["listen path", ["--listen", "ws://127.0.0.1:18430/x"], 2, badListen("ws://127.0.0.1:18430/x")],
  ["listen trailing slash", ["--listen", "ws://127.0.0.1:18430/"], 2, badListen("ws://127.0.0.1:18430/")],
  ["listen empty", ["--listen", ""], 2, noListen("")],
  ["listen garbage", ["--listen", "foo"], 2, noListen("foo")],
  ["listen port too big", ["--listen", "ws://127.0.0.1:70000"], 2, badListen("ws://127.0.0.1:70000")],
  ["listen bare stdio", ["--listen", "stdio"], 2, noListen("stdio")],
  ["listen uppercase", ["--listen", "WS://127.0.0.1:18430"], 2, noListen("WS://127.0.0.1:18430")],
  ["off", ["--listen", "off"], 1, "Error: no transport configured; use --listen or enable remote control"],
  [
    "ours: unix without a path",
    ["--listen", "unix://"],
    2,
    "error: invalid value 'unix://' for '--listen <URL>': invalid unix --listen URL `unix://`; expected `unix:///ABSOLUTE/PATH`",
  ],
  [
    "ours: wss without files",
    ["--listen", "wss://127.0.0.1:0"],
    2,
    "error: '--listen wss://…' needs '--tls-cert <PATH>' and '--tls-key <PATH>'",
  ],
  [
    "ours: files without wss",
    [...WS, "--tls-cert", "/x"],
    2,
    "error: '--tls-cert <PATH>' needs '--listen wss://IP:PORT'",
  ],
  [
    "ours: off beside another",
    [...WS, "--listen", "off"],
    2,
    "error: '--listen off' cannot be used with another '--listen'",
  ],
  ["ws-auth unknown", [...WS, "--ws-auth", "basic"], 2, "error: invalid value 'basic' for '--ws-auth <MODE>'"],
  [
    "ws-auth no value",
    [...WS, "--ws-auth"],
    2,
    "error: a value is required for '--ws-auth <MODE>' but none was supplied",
  ],
  [
    "capability no token file",
    [...WS, ...CAPABILITY],
    1,
    "Error: `--ws-token-file` is required when `--ws-auth capability-token` is set",
  ],
  [
    "signed no secret",
    [...WS, ...SIGNED],
    1,
    "Error: `--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set",
  ],
  ["token-file without ws-auth", [...WS, "--ws-token-file", "@/tok"], 1, `Error: ${NEEDS_MODE}`],
  ["secret without ws-auth", [...WS, "--ws-shared-secret-file", "@/sec"], 1, `Error: ${NEEDS_MODE}`],
  ["issuer without ws-auth", [...WS, "--ws-issuer", "i"], 1, `Error: ${NEEDS_MODE}`],
  ["audience without ws-auth", [...WS, "--ws-audience", "a"], 1, `Error: ${NEEDS_MODE}`],
  ["skew without ws-auth", [...WS, "--ws-max-clock-skew-seconds", "5"], 1, `Error: ${NEEDS_MODE}`],
  ["ours: grace without ws-auth", [...WS, "--ws-token-grace-seconds", "5"], 1, `Error: ${NEEDS_MODE}`],
  ["ours: failures without ws-auth", [...WS, "--ws-auth-failures-per-minute", "5"], 1, `Error: ${NEEDS_MODE}`],
  [
    "ours: other users with ws-auth",
    [...WS, ...CAPABILITY, "--ws-token-file", "@/tok", "--ws-allow-other-users"],
    1,
    "Error: `--ws-allow-other-users` has no effect with `--ws-auth`: leave it out",
  ],
  [
    "capability + secret",
    [...WS, ...CAPABILITY, "--ws-token-file", "@/tok", "--ws-shared-secret-file", "@/sec"],
    1,
    `Error: ${ONLY_SIGNED}`,
  ],
  [
    "capability + issuer",
    [...WS, ...CAPABILITY, "--ws-token-file", "@/tok", "--ws-issuer", "i"],
    1,
    `Error: ${ONLY_SIGNED}`,
  ],
  [
    "capability + audience",
    [...WS, ...CAPABILITY, "--ws-token-file", "@/tok", "--ws-audience", "a"],
    1,
    `Error: ${ONLY_SIGNED}`,
  ],
  [
    "capability + skew",
    [...WS, ...CAPABILITY, "--ws-token-file", "@/tok", "--ws-max-clock-skew-seconds", "3"],
    1,
    `Error: ${ONLY_SIGNED}`,
  ],
  [
    "signed + token-file",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/sec", "--ws-token-file", "@/tok"],
    1,
    "Error: `--ws-token-file` requires `--ws-auth capability-token`, not `signed-bearer-token`",
  ],
  [
    "ours: token file relative",
    [...WS, ...CAPABILITY, "--ws-token-file", "tok"],
    1,
    'Error: Cannot use the secret file "tok": the path is not absolute',
  ],
  [
    "ours: secret file relative",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "sec"],
    1,
    'Error: Cannot use the secret file "sec": the path is not absolute',
  ],
  [
    "token file missing",
    [...WS, ...CAPABILITY, "--ws-token-file", "@/nope"],
    1,
    "Error: failed to read websocket auth secret @/nope: No such file or directory (os error 2)",
  ],
  [
    "secret file missing",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/nope"],
    1,
    "Error: failed to read websocket auth secret @/nope: No such file or directory (os error 2)",
  ],
  [
    "token file is a folder",
    [...WS, ...CAPABILITY, "--ws-token-file", "@"],
    1,
    "Error: failed to read websocket auth secret @: Is a directory (os error 21)",
  ],
  [
    "token file empty",
    [...WS, ...CAPABILITY, "--ws-token-file", "@/empty"],
    1,
    "Error: websocket auth secret @/empty must not be empty",
  ],
  [
    "token file not UTF-8",
    [...WS, ...CAPABILITY, "--ws-token-file", "@/bin"],
    1,
    "Error: failed to read websocket auth secret @/bin: stream did not contain valid UTF-8",
  ],
  [
    "token file path empty string",
    [...WS, ...CAPABILITY, "--ws-token-file", ""],
    2,
    "error: a value is required for '--ws-token-file <PATH>' but none was supplied",
  ],
  [
    "secret empty",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/empty"],
    1,
    "Error: websocket auth secret @/empty must not be empty",
  ],
  [
    "secret 31 bytes",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/short"],
    1,
    "Error: signed websocket bearer secret @/short must be at least 32 bytes",
  ],
  [
    "secret 31 bytes + newline",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/shortnl"],
    1,
    "Error: signed websocket bearer secret @/shortnl must be at least 32 bytes",
  ],
  ["secret 32 bytes (ok)", [...WS, ...SIGNED, "--ws-shared-secret-file", "@/sec"], "running", ""],
  [
    "skew negative",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/sec", "--ws-max-clock-skew-seconds=-1"],
    2,
    "error: invalid value '-1' for '--ws-max-clock-skew-seconds <SECONDS>': invalid digit found in string",
  ],
  [
    "skew NaN",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/sec", "--ws-max-clock-skew-seconds", "x"],
    2,
    "error: invalid value 'x' for '--ws-max-clock-skew-seconds <SECONDS>': invalid digit found in string",
  ],
  [
    "skew huge u64",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/sec", "--ws-max-clock-skew-seconds", "18446744073709551615"],
    1,
    "Error: websocket auth clock skew must fit in a signed 64-bit integer",
  ],
  [
    "skew i64max",
    [...WS, ...SIGNED, "--ws-shared-secret-file", "@/sec", "--ws-max-clock-skew-seconds", "9223372036854775807"],
    "running",
    "",
  ],
  ["issuer empty", [...WS, ...SIGNED, "--ws-shared-secret-file", "@/sec", "--ws-issuer", ""], "running", ""],
  ["audience spaces", [...WS, ...SIGNED, "--ws-shared-secret-file", "@/sec", "--ws-audience", "   "], "running", ""],
  ["stdio + ws-auth capability", [...CAPABILITY, "--ws-token-file", "@/tok"], 0, ""],
  ["unknown flag", ["--nope"], 2, "error: unexpected argument '--nope' found"],
  ["extra positional", ["foo"], 2, "error: unrecognized subcommand 'foo'"],
  [
    "ours: audit log in no folder",
    [...WS, "--audit-log", "@/no/such/audit"],
    1,
    'Error: Cannot write the audit log "@/no/such/audit": No such file or directory (os error 2)',
  ],
  [
    "ours: tls files that are missing",
    ["--listen", "wss://127.0.0.1:0", "--tls-cert", "@/c", "--tls-key", "@/k"],
    1,
    'Error: Cannot read the TLS file "@/c": No such file or directory (os error 2)',
  ],
  [
    "ours: tls files that are none",
    ["--listen", "wss://127.0.0.1:0", "--tls-cert", "@/tok", "--tls-key", "@/tok"],
    1,
    "Error: Cannot use the TLS certificate with its key",
  ],
  [
    "ours: an address of another machine",
    ["--listen", "ws://192.0.2.1:0"],
    1,
    "Error: Cannot listen on 192.0.2.1:0: this machine has no such address",
  ],
];

Deno.test("the server's flags do and say what was recorded", async () => {
  await using sandbox = await makeSandbox();
  const folder = `${sandbox.folder}/secrets`;
  await Deno.mkdir(folder);
  const secret = "0123456789abcdef0123456789abcdef";
  const files: Record<string, string | Uint8Array> = {
    tok: "a-token\n",
    sec: secret,
    empty: " \n",
    short: secret.slice(1),
    shortnl: `${secret.slice(1)}\n`,
    bin: Uint8Array.from([0x61, 0xff, 0x62]),
  };
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${folder}/${name}`, bytes, { mode: 0o600 });
  }
  const failures: string[] = [];
  async function check([name, args, exit, first]: (typeof ROWS)[number]): Promise<void> {
    const own = args.map((arg) => arg.replace(/^@/, folder));
    const expected = first.replaceAll("@", folder);
    const { command, args: before } = codexCommand();
    await using server = new RunningProcess({ command, args: [...before, "app-server", ...own] }, {
      cwd: sandbox.folder,
      env: testEnv(sandbox.home),
    });
    if (exit === "running") {
      await server.waitForLine(/listening on: ws:/).catch((error) => failures.push(`${name}: ${error}`));
      return;
    }
    const { code } = await server.exit();
    const [line = ""] = server.stderrLines;
    if (code !== exit || (expected !== "" && !line.startsWith(expected))) {
      failures.push(`${name}: exit ${code}, ${line}\n   expected exit ${exit}, ${expected}`);
    }
  }
  for (let at = 0; at < ROWS.length; at += 3) await Promise.all(ROWS.slice(at, at + 3).map(check));
  assert.deepEqual(failures, []);
});
