// `codex sandbox` and the agent's commands under Seatbelt, on a Mac. What is refused inside is done outside by the same
// script first, in a folder of the same shape, so that a script that cannot work counts as a failure. Elsewhere this is
// one test that is ignored by name.
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { createLocalExecSessions } from "../../src/exec/local_sessions.ts";
import type { ExecSession } from "../../src/exec/session.ts";
import { readPlatform } from "../../src/host/platform.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { run, type RunResult } from "../support/process.ts";
import { makeScratch, type Scratch, testEnv } from "../support/workspace.ts";
import { planFor } from "./house.ts";
import { outputUntil } from "../support/session_output.ts";

const isMac = Deno.build.os === "darwin";
const WRITES = ["--full-auto"];
const SH = "/bin/sh";

/** A workspace with a repository, and a folder beside it that no mode opens. */
interface Room extends AsyncDisposable {
  readonly workspace: string;
  readonly outside: string;
  readonly home: string;
  /** Runs a script in the workspace with nothing around it. */
  outsideRun(script: string): Promise<RunResult>;
  /** Runs it by `codex sandbox` with these arguments. */
  insideRun(args: readonly string[], script: string, stdin?: string): Promise<RunResult>;
}

async function makeRoom(config = ""): Promise<Room> {
  const scratch: Scratch = await makeScratch();
  const workspace = await scratch.workspace();
  const [outside, home, tmp] = ["outside", "home", "tmp"].map((name) => `${scratch.path}/${name}`) as [
    string,
    string,
    string,
  ];
  for (const folder of [outside, home, tmp]) await Deno.mkdir(folder);
  await Deno.writeTextFile(`${outside}/secret`, "secret\n");
  await Deno.writeTextFile(`${workspace}/keys.env`, "key\n");
  await Deno.writeTextFile(`${home}/config.toml`, config);
  const env = testEnv(home, {
    OUTSIDE: outside,
    WS: workspace,
    TMPDIR: tmp,
    DENO: Deno.execPath(),
    DENO_DIR: `${tmp}/d`,
  });
  const { command, args } = codexCommand();
  return {
    workspace,
    outside,
    home,
    outsideRun: (script) => run({ command: SH, args: ["-c", script] }, { cwd: workspace, env }),
    insideRun: (more, script, stdin) =>
      run({ command, args: [...args, "sandbox", ...more, "--", SH, "-c", script] }, {
        cwd: workspace,
        env,
        ...(stdin === undefined ? {} : { stdin }),
      }),
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

interface Attempt {
  readonly name: string;
  /** Of `codex sandbox`. */
  readonly args?: readonly string[];
  readonly config?: string;
  readonly script: string;
}

/** Succeed outside, and are refused inside. */
const REFUSED: readonly Attempt[] = [
  { name: "read-only: a write to the workspace", script: "echo x >new" },
  { name: "read-only: a write to /tmp", script: "f=$(mktemp /tmp/codex-test-XXXXXX) && rm $f" },
  { name: "read-only: removing a file", script: "rm notes.txt" },
  { name: "read-only: changing a mode", script: "chmod 600 notes.txt" },
  ...[
    ["a write beside the workspace", 'echo x >"$OUTSIDE/new"'],
    ["a write through a link that leads out", 'ln -s "$OUTSIDE" out && echo x >out/new'],
    ["a second name for a file outside", 'ln "$OUTSIDE/secret" second'],
    ["a write to what .git holds", "echo x >>.git/config"],
    ["a hook", "echo x >.git/hooks/post-commit"],
    ["removing what .git holds", "rm .git/HEAD"],
    ["moving .git away", "mv .git moved"],
    ["moving the workspace away", 'mv "$WS" "$WS-moved" && mv "$WS-moved" "$WS"'],
    ["a second name for a file of .git", "ln .git/config second"],
    ["making .codex", "mkdir .codex"],
    ["making .agents as a file", "echo x >.agents"],
    ["making .CODEX, which is .codex where case does not count", "mkdir .CODEX"],
    [".GIT, which is .git where case does not count", 'touch ".GIT/x"'],
    ["a protected name under /private and the data volume", 'mkdir "/System/Volumes/Data$WS/.codex"'],
    ["a set-user-id program", "ps -p $$"],
    ["the processes of others", "pgrep -x launchd"],
    ["a signal to a process outside", "kill -0 $PPID"],
    ["a sandbox of its own inside", "/usr/bin/sandbox-exec -p '(version 1)(allow default)' /usr/bin/true"],
  ].map(([name = "", script = ""]): Attempt => ({
    name: `workspace-write: ${name}`,
    args: WRITES,
    script,
  })),
  {
    name: "commits opened: a hook, all the same",
    args: [...WRITES, "-c", "sandbox_workspace_write.allow_git_writes=true"],
    script: "echo x >.git/hooks/post-commit",
  },
  {
    name: "restricted reads: a file that no root has",
    args: ["--permissions", "few"],
    config: '[permissions.few.filesystem]\n":minimal" = "read"\n":project_roots" = "write"\n',
    script: 'cat "$OUTSIDE/secret"',
  },
  {
    name: "hidden pattern: a file that matches",
    args: ["--permissions", "keys"],
    config: '[permissions.keys.filesystem]\n":root" = "read"\n[permissions.keys.filesystem.":project_roots"]\n' +
      '"." = "write"\n"**/*.env" = "none"\n',
    script: "cat keys.env",
  },
  {
    name: "hidden pattern: one that is made later, in other letters",
    args: ["--permissions", "keys"],
    config: '[permissions.keys.filesystem]\n":root" = "read"\n[permissions.keys.filesystem.":project_roots"]\n' +
      '"." = "write"\n"**/*.env" = "none"\n',
    script: "cp notes.txt later.ENV && cat later.ENV",
  },
];

/** Succeed inside as they do outside. */
const ALLOWED: readonly Attempt[] = [
  { name: "read-only: reading anywhere", script: 'cat "$OUTSIDE/secret" notes.txt' },
  { name: "read-only: /dev/null and /dev/fd", script: "echo x >/dev/null && echo x >/dev/fd/1" },
  {
    name: "workspace-write: the workspace",
    args: WRITES,
    script: "echo x >new && mkdir -p a/b && mv new a/b && rm -r a",
  },
  { name: "workspace-write: names like protected ones", args: WRITES, script: "touch .gitignore && mkdir .github" },
  {
    name: "workspace-write: /tmp is /private/tmp",
    args: WRITES,
    script: "f=$(mktemp /tmp/codex-test-XXXXXX) && cat /private$f && rm /private$f",
  },
  { name: "workspace-write: $TMPDIR", args: WRITES, script: 'f=$(mktemp "$TMPDIR/x.XXXXXX") && rm $f' },
  { name: "workspace-write: git status", args: WRITES, script: "git --no-optional-locks status" },
  { name: "workspace-write: the number of processors", args: WRITES, script: "[ $(sysctl -n hw.ncpu) -gt 0 ]" },
  {
    name: "workspace-write: os.cpus()",
    args: WRITES,
    script: `"$DENO" eval 'import os from "node:os"; Deno.exit(os.cpus().length > 0 ? 0 : 1)'`,
  },
  {
    name: "workspace-write: a signal to its own child",
    args: WRITES,
    script: "sleep 100 & kill $!; wait $!; [ $? = 143 ]",
  },
  { name: "workspace-write: names of users", args: WRITES, script: "id -un && ls -l" },
  {
    name: "commits opened: a commit",
    args: [...WRITES, "-c", "sandbox_workspace_write.allow_git_writes=true"],
    script: "git -c user.name=a -c user.email=a@x commit -q --allow-empty -m x",
  },
  {
    name: "restricted reads: programs of the system, and the workspace",
    args: ["--permissions", "few"],
    config: '[permissions.few.filesystem]\n":minimal" = "read"\n":project_roots" = "write"\n',
    script: "cat notes.txt && ls /usr/bin >/dev/null && date && echo x >new",
  },
];

if (!isMac) Deno.test.ignore(`macos: needs a Mac (${REFUSED.length + ALLOWED.length + 13} tests)`, () => {});

function macTest(name: string, fn: () => Promise<void>): void {
  if (isMac) Deno.test({ name: `macos: ${name}`, fn });
}

for (const { name, args = [], config, script } of REFUSED) {
  macTest(`${name} is refused`, async () => {
    await using before = await makeRoom(config);
    const bare = await before.outsideRun(script);
    equal(bare.code, 0, `outside: ${bare.stderr}`);
    await using room = await makeRoom(config);
    const result = await room.insideRun(args, script);
    notEqual(result.code, 0, result.stdout);
  });
}

for (const { name, args = [], config, script } of ALLOWED) {
  macTest(`${name} works`, async () => {
    await using before = await makeRoom(config);
    const bare = await before.outsideRun(script);
    equal(bare.code, 0, `outside: ${bare.stderr}`);
    await using room = await makeRoom(config);
    const { code, stderr } = await room.insideRun(args, script);
    deepEqual([code, stderr], [0, bare.stderr]);
  });
}

macTest("exit codes, streams and environment pass through", async () => {
  await using room = await makeRoom();
  const rows: [script: string, code: number][] = [["exit 7", 7], ["kill -TERM $$", 143], ["kill -KILL $$", 137]];
  for (const [script, code] of rows) equal((await room.insideRun([], script)).code, code, script);
  const { stdout, stderr } = await room.insideRun([], "cat; echo err >&2; echo $CODEX_SANDBOX", "typed\n");
  deepEqual([stdout, stderr], ["typed\nseatbelt\n", "err\n"]);
  equal((await room.insideRun([], "echo $CODEX_SANDBOX_NETWORK_DISABLED")).stdout, "1\n");
});

macTest("a command that cannot be started ends as in a shell", async () => {
  await using room = await makeRoom();
  const { command, args } = codexCommand();
  for (const [word, code] of [["nonesuch", 127], ["./notes.txt", 126]] as const) {
    const line = { command, args: [...args, "sandbox", "--", word] };
    equal((await run(line, { cwd: room.workspace, env: testEnv(room.home) })).code, code, word);
  }
});

macTest("codex sandbox in a sandbox says that they do not nest", async () => {
  await using room = await makeRoom();
  const { command, args } = codexCommand();
  const words = [command, ...args, "sandbox", "--", "true"].map((word) => `'${word}'`).join(" ");
  const { code, stderr } = await room.insideRun(WRITES, `CODEX_HOME=$TMPDIR ${words}`);
  equal(code, 1);
  match(stderr, /do not nest/);
});

macTest("--log-denials tells what was refused", async () => {
  await using room = await makeRoom();
  const { stderr } = await room.insideRun([...WRITES, "--log-denials"], 'touch "$OUTSIDE/logged"');
  match(stderr, /^codex sandbox: touch: file-write-create .*\/outside\/logged$/m);
});

/** A web server on the loopback address for as long as `test` runs. */
async function withServer(test: (port: number) => Promise<void>): Promise<void> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => new Response("served"));
  await test(server.addr.port);
}

