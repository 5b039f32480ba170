// The agent on Windows, under wine: `codex app-server` over stdio runs commands of a scripted model through the helper,
// on pipes and on a pseudo-console, sandboxed and bare, and applies a patch. What Windows would refuse is not shown.
import assert from "node:assert/strict";
import { connectStdio } from "../support/json_rpc.ts";
import { addFilePatch, type ReplyItem } from "../support/model_script.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { configText } from "../support/workspace.ts";
import { makeHouse, startWine } from "./house.ts";

const wine = await startWine();

interface Row {
  readonly name: string;
  readonly sandbox: "workspace-write" | "danger-full-access";
  readonly call: ReplyItem;
  /** What the model is told. */
  readonly output: RegExp;
  readonly check?: (workspace: string) => Promise<void>;
}

function command(cmd: string, more: Record<string, unknown> = {}): ReplyItem {
  return { kind: "call", name: "exec_command", arguments: { cmd, shell: "cmd.exe", yield_time_ms: 20_000, ...more } };
}

const rows: readonly Row[] = [
  {
    name: "a sandboxed command writes in the workspace, both streams in its output",
    sandbox: "workspace-write",
    call: command("echo made>made.txt& echo out& echo err 1>&2& exit 3"),
    output: /Process exited with code 3[^]*out\r\nerr/,
    check: async (workspace) => assert.equal(await Deno.readTextFile(`${workspace}/made.txt`), "made\r\n"),
  },
  {
    name: "a bare command",
    sandbox: "danger-full-access",
    call: command("echo %CODEX_SANDBOX%bare"),
    output: /Process exited with code 0[^]*%CODEX_SANDBOX%bare|Process exited with code 0[^]*\nbare/,
  },
  {
    name: "a command on a terminal",
    sandbox: "workspace-write",
    // Wine gives a program on a pseudo-console no standard streams, where Windows gives it the console's.
    call: command("echo on a terminal>CON& exit 4", { tty: true }),
    output: /Process exited with code 4[^]*on a terminal/,
  },
  {
    name: "a patch",
    sandbox: "workspace-write",
    call: { kind: "custom", name: "apply_patch", input: addFilePatch("patched.txt") },
    output: /Success/,
    check: async (workspace) =>
      assert.match(await Deno.readTextFile(`${workspace}/patched.txt`), /added by the stand-in/),
  },
];

for (const row of rows) {
  Deno.test(`agent on Windows: ${row.name}`, async () => {
    await using house = await makeHouse(wine);
    const model = await startModelStandIn({
      script: ({ round }) => ({ kind: "items", items: round === 0 ? [row.call] : [{ kind: "text", text: "Done." }] }),
    });
    try {
      await Deno.writeTextFile(`${house.scratch.path}/home/config.toml`, configText({ baseUrl: model.baseUrl }));
      const line = house.wine.command([house.scratch.windows("codex.exe")], { ...house.env });
      const { client, server } = connectStdio(line, {});
      await using _server = server;
      await using _client = client;
      const { userAgent, platformOs } = await client.initialize();
      assert.equal(platformOs, "windows", userAgent);
      const cwd = house.scratch.windows("ws");
      const { thread } = await client.request("thread/start", { cwd, sandbox: row.sandbox, approvalPolicy: "never" });
      const { turn } = await client.turn(thread.id, "go");
      assert.equal(turn.status, "completed", JSON.stringify(turn.error));
      const said = JSON.stringify(model.requests.at(-1)?.body["input"]);
      const outputs = [...said.matchAll(/"output":("(?:[^"\\]|\\.)*")/g)].map((match) => JSON.parse(match[1]!));
      assert.match(outputs.join("\n"), row.output);
      await row.check?.(`${house.scratch.path}/ws`);
    } finally {
      await model.close();
    }
  });
}
