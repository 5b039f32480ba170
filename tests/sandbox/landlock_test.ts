// Landlock instead of bubblewrap (features.use_legacy_landlock): what it holds, as root and as an ordinary user, and what
// it refuses to begin with. Where this kernel has no Landlock, that is refused too, and nothing else can be shown.
import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import { landlockVersion } from "../../src/host/landlock.ts";
import { openRestrictCalls } from "../../src/host/restrict_calls.ts";
import { createLandlockLauncher } from "../../src/sandbox/linux/landlock_launch.ts";
import { FULL_NETWORK, NO_NETWORK, type SandboxPlan } from "../../src/sandbox/plan.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { run } from "../support/process.ts";
import { NO_HOSTS, READ_ONLY_PLAN } from "../support/sandbox_plans.ts";
import { ensureTools } from "../support/tools.ts";
import { type Attempt, Attempts, type User } from "./attempts.ts";
import { House, planFor, whyNoSandbox } from "./house.ts";

const noSandbox = await whyNoSandbox();
const version = Deno.build.os === "linux" ? landlockVersion(openRestrictCalls()) : 0;
const skipReason = noSandbox ?? (version < 6 ? `Landlock is version ${version} here` : null);
const ignore = skipReason !== null;
const options = { ignore };
if (ignore) Deno.test.ignore(`Landlock tests are skipped: ${skipReason}`, () => {});
else await ensureTools(["gcc", "git", "make"], () => {});

const readOnly = (house: House): SandboxPlan => ({ ...READ_ONLY_PLAN, cwd: house.workspace, legacyLandlock: true });
const writable = (house: House): SandboxPlan => ({ ...readOnly(house), writable: [house.workspace] });

const CALLS = [
  ...["tcp", "udp", "ipv6", "serve-tcp", "netlink", "stream", "seqpacket", "abstract-stream", "dgram-connect"],
  ...["dgram-sendmsg", "abstract-sendmsg", "dgram-sendto", "dgram-sendmmsg", "pair-sendmsg"],
  ...["read-memory", "write-memory", "memory-file", "trace", "trace-child", "signal", "signal-group"],
  ...["descriptor-of", "root-folder", "current-folder", "environment", "limits"],
  ...["queue", "shared-memory", "posix-queue", "posix-memory"],
  ...["keyring", "add-key", "request-key", "io-uring", "perf", "userfault", "unshare-user", "clone-user"],
];
const OF_ROOT = [
  ...["raw", "packet", "enter-namespace", "kernel-log", "host-name", "watch-all-files", "by-handle", "device"],
  ...[
    "mount-folder",
    "mount-bind",
    "new-mount",
    "copy-tree",
    "mount-attributes",
    "change-root",
    "unshare-mounts",
    "bpf",
  ],
];
/** What the bubblewrap sandbox hides and this one only protects: other processes can be seen. */
const STEERING: readonly Attempt[] = [
  { name: "weight of another process", script: 'renice -n 19 -p "$NEIGHBOUR"' },
  { name: "processors of another process", script: 'taskset -p 1 "$NEIGHBOUR"' },
];
const python = (call: string): string => `python3 -c 'import os; ${call}'`;
const FILES: readonly Attempt[] = [
  { name: "write beside", script: "touch ../outside" },
  { name: "append", scene: "echo x > a", script: "echo y >> ../a" },
  { name: "empty", scene: "echo x > e", script: "truncate -s 0 ../e" },
  { name: "empty at opening", scene: "echo x > o", script: python('os.open("../o", os.O_RDONLY | os.O_TRUNC)') },
  { name: "remove", scene: "echo x > r", script: "rm -f ../r; [ ! -e ../r ]" },
  { name: "remove a folder", scene: "mkdir d", script: "rmdir ../d" },
  { name: "move in", scene: "echo x > m", script: "mv ../m m && [ ! -e ../m ]" },
  { name: "move out", script: "touch n; mv n ../n" },
  { name: "hard link in", scene: "echo x > h", script: "ln ../h h && echo y >> h" },
  { name: "hard link out", script: "touch l; ln l ../l" },
  { name: "link and follow", script: "ln -s .. up; touch up/through" },
  { name: "make a fifo", script: "mkfifo ../fifo" },
  { name: "by another view", script: 'touch "/proc/self/root$HOUSE/view"' },
  { name: "attribute", scene: "echo x > x", script: python('os.setxattr("../x", "user.x", b"x")') },
  { name: "set-user-id mode", scene: "echo x > s", script: "chmod u+s ../s" },
  { name: "shared memory of the machine", script: "touch /dev/shm/$$-codex && rm /dev/shm/$$-codex" },
];
/** Metadata, which access rules do not cover: denied where nothing is writable. */
const METADATA: readonly Attempt[] = [
  { name: "write here", script: "touch here" },
  { name: "mode", scene: "echo x > ws/m", script: "chmod 600 m" },
  { name: "times", scene: "echo x > ws/t", script: "touch -t 200001010000 t" },
  { name: "group", scene: "echo x > ws/g", script: "chgrp $(id -g) g" },
];

