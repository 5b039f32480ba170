// The recorded tables of the client's `--remote` flags: which addresses and tokens it takes, and what it says of servers
// that go wrong. First lines are the reference's where that says enough. It says "failed to connect to remote app
// server" whatever went wrong; ours names the cause, and where a server refused a request, the request.
import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { type Misbehaviour, startMisbehavingServer } from "../support/misbehaving_server.ts";
import { openTerminal } from "../support/tmux.ts";
import { testEnv } from "../support/workspace.ts";
import { base64Url } from "../support/jwt.ts";
import { makeSandbox } from "./command.ts";

type Env = Readonly<Record<string, string>>;

/** Rows that run at a time. */
const LANES = 4;
/** The flags are in order, and the next thing that is looked at is the terminal, which these runs do not have. */
const TAKEN = "Error: stdin is not a terminal";
const AUTH = ["--remote-auth-token-env", "TOK"];
const TOKEN = "s3cret-tok";
const ABC: Env = { TOK: TOKEN };
const WS = "ws://127.0.0.1:18449";
const badAddress = (address: string): string =>
  `Error: invalid remote address \`${address}\`; expected \`ws://host:port\` or \`wss://host:port\``;
const inTheClear = (address: string): string =>
  `Error: remote auth tokens require \`wss://\` or loopback \`ws://\` URLs; got \`${address}\``;
const onlyTui = (flag: string, command: string): string =>
  `Error: \`${flag}\` is only supported for interactive TUI commands, not \`codex ${command}\``;

const OTHER_FORMS = [
  "http://127.0.0.1:1",
  "https://h:1",
  "127.0.0.1:4500",
  "localhost:4500",
  "ws://127.0.0.1",
  "ws://localhost",
  "wss://127.0.0.1",
  `${WS}/path`,
  `${WS}/?q=1`,
  `${WS}#f`,
  "ws://",
  "ws://:4500",
  "ws://127.0.0.1:99999",
  "ws://127.0.0.1:abc",
  "",
  "   ",
  "unix://",
  "unix:///tmp/wa/s.sock",
  "stdio://",
  "ftp://x:1",
];
const TAKEN_FORMS = [`${WS}/`, "ws://user:pw@127.0.0.1:18449", "WS://127.0.0.1:18449", "ws://[::1]:1", WS];
/** What stands behind `codex --remote ADDR`, and how the command is named. */
const OTHER_COMMANDS: readonly (readonly [readonly string[], string])[] = [
  [["exec", "hi"], "exec"],
  [["app-server"], "app-server"],
  [["app-server", "token", "new"], "app-server token new"],
  [["app-server", "token", "mint"], "app-server token mint"],
  [["app-server", "install-service"], "app-server install-service"],
  [["review"], "review"],
  [["login"], "login"],
  [["login", "status"], "login"],
  [["logout"], "logout"],
  [["mcp", "list"], "mcp"],
  [["mcp-server"], "mcp-server"],
  [["sandbox", "linux", "true"], "sandbox linux"],
  [["apply", "x"], "apply"],
  [["debug", "models"], "debug models"],
  [["features", "list"], "features list"],
  [["completion", "bash"], "completion"],
  [["cloud", "list"], "cloud"],
  [["exec-server"], "exec-server"],
];

