// Lists of unix sockets under bubblewrap: a command reaches those on the list, in every way that programs do it, and no
// other by any way; and when nobody is left who decides, it is refused at once.
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { spawnProcess } from "../../src/host/process.ts";
import { FULL_NETWORK, type NetworkPlan, NO_NETWORK, type SandboxPlan } from "../../src/sandbox/plan.ts";
import { codexCommand } from "../support/codex_under_test.ts";
import { run, RunningProcess } from "../support/process.ts";
import { NO_HOSTS } from "../support/sandbox_plans.ts";
import { ensureTools } from "../support/tools.ts";
import { AS_NOBODY, House, NOBODY, planFor, until, whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
const ignore = skipReason !== null;
// Sessions and the caretaker of mount points of the shared finder stay.
const options = { ignore, sanitizeOps: false, sanitizeResources: false };
if (ignore) Deno.test.ignore(`tests of unix sockets are skipped: ${skipReason}`, () => {});
else await ensureTools(["python3", "ssh"], () => {});

const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;
const USERS = isRoot ? ["this user", "an ordinary user"] as const : ["this user"] as const;
const PROGRAMS = new URL("sockets/", import.meta.url);

/** A house with servers beside the workspace: `open` and `packets` are for the command, others are not. */
class Scene implements AsyncDisposable {
  readonly house: House;
  readonly server: RunningProcess;
  readonly abstract: string;

  private constructor(house: House, server: RunningProcess, abstract: string) {
    this.house = house;
    this.server = server;
    this.abstract = abstract;
  }

  static async open(user: typeof USERS[number] = "this user"): Promise<Scene> {
    const house = new House();
    for (const name of ["server.py", "client.py"]) {
      await Deno.copyFile(new URL(name, PROGRAMS), `${house.folder}/${name}`);
    }
    const before = user === "this user" ? [] : AS_NOBODY;
    if (before.length > 0) {
      for (const path of [house.folder, house.workspace]) await Deno.chown(path, NOBODY, NOBODY);
    }
    const abstract = crypto.randomUUID();
    const sockets = ["stream:open", "seqpacket:packets", "stream:shut", "full:full"].map((word) =>
      word.replace(":", `:${house.folder}/`)
    );
    const [command = "", ...args] = [
      ...before,
      "python3",
      `${house.folder}/server.py`,
      ...sockets,
      `abstract:${abstract}`,
    ];
    const server = new RunningProcess({ command, args }, { stdin: true });
    await server.waitForLine(/^READY/);
    await Deno.symlink(`${house.folder}/open`, `${house.folder}/link`);
    return new Scene(house, server, abstract);
  }

  path(name: string): string {
    return `${this.house.folder}/${name}`;
  }

  client(...words: readonly string[]): string {
    return `python3 ../client.py ${words.join(" ")}`;
  }

  plan(unixSockets: NetworkPlan["unixSockets"], network: Partial<NetworkPlan> = NO_NETWORK): SandboxPlan {
    // Only the kind of network differs.
    return { ...planFor(this.house.workspace), network: { ...network, unixSockets } as NetworkPlan };
  }

  async lines(script: string, plan: SandboxPlan | null): Promise<string[]> {
    const { output } = await this.house.run(script, plan === null ? { bare: true } : { plan });
    return output.trimEnd().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.closeStdin();
    await this.server.exit();
    await this.server.stop();
    await this.house[Symbol.asyncDispose]();
  }
}

const ECHO = "pong ping";

for (const user of USERS) {
  Deno.test({
    ...options,
    name: `sockets: codex sandbox reaches those on the list and no other (${user})`,
    async fn(): Promise<void> {
      await using scene = await Scene.open(user);
      const { house } = scene;
      const settings = `[sandbox_workspace_write]\nallow_unix_sockets = ["${scene.path("open")}"]\n`;
      await Deno.writeTextFile(`${house.folder}/config.toml`, settings);
      const codex = codexCommand();
      const script = scene.client(`stream:${scene.path("open")}`, `stream:${scene.path("shut")}`) + "; exit 7";
      const words = [codex.command, ...codex.args, "sandbox", "linux", "--full-auto", "--", "sh", "-c", script];
      const outcome = async (argv: readonly string[]): Promise<readonly unknown[]> => {
        const [command = "", ...args] = [...(user === "this user" ? [] : AS_NOBODY), ...argv];
        const { code, stdout, stderr } = await run({ command, args }, {
          cwd: house.workspace,
          env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: house.folder, CODEX_HOME: house.folder },
        });
        return [code, stdout, stderr];
      };
      deepEqual(await outcome(["sh", "-c", script]), [7, `stream: ${ECHO}\nstream: ${ECHO}\n`, ""]);
      deepEqual(await outcome(words), [7, `stream: ${ECHO}\nstream: EPERM\n`, ""]);
    },
  });

  Deno.test({
    ...options,
    name: `sockets: keys of an ssh-agent can be used (${user})`,
    async fn(): Promise<void> {
      await using scene = await Scene.open(user);
      const { house } = scene;
      const agent = scene.path("agent");
      const before = user === "this user" ? [] : AS_NOBODY;
      const as = async (...argv: readonly string[]): Promise<string> => {
        const [command = "", ...args] = [...before, ...argv];
        const env = {
          PATH: "/usr/local/bin:/usr/bin:/bin",
          HOME: house.folder,
          CODEX_HOME: house.folder,
          SSH_AUTH_SOCK: agent,
        };
        const { stdout, stderr } = await run({ command, args }, { cwd: house.workspace, env });
        return stdout + stderr;
      };
      const [command = "", ...args] = [...before, "ssh-agent", "-D", "-a", agent];
      await using server = new RunningProcess({ command, args });
      await until("the agent listens", () => server.stdoutLines.length > 0);
      await as("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a key", "-f", scene.path("key"));
      await as("ssh-add", "-q", scene.path("key"));
      const codex = codexCommand();
      const sandbox = [codex.command, ...codex.args, "sandbox", "linux", "-c", 'sandbox_mode="workspace-write"'];
      const listed = ["-c", `sandbox_workspace_write.allow_unix_sockets=["$SSH_AUTH_SOCK"]`];
      match(await as("ssh-add", "-l"), /a key \(ED25519\)/);
      match(await as(...sandbox, ...listed, "--", "ssh-add", "-l"), /a key \(ED25519\)/);
      match(await as(...sandbox, "--", "ssh-add", "-l"), /not permitted/);
    },
  });
}