const fetchFrom = (port: number, more = ""): string => `/usr/bin/curl -sS -m 10 ${more} http://127.0.0.1:${port}/`;

macTest("no network: a port of this machine is not reached", async () => {
  await withServer(async (port) => {
    await using room = await makeRoom();
    equal((await room.outsideRun(fetchFrom(port))).stdout, "served");
    notEqual((await room.insideRun(WRITES, fetchFrom(port))).code, 0);
  });
});

macTest("no network: a port that is named is reached, and no other", async () => {
  await withServer(async (port) => {
    await withServer(async (other) => {
      await using room = await makeRoom();
      const args = [...WRITES, "-c", `sandbox_workspace_write.allow_loopback_ports=[${port}]`];
      equal((await room.insideRun(args, fetchFrom(port))).stdout, "served");
      equal((await room.outsideRun(fetchFrom(other))).stdout, "served");
      notEqual((await room.insideRun(args, fetchFrom(other))).code, 0);
    });
  });
});

macTest("network_access opens it", async () => {
  await withServer(async (port) => {
    await using room = await makeRoom();
    const args = [...WRITES, "-c", "sandbox_workspace_write.network_access=true"];
    equal((await room.insideRun(args, fetchFrom(port))).stdout, "served");
    equal((await room.insideRun(args, "echo $CODEX_SANDBOX_NETWORK_DISABLED")).stdout, "\n");
  });
});