/** Arguments, environment, exit code, first line of stderr. */
const FLAGS: readonly (readonly [readonly string[], Env, number, string])[] = [
  ...OTHER_FORMS.map((address) => [["--remote", address], {}, 1, badAddress(address)] as const),
  ...TAKEN_FORMS.map((address) => [["--remote", address], {}, 1, TAKEN] as const),
  ...OTHER_COMMANDS.map(([words, name]) =>
    [["--remote", WS, ...words], {}, 1, onlyTui(`--remote ${WS}`, name)] as const
  ),
  [AUTH, ABC, 1, "Error: `--remote-auth-token-env` requires `--remote`."],
  [["--remote", WS, ...AUTH], {}, 1, "Error: environment variable `TOK` is not set"],
  [["--remote", WS, ...AUTH], { TOK: "" }, 1, "Error: environment variable `TOK` is empty"],
  [["--remote", WS, ...AUTH], { TOK: "   " }, 1, "Error: environment variable `TOK` is empty"],
  [["--remote", WS, "--remote-auth-token-env", ""], ABC, 1, "Error: environment variable `` is not set"],
  [["--remote", WS, ...AUTH], ABC, 1, TAKEN],
  [["--remote", WS, ...AUTH], { TOK: ` ${TOKEN} ` }, 1, TAKEN],
  [["--remote", "ws://localhost:18449", ...AUTH], ABC, 1, TAKEN],
  [["--remote", "ws://[::1]:1", ...AUTH], ABC, 1, TAKEN],
  // All of 127.0.0.0/8 is this machine; the reference takes it too.
  [["--remote", "ws://127.0.0.2:1", ...AUTH], ABC, 1, TAKEN],
  [["--remote", "wss://127.0.0.1:1", ...AUTH], ABC, 1, TAKEN],
  [["--remote", "wss://example.com:1", ...AUTH], ABC, 1, TAKEN],
  [["--remote", "ws://192.0.2.1:4500", ...AUTH], ABC, 1, inTheClear("ws://192.0.2.1:4500/")],
  [["--remote", "ws://example.com:4500", ...AUTH], ABC, 1, inTheClear("ws://example.com:4500/")],
  [["--remote", "ws://localhost.example.com:1", ...AUTH], ABC, 1, inTheClear("ws://localhost.example.com:1/")],
  [["--remote", "ws://127.0.0.1.example.com:1", ...AUTH], ABC, 1, inTheClear("ws://127.0.0.1.example.com:1/")],
  [["--remote", "ws://127.0.0.1@192.0.2.1:1", ...AUTH], ABC, 1, inTheClear("ws://192.0.2.1:1/")],
  [["--remote", "ws://[::ffff:192.0.2.1]:1", ...AUTH], ABC, 1, inTheClear("ws://[::ffff:c000:201]:1/")],
  [["--remote", "ws://0.0.0.0:1", ...AUTH], ABC, 1, inTheClear("ws://0.0.0.0:1/")],
  [[...AUTH, "exec", "hi"], ABC, 1, onlyTui("--remote-auth-token-env", "exec")],
  [["exec", "--remote", WS, "hi"], {}, 2, "error: the command 'exec' is not part of this version yet"],
  [["fork", "--last", "--remote", WS], {}, 2, "error: the command 'fork' is not part of this version yet"],
  [["app-server", "--remote", WS], {}, 2, "error: unexpected argument '--remote' found"],
  [["resume", "--last", "--remote", WS, ...AUTH], ABC, 1, TAKEN],
  [["--remote", WS, "resume", "--last"], {}, 1, TAKEN],
  [["--remote", WS, "--remote", WS], {}, 2, "error: the argument '--remote <ADDR>' cannot be used multiple times"],
];

Deno.test(`codex --remote: ${FLAGS.length} rows of flags are taken or refused before the network`, async (t) => {
  await using sandbox = await makeSandbox();
  const results = await inLanes(FLAGS, ([args, env]) => sandbox.codex(args, { env: { ...env }, stdin: "" }));
  for (const [at, [args, env, exit, line]] of FLAGS.entries()) {
    await t.step(`codex ${args.join(" ")} ${JSON.stringify(env)}`, () => {
      const { code, stdout, stderr } = results[at]!;
      const first = stderr.split("\n")[0];
      assert.deepEqual({ code, stdout, first }, { code: exit, stdout: "", first: line });
      assert.ok(!stderr.includes(TOKEN), "the token was printed");
    });
  }
});

interface ConnectRow {
  readonly name: string;
  readonly how: Misbehaviour;
  /** `@` is the server's address. Default: `--remote @`. */
  readonly args?: readonly string[];
  readonly token?: string;
  /** The error; `@` is the server's address as it is shown. */
  readonly line: string;
  /** What the server was asked before; default: nothing. */
  readonly methods?: string;
  /** The credentials that it saw; default: one upgrade without. */
  readonly credentials?: readonly (string | null)[];
}

