// Fourteen weaknesses that sandboxes of this kind were found to have, by number. Each was tried on another program and
// got through there; here each is tried again, as root and as an ordinary user, and outside of the sandbox first.
import { deepEqual, equal, match } from "node:assert/strict";
import { planSandbox, type SandboxPlan } from "../../src/sandbox/plan.ts";
import { type Attempt, Attempts } from "./attempts.ts";
import { exists, House, makeFinder, planFor, until, whyNoSandbox } from "./house.ts";
import { killWithAll, startVictim } from "./victims.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;
if (ignore) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});

const REPOSITORY = "mkdir -p ws/.git/hooks; echo 'ref: refs/heads/main' > ws/.git/HEAD";
const ONLY_ROOT = { onlyRoot: true };
const readOnly = (house: House) => planFor(house.workspace, { type: "readOnly" });

/** Writes what is there already: harmless where it gets through. */
const rewrite = (path: string): string => `value=$(cat ${path}) && printf %s "$value" > ${path}`;

const ATTEMPTS: readonly Attempt[] = [
  // 1: root keeps its rights.
  { name: "1 remount the root", script: "mount -o remount,bind,rw / && touch ../outside", ...ONLY_ROOT },
  {
    name: "1 mount over a read-only folder",
    script: "mount -t tmpfs none .git && umount .git",
    scene: REPOSITORY,
    ...ONLY_ROOT,
  },
  { name: "1 enter the neighbour's namespace", script: '"$ATTEMPT" enter-namespace', ...ONLY_ROOT },
  { name: "1 keep capabilities", script: "grep -q 'CapBnd:.*[1-9a-f]' /proc/self/status" },
  // 2: the settings of the machine.
  { name: "2 set core_pattern", script: rewrite("/proc/sys/kernel/core_pattern"), ...ONLY_ROOT },
  { name: "2 set the host name", script: rewrite("/proc/sys/kernel/hostname"), ...ONLY_ROOT },
  { name: "2 set a limit of memory", script: rewrite("/proc/sys/vm/overcommit_memory"), ...ONLY_ROOT },
  { name: "2 set where interrupts go", script: rewrite("/proc/irq/default_smp_affinity"), ...ONLY_ROOT },
  {
    name: "2 set core_pattern, read-only",
    script: rewrite("/proc/sys/kernel/core_pattern"),
    plan: readOnly,
    ...ONLY_ROOT,
  },
  // 3: datagrams to named sockets of the host.
  { name: "3 sendmsg to a named socket", script: '"$ATTEMPT" dgram-sendmsg' },
  { name: "3 sendmsg to a named socket, read-only", script: '"$ATTEMPT" dgram-sendmsg', plan: readOnly },
  { name: "3 sendmsg from a pair", script: '"$ATTEMPT" pair-sendmsg' },
  { name: "3 sendmsg to an abstract socket", script: '"$ATTEMPT" abstract-sendmsg' },
  // 5: protected names that are missing or links.
  { name: "5 plant a git hook", script: "mkdir -p .git/hooks && echo evil > .git/hooks/pre-commit" },
  { name: "5 plant a git hook by rename", script: "mkdir -p git/hooks && mv -T git .git" },
  { name: "5 plant a gitfile", script: "echo gitdir: /evil > .git" },
  { name: "5 plant settings", script: "mkdir -p .codex && echo evil > .codex/config.toml" },
  { name: "5 plant skills", script: "mkdir -p .agents/skills && touch .agents/skills/evil" },
  { name: "5 plant a link", script: "ln -sT /tmp .agents" },
  { name: "5 plant in /tmp", script: "mkdir -p /tmp/.agents/codex-test && rmdir /tmp/.agents/codex-test /tmp/.agents" },
  {
    name: "5 replace .git that is a link",
    scene: "mkdir -p ws/real; ln -s real ws/.git",
    script: "rm .git && mkdir .git && touch .git/evil",
  },
  {
    name: "5 write through .codex that is a link",
    scene: "mkdir -p ws/real; ln -s real ws/.codex",
    script: "touch real/config.toml",
  },
  {
    name: "5 make the target of a dangling .codex",
    scene: "ln -s nothing ws/.codex",
    script: "mkdir nothing && touch .codex/config.toml",
  },
  {
    name: "5 replace .git that leads out of the workspace",
    scene: "mkdir -p real; ln -s ../real ws/.git",
    script: "ln -sfn /tmp .git",
  },
  {
    name: "5 write to what .agents leads to in another root",
    scene: "mkdir -p other/skills; ln -s ../other/skills ws/.agents",
    script: "touch ../other/skills/evil",
    plan: (house) => planFor(house.workspace, { type: "workspaceWrite", writableRoots: [`${house.folder}/other`] }),
  },
  {
    name: "5 turn a link on the way from .codex",
    scene: "mkdir ws/real; ln -s real ws/way; ln -s way ws/.codex",
    script: "ln -sfn /tmp way",
  },
  // 11: the host's queues.
  { name: "11 a queue of the host", script: '"$ATTEMPT" queue' },
  { name: "11 shared memory of the host", script: '"$ATTEMPT" shared-memory' },
  // 13: a hostile TMPDIR.
  ...["/", "//", "/.", "/var/..", "/var/tmp/../..", "$HOME"].map((tmpdir): Attempt => ({
    name: `13 TMPDIR=${tmpdir}`,
    script: "touch ../outside",
    plan: (house) => planWithTmpdir(house, tmpdir === "$HOME" ? house.folder : tmpdir),
  })),
  // 14: other families of sockets.
  { name: "14 udp", script: '"$ATTEMPT" udp' },
  { name: "14 netlink", script: '"$ATTEMPT" netlink' },
  { name: "14 vsock", script: '"$ATTEMPT" vsock' },
  { name: "14 packets", script: '"$ATTEMPT" packet', ...ONLY_ROOT },
  { name: "14 packets, read-only", script: '"$ATTEMPT" packet', plan: readOnly, ...ONLY_ROOT },
];

