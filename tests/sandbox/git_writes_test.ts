// `.git` opened for commits, with real git: a plain repository, a linked worktree, a submodule. What git runs or is
// steered by stays closed in each; an attack changes something outside of a sandbox and nothing inside.
import { deepEqual, equal, match } from "node:assert/strict";
import { modePolicy, planSandbox, type SandboxPlan } from "../../src/sandbox/plan.ts";
import { run } from "../support/process.ts";
import { exists, House, whyNoSandbox } from "./house.ts";

const reason = await whyNoSandbox();
const options = { ignore: reason !== null, sanitizeOps: false, sanitizeResources: false } as const;

const SETTINGS = { writableRoots: [], networkAccess: false, excludeTmpdirEnvVar: true, excludeSlashTmp: true };
const GIT_ENV = {
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@x",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@x",
  GIT_CONFIG_NOSYSTEM: "1",
};

function planOf(cwd: string, allowGitWrites = true): SandboxPlan {
  const plan = planSandbox(modePolicy("workspace-write", SETTINGS), {
    cwd,
    tmpdir: null,
    codexHome: "/nonexistent/codex",
    home: null,
    extras: { allowGitWrites, unixSockets: [], loopbackPorts: [] },
  });
  if (plan === null) throw new Error("no plan");
  return plan;
}

async function git(cwd: string, ...args: string[]): Promise<void> {
  const line = { command: "git", args: ["-c", "protocol.file.allow=always", ...args] };
  const { code, stderr } = await run(line, { cwd, env: { ...Deno.env.toObject(), ...GIT_ENV, HOME: cwd } });
  if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
}

/** Makes a repository of a kind; answers with the folder to work in and the folders that git writes to. */
type Scene = (house: House) => Promise<{ cwd: string; folders: string[] }>;

async function plain(house: House): Promise<{ cwd: string; folders: string[] }> {
  await git(house.workspace, "init", "-q", ".");
  await git(house.workspace, "commit", "-q", "--allow-empty", "-m", "first");
  return { cwd: house.workspace, folders: [`${house.workspace}/.git`] };
}

async function worktree(house: House): Promise<{ cwd: string; folders: string[] }> {
  await plain(house);
  const cwd = `${house.folder}/tree`;
  await git(house.workspace, "worktree", "add", "-q", cwd);
  return { cwd, folders: [`${house.workspace}/.git`, `${house.workspace}/.git/worktrees/tree`] };
}

async function submodule(house: House): Promise<{ cwd: string; folders: string[] }> {
  await plain(house);
  const outer = `${house.folder}/outer`;
  await Deno.mkdir(outer);
  await git(outer, "init", "-q", ".");
  await git(outer, "submodule", "add", "-q", house.workspace, "sub");
  return { cwd: `${outer}/sub`, folders: [`${outer}/.git/modules/sub`] };
}

const SCENES: readonly (readonly [name: string, scene: Scene])[] = [
  ["a plain repository", plain],
  ["a linked worktree", worktree],
  ["a submodule", submodule],
];

/** `$G` is a folder that git writes to. Each prints "got it" when it did what it tried. */
const ATTACKS: readonly (readonly [name: string, script: string])[] = [
  ["plant a hook", "mkdir -p $G/hooks && touch $G/hooks/pre-commit && echo got it"],
  ["change the settings", "echo '[a]' >> $G/config && echo got it"],
  ["lock and replace the settings", "git config --file $G/config core.fsmonitor evil && echo got it"],
  ["add settings of a worktree", "echo '[a]' > $G/config.worktree && echo got it"],
  [
    "give the settings a second name",
    "touch $G/config && ln $G/config $G/second && echo '[a]' >> $G/second && echo got it",
  ],
  ["let it borrow a folder", "rm -f $G/commondir; echo /evil > $G/commondir && echo got it"],
  ["plant a submodule", "mkdir -p $G/modules/evil && echo got it"],
  ["plant a worktree", "mkdir -p $G/worktrees/evil && echo got it"],
  ["replace the folder", "mv $G $G.old && echo got it"],
];