Deno.test({
  ...options,
  name: "sockets: streams, packets, threads, programs, relative names and links, with the socket's own flags",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const open = scene.path("open");
    const script = scene.client(
      ...["stream", "nonblocking", "flags", "threads", "relative", "program"].map((name) => `${name}:${open}`),
      `seqpacket:${scene.path("packets")}`,
      `stream:${scene.path("link")}`,
      `stream:${scene.house.folder}/./ws/../open`,
    );
    const expected = [
      `stream: ${ECHO}`,
      `nonblocking: ${ECHO}`,
      "flags: [True, 1, (0, 0), 'pong copy', True, True]",
      `threads: (['${ECHO}'], 8)`,
      `relative: ${ECHO}`,
      `program: stream: ${ECHO}`,
      `seqpacket: ${ECHO}`,
      `stream: ${ECHO}`,
      `stream: ${ECHO}`,
    ];
    deepEqual(await scene.lines(script, null), expected);
    const plan = scene.plan([open, scene.path("packets")]);
    deepEqual(await scene.lines(script, plan), expected);
    equal((await scene.house.run(scene.client(`stream:${open}`), { plan, tty: true })).output, `stream: ${ECHO}\r\n`);
  },
});

Deno.test({
  ...options,
  name: "sockets: addresses and descriptors that are none get the system's answer, or a refusal",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const script = `${scene.client(`odd:${scene.path("open")}`)} < /dev/null`;
    const answers = (unknown: string, tooLong: string): string[] => {
      const words = ["EINVAL", "EINVAL", "EINVAL", "EFAULT", "EFAULT", unknown, tooLong];
      return [`odd: [${[...words, "EBADF", "EBADF", "ENOTSOCK", "0"].map((word) => `'${word}'`).join(", ")}]`];
    };
    deepEqual(await scene.lines(script, null), answers("ENOENT", "ECONNREFUSED"));
    deepEqual(await scene.lines(script, scene.plan([scene.path("open")])), answers("EPERM", "EPERM"));
  },
});

