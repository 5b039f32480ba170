// What a writable root is, when it is no plain folder: as root and as an ordinary user.
import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { SandboxPlan } from "../../src/sandbox/plan.ts";
import { type Attempt, Attempts } from "./attempts.ts";
import { exists, House, NOBODY, type Outcome, planFor, runAsNobody, whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;
if (ignore) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});

function withRoots(house: House, names: readonly string[]): SandboxPlan {
  const writableRoots = names.map((name) => name.startsWith("/") ? name : `${house.folder}/${name}`);
  return planFor(house.workspace, { type: "workspaceWrite", writableRoots });
}
const roots = (...names: string[]) => (house: House): SandboxPlan => withRoots(house, names);

const REPOSITORY = "mkdir -p ws/.git/hooks";
const ATTEMPTS: readonly Attempt[] = [
  { name: "replace a root that is a file", scene: "touch file new", script: "mv ../new ../file", plan: roots("file") },
  { name: "remove a root that is a file", scene: "touch file", script: "rm ../file", plan: roots("file") },
  { name: "write beside a root that is a file", scene: "touch file", script: "touch ../other", plan: roots("file") },
  { name: "make a root that is missing", script: "mkdir ../missing", plan: roots("missing") },
  { name: "make the target of a root that dangles", scene: "ln -s x root", script: "mkdir ../x", plan: roots("root") },
  {
    name: "turn a root that is a link elsewhere",
    scene: "mkdir out; ln -s out root",
    script: "rm ../root",
    plan: roots("root"),
  },
  {
    name: "make a protected name in a root that is a link",
    scene: "mkdir out; ln -s out root",
    script: "mkdir ../root/.git",
    plan: roots("root"),
  },
  { name: "plant a hook, / is writable", scene: REPOSITORY, script: "touch .git/hooks/x", plan: roots("/") },
  {
    name: "set a parameter of the kernel, / is writable",
    script: "v=$(cat /sys/module/kernel/parameters/panic) && echo $v > /sys/module/kernel/parameters/panic",
    plan: roots("/"),
    onlyRoot: true,
  },
  {
    name: "set core_pattern, /proc is named",
    script: 'v=$(cat /proc/sys/kernel/core_pattern) && printf %s "$v" > /proc/sys/kernel/core_pattern',
    plan: roots("/proc", "/proc/sys", "/proc/sys/kernel", "/"),
    onlyRoot: true,
  },
  {
    name: "set core_pattern, / is writable and something in /proc hidden",
    script: 'v=$(cat /proc/sys/kernel/core_pattern) && printf %s "$v" > /proc/sys/kernel/core_pattern',
    plan: (house) => ({ ...withRoots(house, ["/"]), hidden: ["/proc/sys/kernel/modprobe", "/sys/kernel/notes"] }),
    onlyRoot: true,
  },
  {
    name: "make a node among the devices, /dev is named",
    script: "touch /dev/codex-test && rm /dev/codex-test && [ -e /dev/kmsg ]",
    plan: roots("/dev"),
    onlyRoot: true,
  },
];

if (!ignore) {
  const attempts = await Attempts.open();
  Deno.test.afterAll(() => attempts.close());
  attempts.register("writable roots", ATTEMPTS, ignore);
}

const OPEN: readonly (readonly [name: string, scene: string, roots: readonly string[], script: string])[] = [
  ["a folder", "mkdir out", ["out"], "touch ../out/new"],
  ["a file", "touch file", ["file"], "echo new >> ../file"],
  ["a link", "mkdir out; ln -s out root", ["root"], "touch ../root/new ../out/other"],
  ["a chain of links", "mkdir out; ln -s out a; ln -s a root", ["root"], "touch ../root/new"],
  ["/", "mkdir out", ["/"], "touch ../out/new; echo x > /dev/null"],
  ["a folder beside a missing one", "mkdir out", ["missing", "out"], "touch ../out/new"],
  ["a folder beside one of the kernel", "mkdir out", ["/proc", "/sys/kernel", "/dev", "out"], "touch ../out/new"],
];
for (const [name, scene, names, script] of OPEN) {
  for (const user of Deno.uid() === 0 ? ["this user", "an ordinary user"] : ["this user"]) {
    Deno.test({
      ignore,
      name: `sandbox: a writable root that is ${name} can be written to (${user})`,
      async fn(): Promise<void> {
        await using house = new House();
        await house.run(`cd ..; ${scene}`, { bare: true });
        const nobody = user !== "this user";
        if (nobody) {
          const owner = ["-R", "-h", `${NOBODY}:${NOBODY}`, house.folder];
          await new Deno.Command("chown", { args: owner }).output();
        }
        const runWith = async (plan: SandboxPlan): Promise<Outcome> => {
          const all = `exec 2>&1; ${script}`;
          return nobody ? await runAsNobody(await house.finder.find(plan), plan, all) : await house.run(all, { plan });
        };
        match((await runWith(withRoots(house, []))).output, /Read-only file system/);
        const inside = await runWith(withRoots(house, names));
        deepEqual([inside.exitCode, inside.output], [0, ""]);
        equal(exists(`${house.folder}/missing`), false);
      },
    });
  }
}

Deno.test({
  ignore,
  name: "sandbox: a root that is made later is open to the next command",
  async fn(): Promise<void> {
    await using house = new House();
    const plan = withRoots(house, ["later"]);
    equal((await house.run("mkdir ../later 2>/dev/null || echo held", { plan })).output, "held\n");
    await Deno.mkdir(`${house.folder}/later`);
    equal((await house.run("touch ../later/x && echo open", { plan })).output, "open\n");
  },
});

Deno.test({
  ignore,
  name: "sandbox: a root that is a link in the workspace is refused, with the name to use instead",
  async fn(): Promise<void> {
    await using house = new House();
    await Deno.mkdir(`${house.folder}/out`);
    await Deno.symlink("../out", `${house.workspace}/root`);
    await rejects(house.run("true", { plan: withRoots(house, ["ws/root"]) }), {
      code: "SANDBOX_UNAVAILABLE",
      hint: `Name what it points to: "${house.folder}/out"`,
    });
    equal((await house.run("touch root/x && echo open", { plan: withRoots(house, ["out"]) })).output, "open\n");
  },
});
