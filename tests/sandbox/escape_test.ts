// Proves with real bubblewrap that a sandboxed command cannot get out: files, protected names, the kernel's settings,
// mounts, the network, descriptors. Each row is a script that tries; it runs as root and as an ordinary user.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { House, NOBODY, planFor, runAsNobody, whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const isRoot = Deno.uid() === 0;
const options = { ignore: skipReason !== null };

if (skipReason !== null) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});

/** Every script prints `held` when the sandbox held, and nothing else. */
const ESCAPES: readonly { readonly name: string; readonly script: string }[] = [
  { name: "writes beside the workspace", script: "touch ../outside || echo held" },
  { name: "writes to a system folder", script: "touch /usr/x || echo held" },
  { name: "writes to .git", script: "touch .git/hooks/x || echo held" },
  { name: "removes .git", script: "rm -rf .git; [ -f .git/HEAD ] && echo held" },
  { name: "moves .git away", script: "mv .git elsewhere || echo held" },
  { name: "mounts over .git", script: "mount -t tmpfs none .git || echo held" },
  { name: "unmounts what protects .git", script: "umount -l .git || umount .git || echo held" },
  { name: "makes .codex", script: "mkdir .codex 2>/dev/null; touch .codex/config.toml || echo held" },
  { name: "makes .codex as a file", script: "(echo x > .codex) || echo held" },
  { name: "makes .codex as a link", script: "ln -s /etc .codex 2>/dev/null; [ -L .codex ] || echo held" },
  { name: "renames a folder to .agents", script: "mkdir d; mv -T d .agents || echo held" },
  { name: "removes the missing .agents", script: "rmdir .agents || echo held" },
  { name: "changes a kernel setting", script: "(echo x > /proc/sys/kernel/core_pattern) || echo held" },
  { name: "asks for sysrq", script: "(echo h > /proc/sysrq-trigger) || echo held" },
  { name: "writes to /sys", script: "(echo 1 > /sys/kernel/mm/ksm/run) || echo held" },
  { name: "remounts the root", script: "mount -o remount,bind,rw / || echo held" },
  {
    name: "remounts in a namespace of its own",
    script: "unshare -Urm sh -c 'mount -o remount,bind,rw / && touch /usr/x' || echo held",
  },
  { name: "has capabilities", script: "grep -q 'CapEff:.*[1-9a-f]' /proc/self/status || echo held" },
  { name: "may gain privileges", script: "grep -q 'NoNewPrivs:.*1' /proc/self/status && echo held" },
  { name: "sees processes of the host", script: "[ $(ls -d /proc/[0-9]* | wc -l) -lt 12 ] && echo held" },
  { name: "sees queues of the host", script: "[ $(ipcs -q | grep -c 0x) = 0 ] && echo held" },
  { name: "opens a terminal", script: "(: < /dev/tty) || echo held" },
  // The shell lists its own: three and the folder that it reads.
  { name: "has descriptors beyond the standard ones", script: "set -- /proc/$$/fd/*; [ $# -le 4 ] && echo held" },
  { name: "uses the network", script: "(: > /dev/tcp/127.0.0.1/9) || echo held" },
  {
    name: "reads the kernel's keyring",
    script: "python3 -c 'import ctypes;l=ctypes.CDLL(None,use_errno=True);" +
      'r=l.syscall(250,0,-3,0);print("held" if r==-1 and ctypes.get_errno()==1 else "open")\'',
  },
];

const QUIET = "exec 2>/dev/null; ";

async function gitFolder(workspace: string): Promise<void> {
  await Deno.mkdir(`${workspace}/.git/hooks`, { recursive: true });
  await Deno.writeTextFile(`${workspace}/.git/HEAD`, "ref: refs/heads/main\n");
}

for (const { name, script } of ESCAPES) {
  Deno.test({
    ...options,
    name: `sandbox: a command that ${name} does not get out`,
    async fn(): Promise<void> {
      await using house = new House();
      await gitFolder(house.workspace);
      const { output } = await house.run(QUIET + script);
      equal(output.trim(), "held");
    },
  });
  Deno.test({
    ...options,
    ignore: options.ignore || !isRoot,
    name: `sandbox: a command of an ordinary user that ${name} does not get out`,
    async fn(): Promise<void> {
      await using house = new House();
      await gitFolder(house.workspace);
      for (const path of ["", "/.git", "/.git/hooks", "/.git/HEAD"]) {
        Deno.chownSync(house.workspace + path, NOBODY, NOBODY);
      }
      const plan = planFor(house.workspace);
      const { output } = await runAsNobody(await house.finder.find(plan), plan, QUIET + script);
      equal(output.trim(), "held");
    },
  });
}

Deno.test({
  ...options,
  name: "sandbox: a workspace is writable, a read-only one is not",
  async fn(): Promise<void> {
    await using house = new House();
    equal((await house.run("mkdir -p a/b && echo x > a/b/c")).exitCode, 0);
    const refused = await house.run("touch x", { policy: { type: "readOnly" } });
    deepEqual([refused.exitCode, refused.sandboxDenied], [1, true]);
    deepEqual(house.names(), ["a"]);
  },
});

