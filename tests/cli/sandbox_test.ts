// `codex sandbox` as a person runs it: exit codes, streams, what it leaves behind, what it says of mistakes. The rules of
// the sandbox itself are tested in tests/sandbox.
import assert from "node:assert/strict";
import { codexCommand, testsBinary } from "../support/codex_under_test.ts";
import { run } from "../support/process.ts";
import { testEnv } from "../support/workspace.ts";
import { whyNoSandbox } from "../sandbox/house.ts";
import { makeSandbox, type Sandbox } from "./command.ts";

const why = await whyNoSandbox();
const ignore = why !== null;
if (ignore) Deno.test.ignore(`codex sandbox is not tested here: ${why}`, () => {});

function sandboxTest(name: string, body: (sandbox: Sandbox) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    async fn(): Promise<void> {
      await using sandbox = await makeSandbox();
      await body(sandbox);
    },
  });
}

async function names(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) found.push(name);
  return found.sort();
}

const CODES: readonly (readonly [args: string[], code: number, stdout: RegExp, stderr: RegExp])[] = [
  [["linux", "--", "sh", "-c", "echo out; echo err >&2; exit 7"], 7, /^out\n$/, /^err\n$/],
  [["linux", "sh", "-c", "exit 255"], 255, /^$/, /^$/],
  [["sh", "-c", "kill -TERM $$"], 143, /^$/, /^$/],
  [["nosuchprogram"], 127, /^$/, /^codex sandbox: nosuchprogram: command not found\n$/],
  [["./missing"], 127, /^$/, /^codex sandbox: \.\/missing: No such file or directory\n$/],
  [["./plain"], 126, /^$/, /^codex sandbox: \.\/plain: Permission denied\n$/],
  [["/"], 126, /^$/, /^codex sandbox: \/: Is a directory\n$/],
  [["./script"], 127, /^$/, /^codex sandbox: \.\/script: bad interpreter "\/nope\/sh": No such file or directory\n$/],
  [["./nested"], 127, /^$/, /^codex sandbox: \.\/nested: bad interpreter "\/nope\/sh": No such file or directory\n$/],
  [["./folded"], 126, /^$/, /^codex sandbox: \.\/folded: bad interpreter "\/usr": Is a directory\n$/],
  [["./data"], 126, /^$/, /^codex sandbox: \.\/data: bad interpreter "\/.*\/plain": Permission denied\n$/],
  [
    ["./foreign"],
    127,
    /^$/,
    /^codex sandbox: \.\/foreign: bad interpreter "\/nope64\/.*": No such file or directory\n$/,
  ],
  [["-s", "danger-full-access", "--", "./script"], 127, /^$/, /bad interpreter "\/nope\/sh": No such file/],
  [["./works", "x"], 3, /^e \.\/works x\n$/, /^$/],
  [["./plainText"], 4, /^text\n$/, /^$/],
  [["-s", "danger-full-access", "--", "sh", "-c", "exit 9"], 9, /^$/, /^$/],
  [["-C", "missing", "true"], 1, /^$/, /^Error: Cannot work in ".*\/missing": there is no such folder\n/],
  [["--permissions", "x", "true"], 1, /^$/, /^Error: default_permissions requires a `\[permissions\]` table\n/],
  [
    ["--add-dir", "/opt", "true"],
    1,
    /^$/,
    /^Error: Cannot add a folder to write to: the sandbox is read-only\n {2}tip: /,
  ],
  [["--full-auto", "--add-dir", "gone", "true"], 1, /^$/, /^Error: Cannot add "\/.*\/gone": there is no such folder\n/],
  [["--full-auto", "--add-dir", "plain", "true"], 1, /^$/, /^Error: Cannot add "\/.*\/plain": it is no folder\n/],
  [
    ["--full-auto", "--add-dir", "/proc/1", "true"],
    1,
    /^$/,
    /^Error: Cannot add "\/proc\/1": it belongs to the kernel\n/,
  ],
  [[], 2, /^$/, /Usage: codex sandbox \[OPTIONS\] \[COMMAND\]\.\.\.\n/],
  [["linux"], 2, /^$/, /^error: the following required arguments were not provided/],
  [["windows", "--", "x"], 1, /^$/, /^Error: The sandbox of Windows is only available on Windows\n {2}tip: /],
  [["macos", "--", "x"], 1, /^$/, /^Error: The sandbox of macOS is only available on macOS\n/],
];

