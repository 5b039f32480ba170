// What a command line comes to mean, as whole values.
import assert from "node:assert/strict";
import { decide, type HighArgs } from "../../../src/cli/high_args.ts";
import { commandOf, findCommand } from "../../../src/cli/commands.ts";
import { parseLevel } from "../../../src/cli/parse_level.ts";
import { splitArgv } from "../../../src/cli/split_argv.ts";

const THREAD_ID = "019dd49a-2052-7930-ab62-7b9ad8b83a5e";

function decideLine(argv: readonly string[], environment: Record<string, string> = {}): HighArgs {
  const split = splitArgv(argv);
  const command = split.word === null ? "tui" : findCommand(split.word);
  assert.ok(command !== undefined && command !== "help");
  const after = split.word === null ? null : parseLevel(command, split.after);
  assert.ok(commandOf(command));
  return decide({ command, before: parseLevel("tui", split.before), after }, environment);
}

const noConfig = { assignments: [], settings: [], profile: null, writableRoots: [], localProvider: null };
const session = {
  kind: "session",
  start: { kind: "new" },
  prompt: null,
  remote: null,
  folder: null,
  model: null,
  approvalPolicy: null,
  sandbox: null,
  config: noConfig,
} as const;
const server = {
  kind: "appServer",
  listen: [{ kind: "stdio" }],
  tls: null,
  auth: null,
  allowOtherUsers: false,
  logLevel: null,
  metrics: false,
  auditLog: null,
  config: noConfig,
} as const;

const rows: [name: string, argv: string[], expected: HighArgs][] = [
  ["nothing typed", [], session],
  ["a prompt", ["fix it"], { ...session, prompt: "fix it" }],
  ["a command's word behind --", ["--", "resume"], { ...session, prompt: "resume" }],
  ["a picker", ["resume"], { ...session, start: { kind: "picker", allFolders: false } }],
  ["the last session", ["resume", "--last"], { ...session, start: { kind: "resumeLast", allFolders: false } }],
  ["the last session, then a prompt", ["resume", "--last", "--all", "go"], {
    ...session,
    start: { kind: "resumeLast", allFolders: true },
    prompt: "go",
  }],
  ["a session by id, then a prompt", ["resume", THREAD_ID, "go"], {
    ...session,
    start: { kind: "resume", threadId: THREAD_ID },
    prompt: "go",
  }],
  ["a remote server with a token", ["--remote", "ws://127.0.0.1:1", "resume", "--remote-auth-token-env", "T"], {
    ...session,
    start: { kind: "picker", allFolders: false },
    remote: { url: "ws://127.0.0.1:1", token: "secret" },
  }],
  ["the nearer of two addresses", ["--remote", "ws://a:1", "resume", "--remote", "ws://b:1"], {
    ...session,
    start: { kind: "picker", allFolders: false },
    remote: { url: "ws://b:1", token: null },
  }],
  ["--full-auto", ["--full-auto"], {
    ...session,
    approvalPolicy: "on-request",
    sandbox: "workspace-write",
    config: {
      ...noConfig,
      settings: [{ key: "approval_policy", value: "on-request" }, { key: "sandbox_mode", value: "workspace-write" }],
    },
  }],
  ["--yolo", ["--yolo", "-C", "sub"], {
    ...session,
    folder: "sub",
    approvalPolicy: "never",
    sandbox: "danger-full-access",
    config: {
      ...noConfig,
      settings: [{ key: "approval_policy", value: "never" }, { key: "sandbox_mode", value: "danger-full-access" }],
    },
  }],
  ["configuration before and behind the word", ["-c", "a=1", "resume", "-c", "b=2", "--enable", "undo"], {
    ...session,
    start: { kind: "picker", allFolders: false },
    config: { ...noConfig, assignments: ["a=1", "b=2"], settings: [{ key: "features.undo", value: true }] },
  }],
  ["a local model", ["--oss"], { ...session, config: { ...noConfig, localProvider: "detect" } }],
  ["a named local model", ["--oss", "--local-provider", "lmstudio", "--add-dir", "/x"], {
    ...session,
    config: { ...noConfig, localProvider: "lmstudio", writableRoots: ["/x"] },
  }],
  ["a server on stdio", ["app-server"], server],
  ["a server's model", ["-m", "x", "app-server"], {
    ...server,
    config: { ...noConfig, settings: [{ key: "model", value: "x" }] },
  }],
  [
    "a server with a capability token",
    ["app-server", "--listen", "ws://127.0.0.1:0", "--ws-auth", "capability-token", "--ws-token-file", "/t"],
    {
      ...server,
      listen: [{ kind: "websocket", secure: false, host: "127.0.0.1", port: 0 }],
      auth: {
        request: { mode: "capability-token", tokenFile: "/t" },
        graceSeconds: 0,
        failuresPerMinute: 600,
      },
    },
  ],
];

for (const [name, argv, expected] of rows) {
  Deno.test(`decide() makes of ${name} what was meant`, () => {
    assert.deepEqual(decideLine(argv, { T: " secret " }), expected);
  });
}

Deno.test("decide() refuses an id beside --last", () => {
  assert.throws(() => decideLine(["resume", "--last", THREAD_ID]), { message: /cannot be used with '--last'/ });
});

Deno.test("decide() refuses an unknown local provider", () => {
  assert.throws(() => decideLine(["--oss", "--local-provider", "x"]), { message: /expected ollama or lmstudio/ });
});