const EXPIRED = `${base64Url('{"alg":"HS256"}')}.${base64Url('{"exp":1700000000}')}.c2ln`;
const EARLY = `${base64Url('{"alg":"HS256"}')}.${base64Url('{"nbf":99999999999}')}.c2ln`;
const cannot = (why: string): string => `Cannot connect to "@": ${why}`;
const UP_TO_MODELS = "initialize initialized account/read model/list";
const refusedModels = 'The app server refused "model/list": not today';
const asksToken = cannot("the server asks for a token (HTTP 401)");
const refusedToken = cannot("the server refused the token (HTTP 401)");
const unsendable = "Cannot send the remote auth token: it has characters that no HTTP header may carry";

const CONNECT: readonly ConnectRow[] = [
  { name: "upgrade answered 401, no token", how: 401, line: asksToken },
  { name: "upgrade answered 403", how: 403, line: cannot("the server does not allow this connection (HTTP 403)") },
  { name: "upgrade answered 429", how: 429, line: cannot("too many failed attempts (HTTP 429)") },
  ...[404, 500, 200, 302].map((status) => ({
    name: `upgrade answered ${status}`,
    how: status,
    line: cannot(`the other side is no app server (HTTP ${status})`),
  })),
  { name: "upgrade answered 503", how: 503, line: cannot("the server is shutting down (HTTP 503)") },
  {
    name: "upgrade answered 502",
    how: 502,
    line: cannot("a proxy answers, the server behind it does not (HTTP 502)"),
  },
  { name: "upgrade never answered", how: "upgrade never answered", line: cannot("no answer within 10 s") },
  {
    name: "initialize never answered",
    how: "initialize never answered",
    line: "The app server did not answer within 10 s",
    methods: "initialize",
  },
  {
    name: "closed after initialize",
    how: "closes after initialize",
    line: 'Connection closed before "initialize" was answered: code 1000',
    methods: "initialize",
  },
  {
    name: "initialize fails",
    how: "initialize fails",
    line: 'The app server refused "initialize": not today',
    methods: "initialize",
  },
  {
    name: "garbage",
    how: "garbage",
    line: "Cannot talk to the other side: it is no app server (Unexpected token 'h')",
    methods: "initialize",
  },
  {
    name: "binary",
    how: "binary",
    line: "Cannot talk to the other side: it is no app server (binary frames are not supported; send text frames)",
    methods: "initialize",
  },
  { name: "notification before the answer", how: "notification first", line: refusedModels, methods: UP_TO_MODELS },
  {
    name: "account/read fails",
    how: "account fails",
    line: 'The app server refused "account/read": not today',
    methods: "initialize initialized account/read",
  },
  { name: "the rest fails", how: "the rest fails", line: refusedModels, methods: UP_TO_MODELS },
  { name: "trailing slash", how: 401, args: ["--remote", "@/"], line: asksToken },
  { name: "userinfo is neither sent nor shown", how: 401, args: ["--remote", "user:pw@"], line: asksToken },
  { name: "uppercase scheme", how: 401, args: ["--remote", "WS@"], line: asksToken },
  { name: "surrounding spaces", how: 401, args: ["--remote", " @ "], line: asksToken },
  { name: "token", how: 401, token: "abc", line: refusedToken, credentials: ["Bearer abc"] },
  { name: "token padded", how: 401, token: "  abc  ", line: refusedToken, credentials: ["Bearer abc"] },
  { name: "token with a space in it", how: 401, token: "a b", line: refusedToken, credentials: ["Bearer a b"] },
  { name: "token that is no ASCII", how: 401, token: "abé", line: unsendable, credentials: [] },
  { name: "token with a line break in it", how: 401, token: "a\nb", line: unsendable, credentials: [] },
  {
    name: "token that expired",
    how: 401,
    token: EXPIRED,
    line: `${refusedToken}: it expired DAYS days ago`,
    credentials: [`Bearer ${EXPIRED}`],
  },
  {
    name: "token that is not valid yet",
    how: 401,
    token: EARLY,
    line: `${refusedToken}: it is not valid for another DAYS days`,
    credentials: [`Bearer ${EARLY}`],
  },
  {
    name: "resume --last",
    how: "the rest fails",
    args: ["resume", "--last", "--remote", "@"],
    line: 'The app server refused "thread/list": not today',
    methods: "initialize initialized thread/list",
  },
  {
    name: "--remote before resume",
    how: "the rest fails",
    args: ["--remote", "@", "resume", "--last"],
    line: 'The app server refused "thread/list": not today',
    methods: "initialize initialized thread/list",
  },
  {
    name: "resume picker",
    how: "the rest fails",
    args: ["resume", "--remote", "@"],
    line: refusedModels,
    methods: UP_TO_MODELS,
  },
  {
    name: "resume id",
    how: "the rest fails",
    args: ["resume", "00000000-0000-7000-8000-000000000000", "--remote", "@"],
    line: "No saved session found with ID 00000000-0000-7000-8000-000000000000",
    methods: "initialize initialized thread/read",
  },
  {
    name: "--remote at both levels: the nearer one",
    how: 401,
    args: ["--remote", "@", "resume", "--remote", "ws://127.0.0.1:1", "--last"],
    line: 'Cannot connect to "ws://127.0.0.1:1/": nobody listens there (connection refused or unreachable)',
    credentials: [],
  },
  {
    name: "refused, [::1]",
    how: 401,
    args: ["--remote", "ws://[::1]:1"],
    line: 'Cannot connect to "ws://[::1]:1/": nobody listens there (connection refused or unreachable)',
    credentials: [],
  },
  {
    name: "refused, 127.0.0.2 with a token",
    how: 401,
    args: ["--remote", "ws://127.0.0.2:1"],
    token: "abc",
    line: 'Cannot connect to "ws://127.0.0.2:1/": nobody listens there (connection refused or unreachable)',
    credentials: [],
  },
  {
    name: "--oss",
    how: "the rest fails",
    args: ["--remote", "@", "--oss"],
    line: "Cannot look for the local model server of another machine",
    credentials: [],
  },
  {
    name: "-C relative",
    how: "the rest fails",
    args: ["--remote", "@", "-C", "rel"],
    line: refusedModels,
    methods: UP_TO_MODELS,
  },
  {
    name: "--add-dir",
    how: "the rest fails",
    args: ["--remote", "@", "--add-dir", "/opt"],
    line: refusedModels,
    methods: UP_TO_MODELS,
  },
];