Deno.test({
  ...options,
  name: "sandbox: /tmp and named roots are writable unless left out",
  async fn(): Promise<void> {
    await using house = new House();
    const extra = `${house.folder}/extra`;
    await Deno.mkdir(extra);
    const script = `touch ${extra}/x; f=$(mktemp /tmp/codex-test-XXXXXX) && rm "$f" && echo tmp`;
    const open = await house.run(script, { policy: { type: "workspaceWrite", writableRoots: [extra] } });
    equal(open.output, "tmp\n");
    ok(Deno.statSync(`${extra}/x`).isFile);
    const closed = await house.run("touch /tmp/x", { policy: { type: "workspaceWrite", excludeSlashTmp: true } });
    match(closed.output, /Read-only file system/);
  },
});

Deno.test({
  ...options,
  name: "sandbox: a gitfile, the folder it points to and the shared repository are read-only",
  async fn(): Promise<void> {
    await using house = new House();
    const git = `${house.workspace}/deep/repository/worktrees/w`;
    await Deno.mkdir(git, { recursive: true });
    await Deno.writeTextFile(`${git}/commondir`, "../..\n");
    await Deno.writeTextFile(`${house.workspace}/.git`, `gitdir: ${git}\n`);
    const { output } = await house.run(
      QUIET + `(echo x > .git) || echo 1; touch ${git}/x || echo 2; touch deep/repository/config || echo 3; ` +
        "mv deep shallow || echo 4; touch deep/y && echo 5",
    );
    equal(output, "1\n2\n3\n4\n5\n");
  },
});

Deno.test({
  ...options,
  name: "sandbox: a root inside a protected folder is opened by naming it",
  async fn(): Promise<void> {
    await using house = new House();
    await gitFolder(house.workspace);
    const policy = { type: "workspaceWrite" as const, writableRoots: [`${house.workspace}/.git`] };
    equal((await house.run("touch .git/index.lock", { policy })).exitCode, 0);
  },
});

Deno.test({
  ...options,
  name: "sandbox: no address of the network is reached, local stream pairs still work",
  async fn(): Promise<void> {
    await using house = new House();
    const log = await Deno.makeTempDir({ prefix: "codex-test-" });
    const listener = Deno.listen({ transport: "unix", path: `${log}/stream.sock` });
    try {
      const { output } = await house.run(`python3 - <<'END'
import socket
def attempt(name, work):
    try:
        work()
        print(name, "works")
    except OSError as error:
        print(name, error.errno)
attempt("inet", lambda: socket.socket(socket.AF_INET))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("unix datagram", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
attempt("unix raw", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_RAW))
attempt("datagram pair", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
attempt("unix connect", lambda: socket.socket(socket.AF_UNIX).connect("${log}/stream.sock"))
a, b = socket.socketpair()
attempt("pair", lambda: (a.send(b"x"), b.recv(1)))
attempt("addressed", lambda: a.sendto(b"x", "${log}/stream.sock"))
END`);
      equal(
        output,
        "inet 1\nnetlink 1\nvsock 1\nunix datagram 1\nunix raw 1\ndatagram pair 1\nunix connect 1\npair works\n" +
          "addressed 1\n",
      );
    } finally {
      listener.close();
      await Deno.remove(log, { recursive: true });
    }
  },
});

Deno.test({
  ...options,
  name: "sandbox: with the network on, the network of the host is there",
  async fn(): Promise<void> {
    await using house = new House();
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = listener.accept();
    const policy = { type: "workspaceWrite" as const, networkAccess: true };
    const script = `: > /dev/tcp/127.0.0.1/${listener.addr.port} && echo "reached $CODEX_SANDBOX_NETWORK_DISABLED"`;
    const { output } = await house.run(script, { policy });
    equal(output, "reached \n");
    (await accepted).close();
    listener.close();
    equal((await house.run("echo $CODEX_SANDBOX_NETWORK_DISABLED")).output, "1\n");
  },
});

Deno.test({
  ...options,
  ignore: options.ignore || Deno.build.arch !== "x86_64",
  name: "sandbox: system calls of another ABI kill",
  async fn(): Promise<void> {
    await using house = new House();
    // int 0x80 with the i386 number of getpid.
    const code = "b814000000cd80c3";
    const { exitCode } = await house.run(`python3 -c '
import ctypes, mmap
code = bytes.fromhex("${code}")
memory = mmap.mmap(-1, len(code), prot=7)
memory.write(code)
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()
'`);
    equal(exitCode, 128 + 31);
  },
});

Deno.test({
  ...options,
  name: "sandbox: a plan with few readable roots shows those and the system, nothing else",
  async fn(): Promise<void> {
    await using house = new House();
    await Deno.writeTextFile(`${house.workspace}/open`, "open\n");
    await Deno.writeTextFile(`${house.folder}/secret`, "secret\n");
    const access = { type: "restricted" as const, readableRoots: [house.workspace] };
    const { output } = await house.run(QUIET + "cat open; cat ../secret || echo absent; touch /x || echo held", {
      policy: { type: "readOnly", access },
    });
    equal(output, "open\nabsent\nheld\n");
  },
});
