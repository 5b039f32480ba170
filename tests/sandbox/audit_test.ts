// What the audit log says of commands in real sandboxes, of one that left its sandbox, and of one that could not start.
import assert from "node:assert/strict";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectWebSocket, startWebSocketServer } from "../support/json_rpc.ts";
import { directiveScript, type ModelScript } from "../support/model_script.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";
import { whyNoSandbox } from "./house.ts";

const skipReason = await whyNoSandbox();
if (skipReason !== null) Deno.test.ignore(`sandbox tests are skipped: ${skipReason}`, () => {});

/** "nowhere" is a command in a folder that does not exist. */
const script: ModelScript = (turn) => {
  const reply = directiveScript(turn);
  if (turn.userText !== "nowhere" || turn.round > 0) return reply;
  const call = { cmd: "pwd", workdir: "no/such/folder" };
  return { kind: "items", items: [{ kind: "call", name: "exec_command", arguments: call }] };
};

Deno.test("--audit-log names the sandbox that each command ran in", { ignore: skipReason !== null }, async () => {
  await using scratch = await makeScratch();
  const model = await startModelStandIn({ script });
  try {
    const workspace = await scratch.workspace();
    const home = await scratch.home("home", { baseUrl: model.baseUrl });
    const auditFile = `${scratch.path}/audit.jsonl`;
    const { server, url } = await startWebSocketServer(codexCommand(), {
      cwd: scratch.path,
      env: testEnv(home),
      args: ["--audit-log", auditFile],
    });
    await using _ = server;
    const client = await connectWebSocket(url);
    client.onAsk(() => ({ decision: "accept" }));
    await client.initialize();
    const start = async (sandbox: string, approvalPolicy: string): Promise<string> =>
      (await client.request("thread/start", { cwd: workspace, sandbox, approvalPolicy })).thread.id;
    const writer = await start("workspace-write", "on-request");
    await client.turn(writer, "%sh:echo in > inside.txt");
    await client.turn(writer, "%esc:echo out > outside.txt");
    await client.turn(writer, "nowhere");
    await client.turn(await start("read-only", "never"), "%sh:echo no > refused.txt");
    await client.close();
    server.signal("SIGTERM");
    assert.equal((await server.exit()).code, 0);
    const records = (await Deno.readTextFile(auditFile)).trim().split("\n").map((line) => JSON.parse(line));
    const commands = records.filter(({ event }) => event === "command").map((record) => [
      record.command.replace(/^.* -lc /, ""),
      record.cwd.slice(workspace.length),
      record.sandbox,
      record.status,
      record.exitCode,
    ]);
    assert.deepEqual(commands, [
      ["'echo in > inside.txt'", "", "workspace-write", "completed", 0],
      ["'echo out > outside.txt'", "", "none", "completed", 0],
      ["pwd", "/no/such/folder", "not run", "failed", null],
      ["'echo no > refused.txt'", "", "read-only", "failed", 1],
    ]);
  } finally {
    await model.close();
  }
});
