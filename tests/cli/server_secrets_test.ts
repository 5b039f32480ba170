// A server that holds secrets: nobody reads them out of its memory or out of a core file, and that keeps it from nothing
// that a plain user's server does, its sandbox and its looks at /proc included.
import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket } from "../support/json_rpc.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { type CommandLine, run, RunningProcess } from "../support/process.ts";
import { configText, testEnv } from "../support/workspace.ts";

const NOBODY = 65_534;
const TOKEN = "a-token-that-nobody-may-see";

function asNobody({ command, args }: CommandLine): CommandLine {
  const identity = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return { command: "setpriv", args: [...identity, "--", command, ...args] };
}

/** Where a user without rights may be: folders of the tests' own user are closed to it. */
async function makeOpenFolder(): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "codex-secrets-" });
  await Deno.chown(folder, NOBODY, NOBODY);
  return folder;
}

async function isOpenToNobody(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const { command, args } = codexCommand();
  const needed = [command, ...args.filter((arg) => arg.startsWith("/"))];
  return (await run(asNobody({ command: "cat", args: needed })).catch(() => ({ code: 1 }))).code === 0;
}

Deno.test({
  name: "a plain user's server keeps its memory to itself and still runs commands in the sandbox",
  // Only root can become somebody else.
  ignore: !await isOpenToNobody(),
  async fn(): Promise<void> {
    await using cleanup = new AsyncDisposableStack();
    const folder = await makeOpenFolder();
    cleanup.defer(() => Deno.remove(folder, { recursive: true }));
    const model = await startModelStandIn();
    cleanup.defer(() => model.close());
    const [home, workspace, tokenFile] = [`${folder}/home`, `${folder}/ws`, `${folder}/token`];
    await Deno.mkdir(home);
    await Deno.mkdir(workspace);
    await Deno.writeTextFile(`${home}/config.toml`, configText({ baseUrl: model.baseUrl, trusted: [workspace] }));
    await Deno.writeTextFile(tokenFile, TOKEN, { mode: 0o600 });
    for (const path of [home, workspace, tokenFile, `${home}/config.toml`]) await Deno.chown(path, NOBODY, NOBODY);

    const { command, args } = codexCommand();
    const flags = ["--ws-auth", "capability-token", "--ws-token-file", tokenFile];
    // Core files as large as they like, were it for the limits alone.
    const words = ["-c", 'ulimit -c unlimited || true; exec "$@"', "sh", command, ...args];
    const line = asNobody({ command: "sh", args: [...words, "app-server", "--listen", "ws://127.0.0.1:0", ...flags] });
    const env = testEnv(home, { DENO_DIR: `${folder}/deno`, HOME: folder });
    const server = cleanup.use(new RunningProcess(line, { cwd: workspace, env }));
    const url = (await server.waitForLine(/listening on: (ws:\S+)/))[1] ?? "";
    const client = cleanup.use(await connectWebSocket(url, TOKEN));
    await client.initialize();
    const { thread } = await client.request("thread/start", {
      cwd: workspace,
      sandbox: "workspace-write",
      approvalPolicy: "never",
    });
    const { turn } = await client.turn(thread.id, "%sh:id -u && touch made && ! touch /var/tmp/not-made");
    assert.equal(turn.status, "completed", client.tail());
    const ran = client.notifications("item/completed").map(({ params }) => params.item)
      .find(({ type }) => type === "commandExecution");
    assert.equal(ran.exitCode, 0, ran.aggregatedOutput);
    assert.match(ran.aggregatedOutput, new RegExp(`^${NOBODY}$`, "m"));
    assert.ok(await Deno.stat(`${workspace}/made`));

    // Another program of the same user: the kernel lets it look at an ordinary process, and not at this one.
    const canRead = async (pid: number): Promise<boolean> =>
      (await run(asNobody({ command: "cat", args: [`/proc/${pid}/environ`] }))).code === 0;
    await using ordinary = new RunningProcess(asNobody({ command: "sh", args: ["-c", "echo up >&2; read line"] }), {
      stdin: true,
    });
    await ordinary.waitForLine(/up/);
    assert.deepEqual([await canRead(ordinary.pid), await canRead(server.pid)], [true, false]);
    server.signal("SIGABRT");
    assert.equal((await server.exit()).signal, "SIGABRT");
    const left = (await Array.fromAsync(Deno.readDir(workspace))).map(({ name }) => name).sort();
    assert.deepEqual(left, ["made"], "no core file");
    assert.equal(server.stderrLines.join("\n").includes(TOKEN), false);
  },
});