if (!ignore) {
  const attempts = await Attempts.open();
  Deno.test.afterAll(() => attempts.close());
  const users: readonly User[] = Deno.uid() === 0 ? ["this user", "an ordinary user"] : ["this user"];
  const rows = (names: readonly string[], onlyRoot = false): Attempt[] =>
    names.map((name) => ({ name, script: `timeout 20 "$ATTEMPT" ${name}`, onlyRoot }));
  for (const user of users) {
    Deno.test(`landlock: system calls do not get out (${user})`, () =>
      attempts.proveTogether([...rows(CALLS), ...STEERING], user, writable));
    Deno.test(`landlock: files outside stay as they are (${user})`, () =>
      attempts.proveTogether(FILES, user, writable));
    Deno.test(`landlock: read-only holds for metadata too (${user})`, () =>
      attempts.proveTogether(METADATA, user, readOnly));
    if (users.length > 1) {
      Deno.test(`landlock: what only root may do, nobody does (${user})`, () =>
        attempts.proveTogether(rows(OF_ROOT, true), user, writable));
    }
  }
}

Deno.test({
  ...options,
  name: "landlock: a terminal cannot be typed into, and is the command's own",
  async fn(): Promise<void> {
    await using house = new House();
    const script = `python3 -c 'import fcntl; fcntl.ioctl(0, 0x5412, b"x")' || echo held; echo told > /dev/tty`;
    match((await house.run(script, { plan: readOnly(house), tty: true })).output, /not permitted[^]*held\r\ntold\r\n/);
  },
});

Deno.test({
  ...options,
  name: "landlock: the command takes our place, with its exit code, without capabilities, with its streams alone",
  async fn(): Promise<void> {
    await using house = new House();
    const script =
      `exec 2>&1; touch made; echo parent $PPID; grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status | cut -f2 | sort -u
      set -- /proc/$$/fd/*; echo descriptors $#; echo "$CODEX_SANDBOX_NETWORK_DISABLED"; exit 44`;
    const { exitCode, output } = await house.run(script, { plan: writable(house) });
    const bounding = Deno.uid() === 0 ? [] : [...output.matchAll(/^0*[1-9a-f][0-9a-f]*$/gm)].map(([line]) => line);
    deepEqual(output.split("\n").filter((line) => !bounding.includes(line)), [
      `parent ${Deno.pid}`,
      "0000000000000000",
      "descriptors 4",
      "1",
      "",
    ]);
    equal(exitCode, 44);
    equal((await house.run("kill -9 $$", { plan: readOnly(house) })).exitCode, 137);
    ok(house.names().includes("made"));
  },
});

Deno.test({
  ...options,
  name: "landlock: usual tools work in a writable folder",
  async fn(): Promise<void> {
    await using house = new House();
    const script = `set -e; export TMPDIR=$PWD; echo 'int main(void) { return 7; }' > a.c; gcc a.c -o a; ./a || echo $?
      printf 'all:\\n\\t@echo made\\n' > Makefile; make -s; mkdir d; cp -a a.c d; mv d e; tar cf t.tar e; tar xf t.tar
      git init -q r; cd r; touch f; git add f; git -c user.name=n -c user.email=e commit -qm one; git log --format=%s
      python3 -c 'import threading; t = threading.Thread(target=print, args=("thread",)); t.start(); t.join()'; nice true`;
    const { exitCode, output } = await house.run(script, { plan: writable(house) });
    deepEqual([exitCode, output], [0, "7\nmade\none\nthread\n"]);
  },
});