for (const [name, scene] of SCENES) {
  Deno.test({
    ...options,
    name: `sandbox: allow_git_writes lets git commit in ${name}, and leaves nothing behind`,
    async fn(): Promise<void> {
      await using house = new House();
      const { cwd, folders } = await scene(house);
      const before = folders.map((folder) => names(folder));
      const script = "echo text > file && git add file && git commit -qm second && git log --format=%s -1 && " +
        "git status --short && git branch other && git stash list && git gc -q && git fsck --no-progress";
      const closed = await house.run(script, { cwd, plan: planOf(cwd, false), env: GIT_ENV });
      match(closed.output, /Read-only file system/);
      const open = await house.run(script, { cwd, plan: planOf(cwd), env: GIT_ENV });
      deepEqual([open.output, open.exitCode], ["second\n", 0]);
      for (const [index, folder] of folders.entries()) {
        const added = names(folder).filter((entry) => !before[index]?.includes(entry));
        deepEqual(added.filter((entry) => /^(commondir|config|hooks|modules|worktrees)/.test(entry)), []);
      }
      // Outside, git sees the same repository.
      await git(cwd, "fsck", "--no-progress");
    },
  });
  Deno.test({
    ...options,
    name: `sandbox: allow_git_writes in ${name} leaves closed what git is steered by`,
    async fn(): Promise<void> {
      await using house = new House();
      const { cwd, folders } = await scene(house);
      for (const folder of folders) {
        const own = folder.endsWith("/tree")
          ? ATTACKS.filter(([what]) => !/hook|submodule|plant a worktree/.test(what))
          : ATTACKS;
        const env = { ...GIT_ENV, G: folder };
        for (const [what, script] of own) {
          const inside = await house.run(`(${script}) 2>/dev/null; true`, { cwd, plan: planOf(cwd), env });
          equal(inside.output, "", `${what} in ${folder}`);
        }
        for (const [what, script] of own) {
          const outside = await house.run(`(${script}) 2>/dev/null; true`, { cwd, bare: true, env });
          match(outside.output, /got it/, `${what} in ${folder}`);
        }
        // The last attack moved it away.
        await Deno.rename(`${folder}.old`, folder);
      }
    },
  });
}

/** A gitfile that leads to a folder which does not know this worktree opens nothing. */
const FOREIGN: readonly (readonly [name: string, plant: (house: House) => Promise<string>])[] = [
  ["a folder that is none of git", async (house) => {
    await Deno.mkdir(`${house.folder}/keys`);
    return `${house.folder}/keys`;
  }],
  ["the repository of somebody else", async (house) => {
    await Deno.mkdir(`${house.folder}/other`);
    await git(`${house.folder}/other`, "init", "-q", ".");
    return `${house.folder}/other/.git`;
  }],
  ["a worktree of somebody else", async (house) => {
    const other = `${house.folder}/other`;
    await Deno.mkdir(other);
    await git(other, "init", "-q", ".");
    await git(other, "commit", "-q", "--allow-empty", "-m", "first");
    await git(other, "worktree", "add", "-q", `${house.folder}/tree`);
    return `${other}/.git/worktrees/tree`;
  }],
];

for (const [name, plant] of FOREIGN) {
  Deno.test({
    ...options,
    name: `sandbox: allow_git_writes does not open ${name} that a gitfile names`,
    async fn(): Promise<void> {
      await using house = new House();
      const target = await plant(house);
      await Deno.writeTextFile(`${house.workspace}/.git`, `gitdir: ${target}\n`);
      const script = `touch ${target}/planted; echo gitdir: /evil > .git; echo done`;
      const { output } = await house.run(script, { plan: planOf(house.workspace), env: GIT_ENV });
      match(output, /planted'?: Read-only file system\n.*\.git: Read-only file system\ndone\n$/);
      equal((await house.run(`touch ${target}/planted`, { bare: true })).exitCode, 0);
    },
  });
}

Deno.test({
  ...options,
  name: "sandbox: allow_git_writes without a repository keeps .git from coming into being",
  async fn(): Promise<void> {
    await using house = new House();
    const plan = planOf(house.workspace);
    match((await house.run("mkdir .git || git init -q .", { plan })).output, /File exists/);
    equal(exists(`${house.workspace}/.git`), false);
  },
});

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