Deno.test({
  ...options,
  name: "sockets: no way to another: names, abstract ones, datagrams, serving, planted links, TCP",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const shut = scene.path("shut");
    const words = [
      `stream:${shut}`,
      `abstract:${scene.abstract}`,
      `tcp:${port}`,
      "serve:served",
      `planted:link=${shut}`,
    ];
    const clean = "rm -f served link";
    deepEqual(await scene.lines(`${scene.client(...words)}; ${clean}`, null), [
      ...[`stream: ${ECHO}`, `abstract: ${ECHO}`, "tcp: connected", "serve: None", `planted: ${ECHO}`],
    ]);
    const plan = scene.plan([scene.path("open"), `${scene.house.workspace}/link`]);
    deepEqual(await scene.lines(`${scene.client(...words, "datagram:x")}; ${clean}`, plan), [
      // The last but one is on the list: a file that is not there yet. A link that comes leads nowhere.
      ...["stream: EPERM", "abstract: EPERM", "tcp: EPERM", "serve: EPERM", "planted: EACCES", "datagram: EPERM"],
    ]);
    listener.close();
    await Deno.symlink(shut, `${scene.house.workspace}/link`);
    await rejects(
      scene.lines("touch ran", plan),
      /"\/var\/tmp\/.*\/ws\/link" is a link that a sandboxed command could/,
    );
    equal(scene.house.names().includes("ran"), false);
  },
});

Deno.test({
  ...options,
  name: "sockets: where the command may rename files, the file of the start counts",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const ws = scene.house.workspace;
    const listed = `stream:${ws}/listed`;
    const servers = [listed, `stream:${ws}/other`];
    const script = `${scene.client(listed)}; mv listed kept; mv other listed; ${scene.client(listed)}
      mv listed other; mv kept listed; ${scene.client(listed)}; mv other absent; ${scene.client(`stream:${ws}/absent`)}
      mv absent other`;
    await using server = new RunningProcess(
      { command: "python3", args: [scene.path("server.py"), ...servers] },
      { stdin: true },
    );
    await server.waitForLine(/^READY/);
    const through = `stream: ${ECHO}`;
    deepEqual(await scene.lines(script, null), Array(4).fill(through));
    const plan = scene.plan([`${ws}/listed`, `${ws}/absent`]);
    deepEqual(await scene.lines(script, plan), [through, "stream: EACCES", through, "stream: EACCES"]);
  },
});

Deno.test({
  ...options,
  name: "sockets: one that comes later is reached, and none is a plain error",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const late = scene.path("late");
    const session = await scene.house.start(
      `mkfifo go; ${scene.client(`stream:${late}`)}; cat go > /dev/null; ${scene.client(`stream:${late}`)}`,
      { plan: scene.plan([late]) },
    );
    await until("the first attempt", () => session.aggregatedOutput().includes("stream: ENOENT"));
    await using server = new RunningProcess(
      { command: "python3", args: [scene.path("server.py"), `stream:${late}`] },
      { stdin: true },
    );
    await server.waitForLine(/^READY/);
    await Deno.writeTextFile(`${scene.house.workspace}/go`, "go\n");
    await session.exited;
    equal(session.aggregatedOutput(), `stream: ENOENT\nstream: ${ECHO}\n`);
  },
});

Deno.test({
  ...options,
  name: "sockets: a server that takes nobody holds up nobody but its client, which can be ended",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const plan = scene.plan([scene.path("full"), scene.path("open")]);
    const words = [`full:${scene.path("full")}`, `timed:${scene.path("full")}`];
    const expected = ["full: EAGAIN", "timed: EAGAIN"];
    deepEqual(await scene.lines(scene.client(...words), null), expected);
    deepEqual(await scene.lines(scene.client(...words), plan), expected);
    const waiting = await scene.house.start(`echo waits; ${scene.client(`waiting:${scene.path("full")}`)}`, { plan });
    await until("it waits", () => waiting.aggregatedOutput().includes("waits"));
    const many = Array.from({ length: 6 }, () => scene.lines(scene.client(`threads:${scene.path("open")}`), plan));
    deepEqual(new Set((await Promise.all(many)).flat()), new Set([`threads: (['${ECHO}'], 8)`]));
    equal(waiting.exit, null);
    await waiting.terminate();
    equal(waiting.aggregatedOutput(), "waits\n");
  },
});