async function writePrograms(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/plain`, "no program", { mode: 0o644 });
  const texts = {
    script: "#!/nope/sh -e\n",
    nested: "#! ./script\n",
    folded: "#!/usr\n",
    data: "#!./plain\n",
    works: "#!/bin/sh -e\necho $- $0 $1; exit 3\n",
    plainText: "echo text; exit 4\n",
  };
  for (const [name, text] of Object.entries(texts)) {
    await Deno.writeTextFile(`${folder}/${name}`, text, { mode: 0o755 });
  }
  // A program of this machine whose loader is elsewhere, as that of another C library.
  const program = await Deno.readFile("/usr/bin/true");
  const text = new TextDecoder("latin1").decode(program);
  const [name = ""] = /\/lib(64)?\/ld-linux[^\0]*/.exec(text) ?? [];
  const other = new TextEncoder().encode(`/nope64/ld-linux-x`.padEnd(name.length, "x").slice(0, name.length));
  program.set(other, text.indexOf(name));
  await Deno.writeFile(`${folder}/foreign`, program, { mode: 0o755 });
}

for (const [args, code, stdout, stderr] of CODES) {
  sandboxTest(`codex sandbox ${args.join(" ")} exits ${code}`, async (sandbox) => {
    await writePrograms(sandbox.folder);
    const result = await sandbox.codex(["sandbox", ...args]);
    assert.match(result.stderr, stderr);
    assert.match(result.stdout, stdout);
    assert.equal(result.code, code);
  });
}

sandboxTest(
  "codex sandbox passes over a program on PATH whose interpreter is missing, as a shell does",
  async (sandbox) => {
    await Deno.writeTextFile(`${sandbox.folder}/true`, "#!/nope/sh\n", { mode: 0o755 });
    await Deno.writeTextFile(`${sandbox.folder}/alone`, "#!/nope/sh\n", { mode: 0o755 });
    const env = { PATH: `${sandbox.folder}:${Deno.env.get("PATH")}` };
    assert.equal((await sandbox.codex(["sandbox", "true"], { env })).code, 0);
    const alone = await sandbox.codex(["sandbox", "alone"], { env });
    assert.match(alone.stderr, /^codex sandbox: alone: bad interpreter "\/nope\/sh": No such file or directory\n$/);
    assert.equal(alone.code, 127);
  },
);

/** Words of as many bytes in all, each as long as the kernel takes one at most. */
function padding(bytes: number): string[] {
  const longest = 100_000;
  return Array.from(
    { length: Math.ceil(bytes / longest) },
    (_, at) => "x".repeat(Math.min(longest, bytes - at * longest)),
  );
}

/** How many bytes of words the kernel lets a program start with beside these, less a hundred at most. */
async function mostBytes(words: readonly string[], cwd: string, env: Record<string, string>): Promise<number> {
  let [fits, tooMany] = [0, 8_000_000];
  while (tooMany - fits > 100) {
    const middle = (fits + tooMany) >> 1;
    const starts = await run({ command: "/bin/true", args: [...words, ...padding(middle)] }, { cwd, env })
      .then(({ code }) => code === 0, () => false);
    if (starts) fits = middle;
    else tooMany = middle;
  }
  return fits;
}

sandboxTest(
  "codex sandbox says so when arguments do not fit beside the sandbox's own",
  async ({ home, folder, codex }) => {
    const { command, args } = codexCommand();
    const words = ["sandbox", "--full-auto", "--", "sh", "-c", "echo $#", "sh"];
    const most = await mostBytes([command, ...args, ...words], folder, testEnv(home)) - 500;
    const tooMany = await codex([...words, ...padding(most)]);
    assert.match(tooMany.stderr, /^codex sandbox: \/.*bwrap: Argument list too long; pass less in arguments and envi/);
    assert.equal(tooMany.code, 126);
    const rest = padding(most - 50_000);
    const fine = await codex([...words, ...rest]);
    assert.deepEqual([fine.code, fine.stdout, fine.stderr], [0, `${rest.length}\n`, ""]);
  },
);

sandboxTest("codex sandbox hands on thousands of variables", async ({ codex }) => {
  const env = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`V${at}`, "y".repeat(100)]));
  assert.equal((await codex(["sandbox", "sh", "-c", "env | grep -c '^V[0-9]*=y'"], { env })).stdout, "5000\n");
});

sandboxTest("codex sandbox reads only, unless it is told otherwise", async (sandbox) => {
  const touch = ["--", "touch", "x"];
  const rows: [args: string[], code: number][] = [
    [[], 1],
    [["--full-auto"], 0],
    [["-s", "read-only"], 1],
    [["-s", "workspace-write"], 0],
    [["-c", "sandbox_mode=workspace-write"], 0],
    [["-c", "sandbox_mode=workspace-write", "-s", "read-only"], 1],
  ];
  for (const [args, code] of rows) {
    assert.equal((await sandbox.codex(["sandbox", ...args, ...touch])).code, code, args.join(" "));
  }
  // The mode of a file is for the agent.
  await Deno.writeTextFile(`${sandbox.home}/config.toml`, 'sandbox_mode = "danger-full-access"\n');
  assert.equal((await sandbox.codex(["sandbox", ...touch])).code, 1);
});

sandboxTest("codex sandbox takes roots from the place that names them", async (sandbox) => {
  const touch = (path: string): string[] => ["--full-auto", "--", "touch", `${sandbox.home}/${path}`];
  const settings = '[sandbox_workspace_write]\nexclude_slash_tmp = true\nwritable_roots = ["a", "f", "missing", ""]\n';
  await Deno.writeTextFile(`${sandbox.home}/config.toml`, settings);
  await Deno.writeTextFile(`${sandbox.home}/f`, "");
  for (const name of ["a", "b", "c"]) await Deno.mkdir(`${sandbox.home}/${name}`);
  assert.equal((await sandbox.codex(["sandbox", ...touch("a/x")])).code, 0, "of the file's folder");
  assert.equal((await sandbox.codex(["sandbox", ...touch("f")])).code, 0, "a file");
  assert.equal((await sandbox.codex(["sandbox", ...touch("x")])).code, 1, "an empty text opens nothing");
  assert.equal((await sandbox.codex(["sandbox", ...touch("missing")])).code, 1, "nothing is made");
  assert.equal((await sandbox.codex(["sandbox", "--add-dir", "../home/b", ...touch("b/x")])).code, 0, "of the cwd");
  const inline = ["-c", 'sandbox_workspace_write.writable_roots=["../home/c"]', ...touch("c/x")];
  assert.equal((await sandbox.codex(["sandbox", ...inline])).code, 0, "of the cwd");
});

sandboxTest("codex sandbox leaves nothing in the workspace, not even while nobody waits", async (sandbox) => {
  const script = "ls -A; mkdir .git 2>/dev/null || echo kept";
  const result = await sandbox.codex(["sandbox", "--full-auto", "--", "sh", "-c", script]);
  assert.equal(result.stdout, ".agents\n.codex\n.git\nkept\n");
  assert.deepEqual(await names(sandbox.folder), []);
});

sandboxTest("codex sandbox becomes the sandbox: the process that was started is bubblewrap", async (sandbox) => {
  const { command, args } = codexCommand();
  const child = new Deno.Command(command, {
    args: [...args, "sandbox", "--full-auto", "--", "sh", "-c", "echo ready; read line; echo $line"],
    cwd: sandbox.folder,
    env: testEnv(sandbox.home),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await lines.read()).value, "ready\n");
  assert.equal((await Deno.readTextFile(`/proc/${child.pid}/comm`)).trim(), "bwrap");
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("hello\n"));
  await writer.close();
  assert.equal((await lines.read()).value, "hello\n");
  assert.equal((await child.status).code, 0);
  await lines.cancel();
});

sandboxTest("codex sandbox that is killed takes command and mount points along", async (sandbox) => {
  const { command, args } = codexCommand();
  const child = new Deno.Command(command, {
    args: [...args, "sandbox", "--full-auto", "--", "sh", "-c", "echo ready; sleep 1000"],
    cwd: sandbox.folder,
    env: testEnv(sandbox.home),
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.getReader();
  await lines.read();
  assert.deepEqual(await names(sandbox.folder), [".agents", ".codex", ".git"]);
  const watcher = Deno.watchFs(sandbox.folder);
  child.kill("SIGKILL");
  await child.status;
  // The command held the other end of this pipe.
  assert.equal((await lines.read()).done, true);
  if ((await names(sandbox.folder)).length > 0) {
    for await (const _event of watcher) if ((await names(sandbox.folder)).length === 0) break;
  } else watcher.close();
});

sandboxTest("codex sandbox passes environment, input, 5 MB of output and no descriptors", async (sandbox) => {
  const script = `cat; head -c 5000000 /dev/zero; ls /proc/self/fd | wc -l >&2; echo "$A" >&2`;
  const result = await sandbox.codex(["sandbox", "--", "sh", "-c", script], { stdin: "in\n", env: { A: "ä b" } });
  assert.equal(result.stdout.length, 3 + 5_000_000);
  // 0, 1, 2 and the folder that ls reads.
  assert.equal(result.stderr, "4\nä b\n");
});

sandboxTest("codex sandbox passes bytes that are no text", async (sandbox) => {
  const { command, args } = codexCommand();
  // The compiled program's runtime refuses such arguments before any of ours runs; the environment it lets through.
  const word = testsBinary() ? "x" : "$(printf 'a\\377')";
  const script = `X=$(printf 'b\\376') exec "$@" sandbox -- sh -c 'printf %s "$1$X"' sh ${word}`;
  const output = await new Deno.Command("bash", {
    args: ["-c", script, "bash", command, ...args],
    cwd: sandbox.folder,
    env: testEnv(sandbox.home),
    clearEnv: true,
  }).output();
  const expected = testsBinary() ? [0x78] : [0x61, 0xff];
  assert.deepEqual([...output.stdout], [...expected, 0x62, 0xfe]);
});

sandboxTest("codex sandbox in a folder that was deleted says so", async (sandbox) => {
  const { command, args } = codexCommand();
  const script = `rmdir "$PWD"; exec "$@" sandbox -- true`;
  const result = await run({ command: "bash", args: ["-c", script, "bash", command, ...args] }, {
    cwd: sandbox.folder,
    env: testEnv(sandbox.home),
  });
  // The runtime looks at the folder before anything of ours runs.
  assert.match(result.stderr, /No such file or directory/);
  assert.equal(result.code, 1);
});

const PROFILES = `default_permissions = "build"
[permissions.build.filesystem]
":minimal" = "read"
[permissions.build.filesystem.":project_roots"]
"." = "write"
docs = "read"
"**/*.env" = "none"
[permissions.look.filesystem]
":root" = "read"
`;

sandboxTest("codex sandbox runs with the permission profile of the configuration, or a named one", async (sandbox) => {
  await Deno.writeTextFile(`${sandbox.home}/config.toml`, PROFILES);
  await Deno.mkdir(`${sandbox.folder}/docs`);
  await Deno.writeTextFile(`${sandbox.folder}/docs/a`, "doc");
  await Deno.writeTextFile(`${sandbox.folder}/x.env`, "secret");
  await Deno.writeTextFile(`${sandbox.home}/other`, "other");
  const script = `cat docs/a; touch y; cat x.env "$1" 2>/dev/null; touch docs/b 2>/dev/null; ls -A`;
  const build = await sandbox.codex(["sandbox", "--", "sh", "-c", script, "sh", `${sandbox.home}/other`]);
  assert.equal(build.stdout, "doc.agents\n.codex\n.git\ndocs\nx.env\ny\n");
  await Deno.writeTextFile(`${sandbox.home}/shell`, "#!/bin/sh\nexec sh $*\n", { mode: 0o755 });
  await Deno.writeTextFile(`${sandbox.folder}/script`, `#!${sandbox.home}/shell\nexit 5\n`, { mode: 0o755 });
  const hidden = await sandbox.codex(["sandbox", "--", "./script"]);
  assert.equal(hidden.stderr, `./script: bad interpreter "${sandbox.home}/shell": No such file or directory\n`);
  assert.equal(hidden.code, 127);
  assert.equal((await sandbox.codex(["sandbox", "--permissions", "look", "--", "./script"])).code, 5);
  const look = ["sandbox", "--permissions", "look", "--", "sh", "-c", script, "sh", `${sandbox.home}/other`];
  assert.match((await sandbox.codex(look)).stdout, /^docsecretother/);
});

