// `codex sandbox` as an ordinary user has it: what tests/sandbox shows of root's sandboxes, from the outside.
import assert from "node:assert/strict";
import { whyNoSandbox } from "../sandbox/house.ts";
import { run } from "../support/process.ts";
import { ordinaryUser, type UserHouse } from "./ordinary_user.ts";

const why = await whyNoSandbox();
if (why !== null) Deno.test.ignore(`codex sandbox of an ordinary user is not tested here: ${why}`, () => {});
const { ignore, inUserHouse } = ordinaryUser(why);

/** Only with the binary, and as root, is there such a user. */
function userTest(name: string, body: (house: UserHouse) => Promise<void>): void {
  if (!ignore) Deno.test(`an ordinary user's codex sandbox ${name}`, () => inUserHouse(body));
}

const names = (folder: string): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

userTest("passes no descriptor on", async ({ command, env, workspace }) => {
  const script = "(echo leaked >&9) 2>/dev/null && echo got through || echo held";
  const leak = `${workspace}/leak`;
  const withLeak = async (words: readonly string[]): Promise<string> => {
    const line = 'exec 9>"$0"; exec "$@"';
    const { stdout } = await run({ command: "bash", args: ["-c", line, leak, ...words] }, { cwd: workspace, env });
    return stdout + await Deno.readTextFile(leak);
  };
  assert.equal(await withLeak(["sh", "-c", script]), "got through\nleaked\n");
  assert.equal(await withLeak([...command, "sandbox", "--", "sh", "-c", script]), "held\n");
});

userTest("leaves nothing behind, however it ends", async ({ codex, command, env, workspace, home }) => {
  const other = `${home}/other`;
  await run({ command: command[0] ?? "", args: [...command.slice(1, -1), "mkdir", other] });
  const script = `ls -A . ${other}; exit 3`;
  const ended = await codex(["sandbox", "--full-auto", "--add-dir", other, "--", "sh", "-c", script]);
  assert.equal(ended.stdout.split("\n").filter((name) => name === ".git").length, 2);
  assert.equal(ended.code, 3);
  assert.deepEqual([names(workspace), names(other)], [[], []]);
  const [program = "", ...words] = command;
  const child = new Deno.Command(program, {
    args: [...words, "sandbox", "--full-auto", "--", "sh", "-c", "trap '' HUP TERM; echo ready; sleep 1000"],
    cwd: workspace,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.getReader();
  await lines.read();
  assert.deepEqual(names(workspace), [".agents", ".codex", ".git"]);
  using watcher = Deno.watchFs(workspace);
  child.kill("SIGKILL");
  await child.status;
  // The command held the other end of this pipe.
  assert.equal((await lines.read()).done, true);
  if (names(workspace).length > 0) {
    for await (const _event of watcher) if (names(workspace).length === 0) break;
  }
});

const PLANTS = "mkdir .git; mkdir -p .codex/x; ln -sT /tmp .agents; echo x > .git; touch free && echo free";

userTest("keeps protected names from coming into being", async ({ codex, workspace, command, env }) => {
  const { stdout, stderr } = await codex(["sandbox", "--full-auto", "--", "sh", "-c", PLANTS]);
  assert.equal(stdout, "free\n");
  assert.equal(stderr.trim().split("\n").length, 4, stderr);
  assert.deepEqual(names(workspace), ["free"]);
  const bare = [...command.slice(0, -1), "sh", "-c", PLANTS];
  await run({ command: bare[0] ?? "", args: bare.slice(1) }, { cwd: workspace, env });
  assert.deepEqual(names(workspace), [".agents", ".codex", ".git", "free"]);
});

userTest("takes no root from the environment", async ({ command, env, workspace, home }) => {
  const [program = "", ...words] = command;
  for (const TMPDIR of ["/", "//", "/.", home, `${home}/`]) {
    const args = [...words, "sandbox", "--full-auto", "--", "touch", "../outside"];
    const { stderr, code } = await run({ command: program, args }, {
      cwd: workspace,
      env: { ...env, HOME: home, TMPDIR },
    });
    assert.match(stderr, /outside'?: Read-only file system/);
    assert.equal(code, 1);
  }
  const bare = [...words.slice(0, -1), "touch", "../outside"];
  assert.equal((await run({ command: program, args: bare }, { cwd: workspace, env })).code, 0);
});

userTest("opens a file, a link and a folder as roots, and the disk but for what is the kernel's", async (house) => {
  const { workspace, codex } = house;
  const outer = workspace.replace(/ws$/, "");
  for (const name of ["out", "more"]) await Deno.mkdir(`${outer}${name}`);
  await Deno.writeTextFile(`${outer}file`, "");
  await Deno.symlink("more", `${outer}link`);
  await house.own();
  const roots = `sandbox_workspace_write.writable_roots=["${outer}file", "${outer}link", "${outer}missing"]`;
  const script =
    "touch ../out/x && echo x > ../file && touch ../more/x && echo open; touch ../outside; mkdir ../missing";
  const some = await codex(["sandbox", "--full-auto", "-c", roots, "--add-dir", "../out", "--", "sh", "-c", script]);
  assert.equal(some.stdout, "open\n");
  assert.match(some.stderr, /outside'?: Read-only file system\n.*missing.*: Read-only file system\n$/);
  const all = [
    "sandbox",
    "--full-auto",
    "--add-dir",
    "/",
    "--",
    "sh",
    "-c",
    "touch ../outside; grep -c ' /sys sysfs ro' /proc/self/mounts",
  ];
  assert.deepEqual((await codex(all)).stdout, "1\n");
  assert.ok(names(outer).includes("outside"));
});