for (const [access, code] of [["allow", 0], ["deny", 22]] as const) {
  macTest(`proxied network: what the rules ${access}, through the proxy alone`, async () => {
    await withServer(async (port) => {
      await using room = await makeRoom(
        '[permissions.web.filesystem]\n":root" = "read"\n[permissions.web.network]\nenabled = true\n' +
          `[permissions.web.network.domains]\n"127.0.0.1:${port}" = "${access}"\n`,
      );
      const args = ["--permissions", "web"];
      const proxied = await room.insideRun(args, fetchFrom(port, "--fail"));
      deepEqual([proxied.code, proxied.stdout], [code, code === 0 ? "served" : ""]);
      equal((await room.outsideRun(fetchFrom(port, "--noproxy '*'"))).stdout, "served");
      notEqual((await room.insideRun(args, fetchFrom(port, "--noproxy '*'"))).code, 0);
    });
  });
}

/** Sessions as the agent has them. */
async function withSession(
  script: string,
  { tty, bare }: { tty: boolean; bare: boolean },
  test: (session: ExecSession) => Promise<void>,
): Promise<void> {
  await using room = await makeRoom();
  const sessions = createLocalExecSessions({
    platform: readPlatform(),
    environment: Deno.env.toObject(),
    nowMs: () => performance.now(),
    home: null,
    windows: () => Promise.reject(new Error("this is no Windows")),
  });
  const session = await sessions.start({
    argv: [SH, "-c", script],
    cwd: room.workspace,
    env: testEnv(room.home),
    tty,
    sandbox: bare ? null : planFor(room.workspace),
  }, () => {});
  try {
    await test(session);
  } finally {
    await sessions.terminateAll();
  }
}

