// Protected names that are symbolic links: each attempt changes something outside of a sandbox and nothing inside.
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { exists, House, planFor, runLaunch, whyNoSandbox } from "./house.ts";

const reason = await whyNoSandbox();
const options = { ignore: reason !== null, sanitizeOps: false, sanitizeResources: false } as const;

/** Each prints "got it" when it did what it tried. */
const ATTEMPTS: readonly { readonly name: string; readonly link: string; readonly script: string }[] = [
  { name: "write through it", link: "real", script: "touch .git/config && echo got it" },
  { name: "write to what it leads to", link: "real", script: "touch real/config && echo got it" },
  {
    name: "write over a chain of links",
    link: "a",
    script: "ln -sfn /etc a && echo got it; touch a/config && echo got it",
  },
  { name: "remove it", link: "real", script: "rm .git && echo got it" },
  { name: "rename it", link: "real", script: "mv .git g && echo got it" },
  { name: "rename something onto it", link: "real", script: "mkdir d; mv -T d .git || mv -f f .git && echo got it" },
  { name: "point it elsewhere", link: "real", script: "ln -sfn f .git && echo got it" },
  {
    name: "make what it leads to, when that is nothing",
    link: "gone/deep",
    script: "mkdir -p gone/deep && echo got it",
  },
  { name: "rename what it leads to", link: "real", script: "mv real r && echo got it" },
  { name: "unmount what holds it", link: "real", script: "umount -l .git && echo got it; rm .git && echo got it" },
  { name: "rename the folder of a link on the way", link: "sub/b", script: "mv sub bus && echo got it" },
  {
    name: "keep the capabilities of the start",
    link: "real",
    script: "grep -q 'CapEff:.*[1-9a-f]' /proc/self/status && echo got it",
  },
  {
    name: "keep the bounding set of the start",
    link: "real",
    script: "grep -q 'CapBnd:.*[1-9a-f]' /proc/self/status && echo got it",
  },
  { name: "run without the filter", link: "real", script: "grep -q 'Seccomp:.*0' /proc/self/status && echo got it" },
  { name: "find a descriptor of the start", link: "real", script: "set -- /proc/$$/fd/*; [ $# -gt 4 ] && echo got it" },
];

async function scene(house: House, link: string): Promise<void> {
  await Deno.mkdir(`${house.workspace}/real`);
  await Deno.mkdir(`${house.workspace}/sub`);
  await Deno.writeTextFile(`${house.workspace}/f`, "");
  await Deno.symlink("real", `${house.workspace}/a`);
  await Deno.symlink("../real", `${house.workspace}/sub/b`);
  await Deno.symlink(link, `${house.workspace}/.git`);
}

/** Of root outside of a sandbox nothing is held back but these. */
const INSIDE_ONLY = /unmount|descriptor/;

for (const { name, link, script } of ATTEMPTS) {
  Deno.test({
    ...options,
    name: `sandbox: with .git as a link to ${link}, a command cannot ${name}`,
    async fn(): Promise<void> {
      await using house = new House();
      await scene(house, link);
      const { output } = await house.run(`(${script}) 2>/dev/null; echo done`);
      equal(output, "done\n");
      equal(await Deno.readLink(`${house.workspace}/.git`), link);
      if (INSIDE_ONLY.test(name)) return;
      const bare = await house.run(`(${script}) 2>/dev/null; echo done`, { bare: true });
      match(bare.output, /got it/);
    },
  });
}

Deno.test({
  ...options,
  name: "sandbox: with .git as a link, a command reads through it, ends as ever, and leaves nothing behind",
  async fn(): Promise<void> {
    await using house = new House();
    await scene(house, "real");
    await Deno.writeTextFile(`${house.workspace}/real/HEAD`, "ref\n");
    const before = house.names();
    const { output, exitCode } = await house.run("cat .git/HEAD; readlink .git; touch new && rm new; exit 7");
    deepEqual([output, exitCode], ["ref\nreal\n", 7]);
    equal((await house.run("nosuchprogram")).exitCode, 127);
    equal((await house.run("kill -9 $$")).exitCode, 137);
    deepEqual(house.names(), before);
    ok(!exists(`${house.workspace}/.codex`));
  },
});

Deno.test({
  ...options,
  name: "sandbox: a link that is swapped while the sandbox starts ends the start",
  async fn(): Promise<void> {
    await using house = new House();
    await scene(house, "real");
    const plan = planFor(house.workspace);
    const launch = await (await house.finder.find(plan)).prepare(plan, {
      argv: ["/bin/sh", "-c", "echo ran"],
      cwd: house.workspace,
      env: { PATH: "/usr/bin:/bin" },
      ownTerminal: false,
    });
    await Deno.remove(`${house.workspace}/.git`);
    await Deno.symlink("f", `${house.workspace}/.git`);
    const { output, exitCode } = await runLaunch(launch);
    equal(exitCode, 125);
    match(output, /^sandbox: The link ".*\/\.git" was changed while the sandbox started\n$/);
  },
});

Deno.test({
  ...options,
  name: "sandbox: links in a sandbox that does not show this program are refused, and nothing stays in the workspace",
  async fn(): Promise<void> {
    await using house = new House();
    await scene(house, "real");
    const before = house.names();
    const plan = { ...planFor(house.workspace), readable: { everything: false, platform: false, roots: [] } };
    const launcher = await house.finder.find(plan);
    const command = { argv: ["/bin/true"], cwd: house.workspace, env: {}, ownTerminal: false };
    await rejects(launcher.prepare(plan, command), /Cannot protect ".*\/\.git": it is a symbolic link/);
    deepEqual(house.names(), before);
  },
});