Deno.test({
  ...options,
  name: "sockets: beside a network of its own, where the command connects as it likes",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen(): void {} }, () => new Response("web\n"));
    const { port } = server.addr;
    const rules = {
      ...NO_HOSTS,
      domains: [{ pattern: "localhost", access: "allow" as const }],
      allowLocalBinding: true,
    };
    const plan = scene.plan([scene.path("open")], { access: "proxy", rules, loopbackPorts: [] });
    const words = [
      `stream:${scene.path("open")}`,
      `stream:${scene.path("shut")}`,
      `abstract:${scene.abstract}`,
      "own:",
    ];
    const script = `curl -sS http://localhost:${port}/; ${scene.client(...words)}`;
    const own = "own: ['own', 'own', 'ECONNREFUSED', 'own', 'own', 'ECONNREFUSED', 9]";
    deepEqual(await scene.lines(script, null), ["web", ...Array(2).fill(`stream: ${ECHO}`), `abstract: ${ECHO}`, own]);
    const inside = await scene.lines(script, plan);
    deepEqual(inside, ["web", `stream: ${ECHO}`, "stream: EPERM", "abstract: EPERM", own]);
    await server.shutdown();
  },
});

Deno.test({
  ...options,
  name: "sockets: all of them, and no network beside",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const words = [
      `stream:${scene.path("shut")}`,
      `seqpacket:${scene.path("packets")}`,
      `abstract:${scene.abstract}`,
      "tcp:9",
    ];
    const expected = [`stream: ${ECHO}`, `seqpacket: ${ECHO}`, "abstract: ECONNREFUSED", "tcp: EPERM"];
    deepEqual(await scene.lines(scene.client(...words), scene.plan("all")), expected);
    await rejects(scene.lines("true", scene.plan([], FULL_NETWORK)), /whole network and not all unix sockets/);
  },
});

Deno.test({
  ...options,
  name: "sockets: without somebody who decides there is no start, and no wait",
  async fn(): Promise<void> {
    await using scene = await Scene.open();
    const plan = scene.plan([scene.path("open")]);
    const launcher = await scene.house.finder.find(plan);
    const start = async (
      script: string,
      whenStarted: (release: () => Promise<void>) => Promise<void>,
    ): Promise<string> => {
      const launch = await launcher.prepare(plan, {
        argv: ["/bin/bash", "-c", script],
        cwd: plan.cwd,
        env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
        ownTerminal: false,
      });
      let output = "";
      const spawn = () =>
        spawnProcess(launch.spec.argv, {
          cwd: plan.cwd,
          env: launch.spec.env,
          stdin: "pipe",
          stdout: "pipe",
          stderr: "pipe",
          extraFds: [...launch.spec.extraFds, "read"],
          onOutput: (chunk) => void (output += new TextDecoder().decode(chunk)),
        });
      const isGone = script.startsWith("touch");
      if (isGone) await launch.release();
      const child = await spawn();
      if (!isGone) await until("it runs", () => output.includes("runs\n"));
      await whenStarted(() => isGone ? Promise.resolve() : launch.release());
      child.closeStdin();
      await child.exited;
      await child.outputEnded;
      return output;
    };
    const client = scene.client(`stream:${scene.path("open")}`);
    equal(
      await start(`${client}; echo runs; read -r end; ${client}`, (release) => release()),
      `stream: ${ECHO}\nruns\nstream: ENOSYS\n`,
    );
    match(await start("touch ran", () => Promise.resolve()), /Cannot reach the supervisor of the sandbox/);
    ok(!scene.house.names().includes("ran"));
  },
});