function planWithTmpdir(house: House, tmpdir: string): SandboxPlan {
  const context = { cwd: house.workspace, tmpdir, codexHome: "/nonexistent/codex", home: house.folder };
  const plan = planSandbox({ type: "workspaceWrite" }, context);
  if (plan === null) throw new TypeError("workspace-write has a plan");
  return plan;
}

if (!ignore) {
  const attempts = await Attempts.open();
  Deno.test.afterAll(() => attempts.close());
  attempts.register("weakness", ATTEMPTS, ignore);
}

Deno.test({
  ignore,
  name: "weakness: 4 a descriptor that this program was started with is not there",
  async fn(): Promise<void> {
    await using house = new House();
    const script = "(echo leaked >&9) 2>/dev/null && echo got through || echo held";
    for (const [place, expected] of [["bare", "got through"], ["pipes", "held"], ["tty", "held"]] as const) {
      const leak = `${house.folder}/leak-${place}`;
      const line = place === "bare" ? `exec 9>${leak}; ${script}` : `exec 9>${leak}; exec "$@"`;
      await using victim = startVictim(house, place === "tty" ? "tty" : "pipes", script, [
        "/bin/bash",
        "-c",
        line,
        "-",
      ]);
      await victim.exit();
      deepEqual([place, victim.stdoutLines.at(-1)?.trim()], [place, expected]);
      equal(await Deno.readTextFile(leak), expected === "held" ? "" : "leaked\n");
    }
  },
});

for (const streams of ["pipes", "tty"] as const) {
  Deno.test({
    ignore,
    name: `weakness: 6, 7 all of ours is killed at once, a command on ${streams} dies; the next sandbox clears`,
    async fn(): Promise<void> {
      await using house = new House();
      await using victim = startVictim(house, streams, "trap '' HUP TERM INT; echo up; sleep 300; sleep 300");
      await victim.waitForLine(/^up/);
      const left = killWithAll(victim.pid);
      await until("every process is gone", () => left().length === 0);
      await house.run("true");
      deepEqual([house.names(), leftInTmp()], [[], []]);
    },
  });
}