for (const bare of [false, true]) {
  const where = bare ? "bare" : "sandboxed";

  macTest(`the agent's ${where} command on a terminal has its size, its input and its keys`, async () => {
    const script = "trap 'echo interrupted; exit 9' INT; stty size; read line; echo \"got $line\"; sleep 300 & wait";
    await withSession(script, { tty: true, bare }, async (session) => {
      await outputUntil(session, /24 80/);
      await session.write("hello\n");
      await outputUntil(session, /got hello/);
      await session.write("\x03");
      equal((await session.exited).exitCode, 9);
      ok(session.aggregatedOutput().includes("interrupted"));
    });
  });
}

macTest("the agent's sandboxed command on pipes: its output, its end, and what it was refused", async () => {
  await withSession("echo out; echo err >&2; touch /Users/Shared/x", { tty: false, bare: false }, async (session) => {
    const { exitCode, denials } = await session.exited;
    equal(exitCode, 1);
    match(session.aggregatedOutput(), /^out\nerr\n/);
    deepEqual(denials?.map(({ what }) => what), ["write to /Users/Shared/x"]);
  });
});

macTest("what the agent's sandboxed command leaves in the background ends with it", async () => {
  await withSession("sleep 300 >/dev/null 2>&1 & echo $!", { tty: false, bare: false }, async (session) => {
    await session.exited;
    const { code } = await run({ command: SH, args: ["-c", `kill -0 ${session.aggregatedOutput().trim()}`] });
    equal(code, 1);
  });
});