sandboxTest("codex sandbox --log-denials tells which rule refused what", async (sandbox) => {
  const refused = await sandbox.codex(["sandbox", "--full-auto", "--log-denials", "--", "touch", "/usr/x"]);
  assert.match(
    refused.stderr,
    /Read-only file system\ncodex sandbox: write to \/usr\/x refused: outside the writable /,
  );
  assert.equal(refused.code, 1);
  const plain = await sandbox.codex(["sandbox", "--log-denials", "--", "sh", "-c", "echo no >&2; exit 3"]);
  assert.match(plain.stderr, /^no\ncodex sandbox: no refusal found: /);
  assert.equal(plain.code, 3);
});

sandboxTest("codex sandbox --print-plan shows plan and command line and runs nothing", async (sandbox) => {
  const args = ["sandbox", "--full-auto", "--print-plan", "--", "touch", "x"];
  const result = await sandbox.codex(args);
  const { platform, decidedBy, plan, command, launch } = JSON.parse(result.stdout);
  assert.deepEqual([platform, decidedBy, command], ["linux", "--sandbox workspace-write", ["touch", "x"]]);
  assert.ok(plan.writable.includes(sandbox.folder));
  assert.deepEqual(launch.argv.slice(-3), ["--", "touch", "x"]);
  assert.match(launch.descriptors[0].what, /^seccomp filter "networkNone" of seccomp_linux\.json, \d+ instructions$/);
  assert.deepEqual(await names(sandbox.folder), []);
});

