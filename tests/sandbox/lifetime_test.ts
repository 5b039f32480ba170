// The life of a sandboxed command: how it ends, who ends with it, and that nothing of it stays: no process, no empty
// folder in the workspace, even when this program is killed.
import { deepEqual, equal, ok } from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { run } from "../support/process.ts";
import { House, isRunning, until, whyNoSandbox } from "./house.ts";
import { startVictim } from "./victims.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;

const EXITS: readonly (readonly [string, number])[] = [
  ["exit 0", 0],
  ["exit 3", 3],
  ["exit 255", 255],
  ["kill -TERM $$", 128 + 15],
  ["kill -KILL $$", 128 + 9],
  ["kill -SEGV $$", 128 + 11],
  ["kill -37 $$", 128 + 37],
  ["exec /nonexistent/program", 127],
  ["exec /etc/passwd", 126],
];

for (const [script, expected] of EXITS) {
  for (
    const [where, options] of [["sandboxed", {}], ["bare", { bare: true }], ["on a terminal", { tty: true }]] as const
  ) {
    Deno.test({
      ignore,
      name: `exec: \`${script}\` ${where} ends with ${expected}`,
      async fn(): Promise<void> {
        await using house = new House();
        equal((await house.run(script, options)).exitCode, expected);
      },
    });
  }
}

Deno.test({
  ignore,
  name: "exec: both output streams keep their order",
  async fn(): Promise<void> {
    await using house = new House();
    const { output } = await house.run("for i in 1 2 3; do echo out $i; echo err $i >&2; done");
    equal(output, "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
  },
});

Deno.test({
  ignore,
  name: "exec: terminate lets a command tidy up",
  async fn(): Promise<void> {
    await using house = new House();
    for (const options of [{}, { bare: true }, { tty: true }, { tty: true, bare: true }]) {
      const session = await house.start("trap 'echo tidy; exit 5' TERM; echo up; sleep 300 & wait", options);
      await session.outputReady();
      await session.terminate();
      deepEqual([session.exit?.exitCode, session.aggregatedOutput().replaceAll("\r", "")], [5, "up\ntidy\n"]);
    }
  },
});

Deno.test({
  ignore,
  name: "exec: terminate ends what ignores it and all that it started",
  async fn(): Promise<void> {
    await using house = new House();
    for (const [index, options] of [{}, { bare: true }, { tty: true }, { tty: true, bare: true }].entries()) {
      const marker = `34567${index}.25`;
      const script =
        `trap '' TERM HUP; sleep ${marker} & (trap '' TERM HUP; exec sleep ${marker}1) & echo up; wait; wait`;
      const session = await house.start(script, options);
      await session.outputReady();
      ok(await isRunning(`sleep ${marker}`));
      await session.terminate();
      equal(session.exit?.exitCode, 137);
      await until("all processes are gone", async () => !await isRunning(`sleep ${marker}`));
    }
  },
});

Deno.test({
  ignore,
  name: "sandbox: what a command leaves in the background ends with it",
  async fn(): Promise<void> {
    await using house = new House();
    const { exitCode } = await house.run("setsid nohup sleep 345680.5 >/dev/null 2>&1 & disown; exit 0");
    equal(exitCode, 0);
    await until("the orphan is gone", async () => !await isRunning("sleep 345680.5"));
  },
});

Deno.test({
  ignore,
  name: "sandbox: missing protected names leave nothing behind, also with sandboxes at the same time",
  async fn(): Promise<void> {
    await using house = new House();
    const first = await house.start("ls -A; sleep 300");
    await first.outputReady();
    equal(first.takeNewOutput(), ".agents\n.codex\n.git\n");
    equal((await house.run("mkdir .git/x; touch a")).exitCode, 0);
    deepEqual(house.names(), [".agents", ".codex", ".git", "a"]);
    await first.terminate();
    deepEqual(house.names(), ["a"]);
    await Deno.mkdir(`${house.workspace}/.agents`);
    equal((await house.run("touch .agents/x")).exitCode, 1);
    deepEqual(house.names(), [".agents", "a"]);
  },
});

Deno.test({
  ignore,
  name: "sandbox: fifty at a time all start, all are protected, and leave nothing",
  async fn(): Promise<void> {
    await using house = new House();
    const script = "(touch .git/x || mkdir .agents || rmdir .codex) 2>/dev/null || echo held";
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => {
      return house.run(script, { tty: index % 2 === 0 });
    }));
    deepEqual(outcomes.map(({ output }) => output.trim()), outcomes.map(() => "held"));
    deepEqual(house.names(), []);
  },
});