Deno.test({
  ...options,
  name: "landlock: what access rules cannot hold is refused before anything runs",
  async fn(): Promise<void> {
    await using house = new House();
    const plan = writable(house);
    const rows: readonly (readonly [Partial<SandboxPlan>, RegExp])[] = [
      [{ readable: { everything: false, platform: true, roots: [] } }, /cannot show only some folders/],
      [{ hidden: [`${house.folder}/secret`] }, /cannot hide "\/var\/tmp\/.*\/secret"/],
      [{ hiddenPatterns: [`${house.workspace}/**/*.env`] }, /cannot hide .*\*\.env/],
      [{ protected: [`${house.workspace}/.git`] }, /cannot keep \/var\/tmp\/.*\/ws\/\.git as it is/],
      [{ network: { access: "proxy", rules: NO_HOSTS, unixSockets: [], loopbackPorts: [] } }, /some hosts only/],
      [{ network: { ...NO_NETWORK, loopbackPorts: [5432] } }, /single loopback ports/],
      [{ network: { ...NO_NETWORK, unixSockets: ["/run/x"] } }, /single unix sockets/],
      [{ network: { ...FULL_NETWORK, unixSockets: [] } }, /single unix sockets/],
    ];
    for (const [change, problem] of rows) {
      await rejects(house.run("touch ran", { plan: { ...plan, ...change } }), (error: unknown) => {
        ok(error instanceof CodexError);
        match(error.message, problem);
        deepEqual([error.code, error.hint?.includes("bubblewrap can")], ["SANDBOX_UNSUPPORTED", true]);
        return true;
      });
    }
    await rejects(house.run("touch ran", { plan: { ...planFor(house.workspace), legacyLandlock: true } }), /\.codex/);
    deepEqual(house.names(), []);
  },
});

Deno.test("landlock: a kernel without it, or with one that does not hold, is refused by name", () => {
  for (const [has, problem] of [[0, /this kernel has none/], [2, /version 2 of it/]] as const) {
    throws(() => createLandlockLauncher({ architecture: "x86_64", uid: 0, version: has }), (error: unknown) => {
      ok(error instanceof CodexError);
      match(error.message, problem);
      deepEqual([error.code, error.hint?.includes("Linux 6.2")], ["SANDBOX_UNAVAILABLE", true]);
      return true;
    });
  }
});

Deno.test({
  ...options,
  name: "landlock: codex sandbox --enable use_legacy_landlock",
  async fn(): Promise<void> {
    await using house = new House();
    const codex = codexCommand();
    const sandbox = async (...words: readonly string[]): Promise<readonly unknown[]> => {
      const { code, stdout, stderr } = await run({ ...codex, args: [...codex.args, "sandbox", "linux", ...words] }, {
        cwd: house.workspace,
        env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: house.folder, CODEX_HOME: house.folder },
      });
      return [code, stdout, stderr];
    };
    const landlock = ["--enable", "use_legacy_landlock"];
    deepEqual(await sandbox(...landlock, "--", "sh", "-c", "echo out; echo err >&2; exit 7"), [7, "out\n", "err\n"]);
    deepEqual((await sandbox(...landlock, "--", "no-such-program"))[0], 127);
    const [, , report] = await sandbox(...landlock, "--log-denials", "--", "touch", "../outside");
    match(String(report), /write to \/var\/tmp\/.*\/outside refused: the sandbox is read-only/);
    const [code, , stderr] = await sandbox(...landlock, "--full-auto", "--", "touch", "ran");
    deepEqual([code, /Landlock cannot keep .*\.git/.test(String(stderr))], [1, true]);
    const profile = `default_permissions = "open"\n[features]\nuse_legacy_landlock = true\n[permissions.open.filesystem]
":root" = "read"
":project_roots" = { "." = "write", ".git" = "write", ".codex" = "write", ".agents" = "write" }\n`;
    await Deno.writeTextFile(`${house.folder}/config.toml`, profile);
    deepEqual(await sandbox("--", "sh", "-c", "mkdir .git; touch ../outside 2>/dev/null || echo held"), [
      0,
      "held\n",
      "",
    ]);
    deepEqual(house.names(), [".git"]);
  },
});