for (const platform of ["macos", "windows"]) {
  Deno.test(`codex sandbox ${platform} --print-plan shows the plan on any platform`, async () => {
    await using sandbox = await makeSandbox();
    const result = await sandbox.codex(["sandbox", platform, "--print-plan", "--", "ls"]);
    assert.equal(result.code, 0);
    assert.deepEqual(JSON.parse(result.stdout).plan.cwd, sandbox.folder);
  });
}

Deno.test("codex sandbox macos --print-plan shows profile, parameters and command line on any platform", async () => {
  await using sandbox = await makeSandbox();
  const { code, stdout } = await sandbox.codex(["sandbox", "macos", "--print-plan", "--full-auto", "--", "ls", "-l"]);
  assert.equal(code, 0);
  const { platform, plan, launch } = JSON.parse(stdout);
  assert.equal(platform, "macos");
  assert.deepEqual([launch.argv[0], launch.argv[1]], ["/usr/bin/sandbox-exec", "-p"]);
  assert.equal(launch.argv[2], launch.profile.join("\n"));
  assert.deepEqual(launch.argv.slice(-3), ["--", "ls", "-l"]);
  const parameters: [string, string][] = Object.entries(launch.parameters);
  assert.deepEqual(launch.argv.slice(3, -3), parameters.map(([key, value]) => `-D${key}=${value}`));
  // What the plan says is a parameter, never a part of the text.
  for (const path of [...plan.writable, ...plan.protected]) {
    assert.ok(parameters.some(([, value]) => value.endsWith(path)), path);
    assert.ok(!launch.argv[2].includes(path), path);
  }
  assert.deepEqual(launch.environment, { CODEX_SANDBOX: "seatbelt", CODEX_SANDBOX_NETWORK_DISABLED: "1" });
});