Deno.test({
  ignore,
  name: "sandbox: two programs in one workspace do not take each other's protection away",
  async fn(): Promise<void> {
    await using house = new House();
    const session = await house.start("echo up; sleep 300");
    await session.outputReady();
    await using other = startVictim(
      house,
      "pipes",
      "echo up; until [ -e go ]; do sleep 0.1; done; mkdir .git || echo held",
    );
    await other.waitForLine(/^up/);
    await session.terminate();
    deepEqual(house.names(), [".agents", ".codex", ".git"]);
    await Deno.writeTextFile(`${house.workspace}/go`, "");
    await other.exit();
    deepEqual([other.stdoutLines.at(-1), house.names()], ["held", ["go"]]);
  },
});

Deno.test({
  ignore,
  name: "sandbox: folders that a killed program left are cleared by the next sandbox",
  async fn(): Promise<void> {
    await using house = new House();
    await Deno.mkdir(`${house.workspace}/.codex`);
    await Deno.chmod(`${house.workspace}/.codex`, 0o1755);
    await house.run("true");
    deepEqual(house.names(), []);
  },
});

Deno.test({
  ignore,
  name: "sandbox: a repository made outside while a command runs is kept",
  async fn(): Promise<void> {
    await using house = new House();
    const session = await house.start("echo up; sleep 300");
    await session.outputReady();
    await Deno.writeTextFile(`${house.workspace}/.git/HEAD`, "ref: refs/heads/main\n");
    await session.terminate();
    deepEqual(house.names(".git"), ["HEAD"]);
  },
});

for (const streams of ["pipes", "tty"] as const) {
  Deno.test({
    ignore,
    name: `sandbox: when this program is killed, the command on ${streams} dies and nothing stays`,
    async fn(): Promise<void> {
      await using house = new House();
      const marker = streams === "tty" ? "345691.5" : "345690.5";
      const script = `trap '' HUP TERM; echo up; (sleep ${marker}); sleep ${marker}`;
      await using victim = startVictim(house, streams, script);
      await victim.waitForLine(/^up/);
      deepEqual(house.names(), [".agents", ".codex", ".git"]);
      victim.signal("SIGKILL");
      await until("the command is gone", async () => !await isRunning(`sleep ${marker}`));
      await until("the folders are gone", () => house.names().length === 0);
    },
  });
}

Deno.test({
  ignore,
  name: "sandbox: the caretaker of mount points does not keep this program, nor outlive it",
  async fn(): Promise<void> {
    await using house = new House();
    await using victim = startVictim(house, "pipes", "echo up; exit 4");
    equal((await victim.exit()).code, 4);
  },
});

Deno.test({
  ignore,
  name: "sandbox: what somebody makes under a protected name right after a run is theirs: no caretaker removes it",
  async fn(): Promise<void> {
    await using house = new House();
    const before = await caretakers();
    const { command, args } = codexCommand();
    const words = [...args, "sandbox", "--full-auto", "--", "true"];
    const { code } = await run({ command, args: words }, {
      cwd: house.workspace,
      env: { HOME: house.folder, PATH: "/usr/bin:/bin", CODEX_HOME: house.folder },
    });
    equal(code, 0);
    await Deno.writeTextFile(`${house.workspace}/.codex`, "");
    await Deno.mkdir(`${house.workspace}/.agents`);
    await until("the caretakers of that run end", async () => {
      return (await caretakers()).every((pid) => before.includes(pid));
    });
    deepEqual(house.names(), [".agents", ".codex"]);
  },
});

async function caretakers(): Promise<string[]> {
  const { stdout } = await run({ command: "pgrep", args: ["-f", "codex-sandbox-caretaker"] });
  return stdout.split("\n").filter((pid) => pid !== "");
}
