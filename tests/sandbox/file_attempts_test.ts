// Ways out by files: links, renames, other views of the disk, devices, programs with rights of their own.
import { type Attempt, Attempts } from "./attempts.ts";
import { type House, planFor, whyNoSandbox } from "./house.ts";
import type { SandboxPlan } from "../../src/sandbox/plan.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;
if (ignore) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});

const SECRET = "echo secret > secret";
const REPOSITORY = "mkdir -p ws/.git/hooks ws/other; echo 'ref: refs/heads/main' > ws/.git/HEAD";
const WORKTREE = [
  "mkdir -p ws/deep/er/repository/worktrees/w ws/other",
  "echo ../.. > ws/deep/er/repository/worktrees/w/commondir",
  "echo gitdir: $PWD/ws/deep/er/repository/worktrees/w > ws/.git",
].join("\n");
const ROOTS_WITH_GIT = "mkdir -p outer/middle/inner/.git; touch outer/middle/inner/.git/config";
const HARD_LINK = "ln ../outer/middle/inner/.git/config ../outer/second && echo x >> ../outer/second";
const ROOTS = "mkdir -p outer/middle/inner/.git outer/other";
const rootInRoot = (house: House): SandboxPlan =>
  planFor(house.workspace, {
    type: "workspaceWrite",
    writableRoots: [`${house.folder}/outer`, `${house.folder}/outer/middle/inner`],
  });

/** RENAME_EXCHANGE: both names stay, so that nothing is removed. */
function exchange(one: string, other: string): string {
  const call = `ctypes.CDLL(None).renameat2(-100, b"${one}", -100, b"${other}", 2)`;
  return `python3 -c 'import ctypes; raise SystemExit(-${call})'`;
}

const IN_MEMORY = `python3 -c '
import os
fd = os.memfd_create("program", 0)
os.write(fd, open("/usr/bin/touch", "rb").read())
os.execv(f"/proc/self/fd/{fd}", ["touch", "../outside"])'`;

const ATTEMPTS: readonly Attempt[] = [
  { name: "write through a link", script: "ln -s .. up && touch up/outside" },
  { name: "write through a link to a file", scene: SECRET, script: "ln -s ../secret s && echo x >> s" },
  { name: "hard link a file from outside", scene: SECRET, script: "ln ../secret s && echo x >> s" },
  { name: "hard link a protected file", scene: REPOSITORY, script: "ln .git/HEAD head && echo x >> head" },
  { name: "hard link a file of a root into another root", scene: ROOTS_WITH_GIT, script: HARD_LINK, plan: rootInRoot },
  { name: "rename a file from outside into reach", scene: SECRET, script: "mv -n ../secret here; [ ! -e ../secret ]" },
  { name: "rename a file to outside", script: "touch x && mv x ../outside" },
  { name: "remove a file outside", scene: SECRET, script: "rm -f ../secret; [ ! -e ../secret ]" },
  { name: "change the mode of a file outside", scene: SECRET, script: "chmod 777 ../secret" },
  { name: "make a fifo outside", script: "mkfifo ../fifo" },
  {
    name: "set an attribute of a file outside",
    scene: SECRET,
    script: `python3 -c 'import os; os.setxattr("../secret", "user.x", b"x")'`,
  },
  { name: "reopen a descriptor for writing", scene: SECRET, script: "exec 5< ../secret; echo x > /proc/self/fd/5" },
  { name: "exchange .git for another folder", scene: REPOSITORY, script: exchange("other", ".git") },
  { name: "change the mode of a protected folder", scene: REPOSITORY, script: "chmod 700 .git" },
  { name: "change the times of a protected file", scene: REPOSITORY, script: "touch -t 200001010000 .git/HEAD" },
  { name: "truncate a protected file", scene: REPOSITORY, script: "truncate -s 0 .git/HEAD" },
  { name: "rename the workspace", script: "cd .. && mv ws moved" },
  { name: "rename a root in a root", scene: ROOTS, script: "mv ../outer/middle/inner ../outer/x", plan: rootInRoot },
  { name: "rename a folder above a root", scene: ROOTS, script: "mv ../outer/middle ../outer/x", plan: rootInRoot },
  {
    name: "exchange above a root",
    scene: ROOTS,
    script: exchange("../outer/other", "../outer/middle"),
    plan: rootInRoot,
  },
  { name: "write to .git of a root", scene: ROOTS, script: "touch ../outer/middle/inner/.git/x", plan: rootInRoot },
  { name: "rename a folder above the git folder", scene: WORKTREE, script: "mv deep shallow" },
  { name: "rename the folder of the git folder", scene: WORKTREE, script: "mv deep/er deep/est" },
  { name: "exchange a folder above the git folder", scene: WORKTREE, script: exchange("other", "deep") },
  { name: "write a hook of the shared repository", scene: WORKTREE, script: "mkdir deep/er/repository/hooks" },
  { name: "rewrite the gitfile", scene: WORKTREE, script: "echo gitdir: /evil > .git" },
  { name: "remove the gitfile", scene: WORKTREE, script: "rm -f .git; [ ! -e .git ]" },
  { name: "write through /proc/self/root", script: "touch /proc/self/root$HOUSE/outside" },
  {
    name: "write through the folder of a child",
    script: "sleep 9 > /dev/null 2>&1 & cd /proc/$!/cwd && touch ../outside; result=$?; kill $!; exit $result",
  },
  { name: "write from a program in memory", script: IN_MEMORY },
  { name: "gain rights by a setuid program", script: "! setpriv -d | grep -q 'no_new_privs: 1'" },
  { name: "see the host's devices", script: "[ -c /dev/kmsg ] || [ -b /dev/vda ] || [ -b /dev/sda ]" },
  { name: "see shared memory of the host", script: "[ -e /dev/shm/$POSIX_MEMORY ]" },
  {
    name: "make a control group",
    script: "for g in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $g/codex-t && rmdir $g/codex-t && exit 0; done; exit 1",
    onlyRoot: true,
  },
  { name: "set a parameter of the kernel", script: "exec 3>> /sys/kernel/mm/ksm/run", onlyRoot: true },
];

if (!ignore) {
  const attempts = await Attempts.open();
  Deno.test.afterAll(() => attempts.close());
  attempts.register("file", ATTEMPTS, ignore);
}