Deno.test({
  name: `codex --remote: ${CONNECT.length} rows of servers that go wrong, on a real terminal`,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t): Promise<void> {
    await using sandbox = await makeSandbox();
    const codex = codexCommand();
    const results = await inLanes(CONNECT, async ({ how, args = ["--remote", "@"], token }) => {
      await using server = startMisbehavingServer(how);
      const words = args.map((word) => {
        if (!word.includes("@")) return word;
        if (word.startsWith("user")) return `ws://${word}127.0.0.1:${server.port}`;
        return word.replace(/^WS@/, `WS://127.0.0.1:${server.port}`).replace("@", `ws://127.0.0.1:${server.port}`);
      });
      await using terminal = await openTerminal(
        { command: codex.command, args: [...codex.args, ...words, ...(token === undefined ? [] : AUTH)] },
        {
          cwd: sandbox.folder,
          env: testEnv(sandbox.home, token === undefined ? {} : { TOK: token }),
          columns: 240,
        },
      );
      const code = await terminal.waitForExit();
      const shown = `ws://127.0.0.1:${server.port}/`;
      const line = (await terminal.history()).split("\n")[0]!.trim().replace(shown, "@").replace(
        /\b\d+ days/,
        "DAYS days",
      );
      // Silence is answered with a question of the client's own, which may come just before the end of the wait.
      const methods = server.methods.filter((method) => method !== "thread/loaded/list").join(" ");
      return { code, line, methods, credentials: server.credentials };
    });
    for (const [at, row] of CONNECT.entries()) {
      await t.step(row.name, () => {
        const { line, methods = "", credentials = [null] } = row;
        assert.deepEqual(results[at], { code: 1, line: `Error: ${line}`, methods, credentials: [...credentials] });
      });
    }
  },
});

async function inLanes<T, R>(rows: readonly T[], each: (row: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let at = next++; at < rows.length; at = next++) results[at] = await each(rows[at]!);
  }));
  return results;
}