Deno.test({
  ignore,
  name: "weakness: 6 a run that ends leaves nothing in the workspace nor in /tmp",
  async fn(): Promise<void> {
    await using house = new House();
    for (const policy of [{ type: "readOnly" }, { type: "workspaceWrite" }] as const) {
      equal((await house.run("true", { policy })).exitCode, 0);
      deepEqual([house.names(), leftInTmp()], [[], []]);
    }
  },
});

/** What others have put there, before any of these tests. */
const IN_TMP_BEFORE = namesInTmp();

/** Names that agents are instructed by. */
function namesInTmp(): string[] {
  return [...Deno.readDirSync("/tmp")].map(({ name }) => name).filter((name) => /^\.(git|codex|agents)$/.test(name));
}

function leftInTmp(): string[] {
  return namesInTmp().filter((name) => !IN_TMP_BEFORE.includes(name));
}

const FAKES: readonly (readonly [string, string, string])[] = [
  ["in the workspace", "ws", "PATH"],
  ["in the root of the repository, cwd below it", "ws/bin", "PATH"],
  ["in a writable root", "extra", "PATH"],
  ["in /tmp", "tmp", "PATH"],
  ["reached through a link", "ws/bin", "LINK"],
  ["reached by a relative PATH", "ws", "."],
  ["reached by an empty PATH entry", "ws", ""],
  ["reached by a path with ..", "ws/bin", "DOTS"],
];

for (const [name, place, how] of FAKES) {
  Deno.test({
    ignore,
    // The caretaker of this finder's mount points stays.
    sanitizeOps: false,
    sanitizeResources: false,
    name: `weakness: 8 a fake bwrap ${name} is not run`,
    async fn(): Promise<void> {
      await using house = new House();
      const cwd = `${house.workspace}/below`;
      await Deno.mkdir(cwd);
      await Deno.mkdir(`${house.workspace}/.git`);
      const temporary = await Deno.makeTempDir({ dir: "/tmp", prefix: "codex-test-" });
      try {
        const folder = place === "tmp" ? temporary : `${house.folder}/${place}`;
        await Deno.mkdir(folder, { recursive: true });
        const mark = `${house.folder}/mark`;
        const text = `#!/bin/sh\ntouch ${mark}\nexec /usr/bin/bwrap "$@"\n`;
        await Deno.writeTextFile(`${folder}/bwrap`, text, { mode: 0o755 });
        await Deno.symlink(folder, `${house.folder}/link`);
        const entry = { PATH: folder, LINK: `${house.folder}/link`, DOTS: `${folder}/../bin` }[how] ?? how;
        const searchPath = `${entry}:/usr/bin:/bin`;
        const shell = await new Deno.Command("/bin/bash", {
          args: ["-c", "bwrap --version"],
          env: { PATH: searchPath },
          cwd: how === "." || how === "" ? folder : cwd,
        }).output();
        deepEqual([shell.code, exists(mark)], [0, true], "a shell runs it");
        await Deno.remove(mark);
        const plan = planFor(how === "." || how === "" ? folder : cwd, {
          type: "workspaceWrite",
          writableRoots: [`${house.folder}/extra`],
        });
        const launcher = await makeFinder(searchPath).find(plan);
        const launch = await launcher.prepare(plan, { argv: ["true"], cwd: plan.cwd, env: {}, ownTerminal: false });
        await launch.release();
        equal(exists(mark), false);
        match(launch.spec.argv[0] ?? "", /^\/(?!var\/tmp|tmp)/);
      } finally {
        await Deno.remove(temporary, { recursive: true });
      }
    },
  });
}
