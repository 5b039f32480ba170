// A server that is left running, as its operator sees it: what it logs and what it never logs, what it counts, and
// what its audit log says of a whole conversation.
import assert from "node:assert/strict";
import parse from "parse-prometheus-text-format";
import { codexCommand } from "../support/codex_under_test.ts";
import { connectStdio, connectWebSocket, type Message, RawClient } from "../support/json_rpc.ts";
import { directiveScript, type ModelScript } from "../support/model_script.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { RunningProcess, waitUntil } from "../support/process.ts";
import { rawRequest } from "../support/raw_websocket.ts";
import { makeScratch, testEnv } from "../support/workspace.ts";

/** In everything that must not be logged. */
const MARK = "x3kmark";
const TOKEN = `${MARK}-token-0123456789abcdef`;

/** Whatever is asked, the model's words bear the mark too. */
const script: ModelScript = (turn) => {
  const reply = directiveScript(turn);
  if (reply.kind !== "items") return reply;
  return { ...reply, items: [{ kind: "reasoning", summary: `${MARK}-thought` }, ...reply.items] };
};

interface Operated extends AsyncDisposable {
  readonly server: RunningProcess;
  readonly url: string;
  readonly port: number;
  readonly auditFile: string;
  readonly workspace: string;
}

async function operate(env: Record<string, string>, more: readonly string[] = []): Promise<Operated> {
  const stack = new AsyncDisposableStack();
  const scratch = stack.use(await makeScratch());
  const model = await startModelStandIn({ script });
  stack.defer(() => model.close());
  const workspace = await scratch.workspace(`${MARK}-folder`);
  const home = await scratch.home("home", { baseUrl: model.baseUrl, provider: ['env_key = "MOCK_KEY"'] });
  await Deno.mkdir(`${home}/rules`);
  await Deno.writeTextFile(
    `${home}/rules/default.rules`,
    'prefix_rule(pattern = ["touch"], decision = "forbidden")\n',
  );
  const tokenFile = `${scratch.path}/token`;
  await Deno.writeTextFile(tokenFile, TOKEN, { mode: 0o600 });
  const { command, args } = codexCommand();
  const flags = ["--listen", "ws://127.0.0.1:0", "--ws-auth", "capability-token", "--ws-token-file", tokenFile];
  const server = stack.use(
    new RunningProcess({ command, args: [...args, "app-server", ...flags, ...more] }, {
      cwd: scratch.path,
      env: testEnv(home, { MOCK_KEY: `${MARK}-key`, ...env }),
    }),
  );
  const url = (await server.waitForLine(/(?:listening on: |Ready for clients.*)(ws:[^"\s]+)/))[1] ?? "";
  return {
    server,
    url,
    port: Number(new URL(url).port),
    auditFile: `${scratch.path}/audit.jsonl`,
    workspace,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A conversation with everything in it that may go wrong or be secret. Gives the thread's id. */
async function converse(client: RawClient, workspace: string): Promise<string> {
  const decisions = ["accept", "decline"];
  client.onAsk(() => ({ decision: decisions.shift() ?? "accept" }));
  await client.initialize("operator_test");
  const { thread } = await client.request("thread/start", {
    cwd: workspace,
    approvalPolicy: "untrusted",
    sandbox: "danger-full-access",
  });
  await client.turn(thread.id, `${MARK}-prompt %sh:printf ${MARK}-%s output; exit 3`);
  await client.turn(thread.id, `${MARK}-prompt %sh:printf declined`);
  await client.turn(thread.id, `${MARK}-prompt %sh:touch ${MARK}-file`);
  await client.turn(thread.id, `%say:${MARK}-answer`);
  await client.turn(thread.id, `${MARK}-prompt %failed`);
  await client.turn(thread.id, `%patch:${MARK}-added.txt`);
  for (const params of [{ threadId: 5, input: `${MARK}-params` }, { threadId: `${MARK}-id`, input: [] }]) {
    await client.requestRaw("turn/start", params);
  }
  await client.requestRaw(`no such ${MARK}-method`, {});
  client.sendText(`{"id": 7, "${MARK}-broken`);
  client.sendText(`["${MARK}-batch"]`);
  await client.waitFor("the answer to a batch", ({ error }) => /batches/.test(error?.message ?? ""));
  return thread.id;
}

Deno.test("a whole conversation at the finest level leaves nothing of it in the log", async () => {
  for (const form of ["json", "text"]) {
    await using operated = await operate({ LOG_FORMAT: form, RUST_LOG: "trace" });
    const { server, url, port, workspace } = operated;
    await assert.rejects(connectWebSocket(url, `${MARK}-wrong`));
    const odd = [`Authorization: Basic ${MARK}`, `X-${MARK}: ${MARK}`, `Cookie: ${MARK}`, `User-Agent: ${MARK}`];
    assert.equal((await rawRequest(port, `GET /${MARK}?token=${TOKEN} HTTP/1.1`, odd)).status, 400);
    const client = await connectWebSocket(url, TOKEN);
    await converse(client, workspace);
    await client.close();
    await server.waitForLine(/Client gone/);
    server.signal("SIGTERM");
    assert.equal((await server.exit()).code, 0);
    const lines = server.stderrLines;
    assert.ok(lines.some((line) => line.includes("Command ended")), "there is a log of it");
    assert.deepEqual(lines.filter((line) => line.includes(MARK)), []);
    if (form !== "json") continue;
    for (const line of lines) {
      const { timestamp, level, fields, target } = JSON.parse(line);
      assert.match(timestamp, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.match(level, /^(ERROR|WARN|INFO|DEBUG|TRACE)$/);
      assert.match(target, /^codex_app_server(::\w+)?$/);
      assert.equal(typeof fields.message, "string");
    }
  }
});

Deno.test("--audit-log tells who connected, who set it to work, who approved what, and which commands ran", async () => {
  await using operated = await operate({}, ["--audit-log", "audit.jsonl"]);
  const { server, url, auditFile, workspace } = operated;
  const client = await connectWebSocket(url, TOKEN);
  const threadId = await converse(client, workspace);
  await client.close();
  const text = async (): Promise<string> => await Deno.readTextFile(auditFile);
  await waitUntil("the record of the end", async () => (await text()).includes('"disconnected"'));
  // As logrotate does.
  await Deno.rename(auditFile, `${auditFile}.1`);
  await using next = await connectWebSocket(url, TOKEN);
  await next.initialize("second");
  server.signal("SIGTERM");
  assert.equal((await server.exit()).code, 0);

  const before = await Deno.readTextFile(`${auditFile}.1`);
  for (const hidden of [TOKEN, `${MARK}-prompt`, `${MARK}-output`, `${MARK}-answer`, `${MARK}-thought`]) {
    assert.equal(before.includes(hidden), false, hidden);
  }
  const records = before.trim().split("\n").map((line) => JSON.parse(line));
  const client1 = { connectionId: 1, clientName: "operator_test", subject: null };
  const ofThread = { threadId };
  const [turnIds, itemIds] = [new Set<string>(), new Set<string>()];
  const shown = records.map((record: Message) => {
    const { time, turnId, itemId, durationMs, ...rest } = record;
    assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    if (turnId !== undefined) turnIds.add(turnId);
    if (itemId !== undefined) itemIds.add(itemId);
    assert.ok(durationMs === undefined || durationMs === null || typeof durationMs === "number");
    return rest;
  });
  const turn = { event: "turn", ...client1, method: "turn/start", ...ofThread };
  const asked = { event: "approval", ...client1, ...ofThread, method: "item/commandExecution/requestApproval" };
  const ran = (command: string) => ({
    event: "command",
    ...ofThread,
    command: `/bin/bash -lc '${command}'`,
    cwd: workspace,
  });
  assert.deepEqual(shown, [
    { event: "started", version: shown[0].version, processId: server.pid },
    {
      event: "connected",
      connectionId: 1,
      origin: { transport: "ws", address: shown[1].origin.address, auth: "capability-token", subject: null },
    },
    { event: "initialized", connectionId: 1, clientName: "operator_test", clientVersion: "1.0.0" },
    turn,
    { ...asked, decision: "accept" },
    { ...ran(`printf ${MARK}-%s output; exit 3`), sandbox: "none", status: "failed", exitCode: 3 },
    turn,
    { ...asked, decision: "decline" },
    { ...ran("printf declined"), sandbox: "not run", status: "declined", exitCode: null },
    turn,
    { ...ran(`touch ${MARK}-file`), sandbox: "not run", status: "refused", exitCode: null },
    turn,
    turn,
    turn,
    { ...asked, method: "item/fileChange/requestApproval", decision: "accept" },
    { event: "disconnected", connectionId: 1, code: shown.at(-1).code },
  ]);
  assert.equal(turnIds.size, 6);
  assert.equal(itemIds.size, 4);
  const after = (await text()).trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(after.map(({ event }) => event), ["connected", "initialized", "disconnected", "stopped"]);
  for (const path of [auditFile, `${auditFile}.1`]) assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("--metrics answers Prometheus text to whoever may connect", async () => {
  await using operated = await operate({}, ["--metrics"]);
  const { url, port, workspace } = operated;
  const page = (headers: string[]): ReturnType<typeof rawRequest> => rawRequest(port, "GET /metrics HTTP/1.1", headers);
  assert.equal((await page([])).status, 401);
  assert.equal((await page([`Authorization: Bearer ${TOKEN}x`])).status, 401);
  await using client = await connectWebSocket(url, TOKEN);
  await converse(client, workspace);
  const { status, head, body } = await page([`Authorization: Bearer ${TOKEN}`]);
  assert.equal(status, 200);
  assert.match(head, /content-type: text\/plain; version=0\.0\.4/i);
  // The package has no types of its own.
  const families = (parse as unknown as (text: string) => Message[])(body);
  const valueOf = (name: string, labels?: Record<string, string>): string | undefined =>
    families.find((family) => family.name === name)?.metrics.find((metric: Message) =>
      JSON.stringify(metric.labels) === JSON.stringify(labels)
    )?.value;
  const rows: [name: string, labels: Record<string, string> | undefined, value: string][] = [
    ["codex_connections", { transport: "ws" }, "1"],
    ["codex_connections_opened_total", { transport: "ws" }, "1"],
    ["codex_handshakes_total", { outcome: "accepted" }, "1"],
    ["codex_handshakes_total", { outcome: "unauthorized" }, "2"],
    ["codex_requests_total", { method: "turn/start", outcome: "ok" }, "6"],
    ["codex_requests_total", { method: "turn/start", outcome: "-32600" }, "2"],
    ["codex_requests_total", { method: "unknown", outcome: "-32600" }, "1"],
    ["codex_turns_started_total", undefined, "6"],
    ["codex_turns_total", { status: "completed" }, "5"],
    ["codex_turns_total", { status: "failed" }, "1"],
    ["codex_turns_running", undefined, "0"],
    ["codex_threads_loaded", undefined, "1"],
    ["codex_queue_bytes", undefined, "0"],
  ];
  for (const [name, labels, value] of rows) {
    assert.equal(valueOf(name, labels), value, `${name} ${JSON.stringify(labels)}\n${body}`);
  }
  assert.ok(Number(valueOf("codex_model_tokens_total", { kind: "input" })) > 0);
  assert.ok(Number(valueOf("process_resident_memory_bytes")) > 10_000_000);
  assert.ok(Math.abs(Number(valueOf("process_start_time_seconds")) - Date.now() / 1000) < 120);
  assert.equal(body.includes(MARK), false);
});

Deno.test("a log that nobody reads does not stop the server", async () => {
  await using scratch = await makeScratch();
  const { command, args } = codexCommand();
  const child = new Deno.Command(command, {
    args: [...args, "app-server", "--listen", "ws://127.0.0.1:0", "--log-level", "trace"],
    env: testEnv(`${scratch.path}/home`),
    clearEnv: true,
    cwd: scratch.path,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  await Deno.mkdir(`${scratch.path}/home`);
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let seen = "";
    while (!/listening on: ws:\S+\s/.test(seen)) seen += (await reader.read()).value ?? "";
    await using client = await connectWebSocket(/listening on: (ws:\S+)/.exec(seen)?.[1] ?? "");
    await client.initialize();
    // Far more lines than pipes and streams hold.
    for (let round = 0; round < 100; round++) {
      await Promise.all(Array.from({ length: 100 }, () => client.request("model/list", {})));
    }
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
  } finally {
    await reader.cancel();
    await child.status;
  }
});

Deno.test("a log on a full disk does not stop the server", {
  // Only Linux has /dev/full.
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using scratch = await makeScratch();
  const home = `${scratch.path}/home`;
  await Deno.mkdir(home);
  const line = codexCommand();
  const quiet = { command: "sh", args: ["-c", 'exec "$0" "$@" 2>/dev/full', line.command, ...line.args] };
  const { client } = connectStdio(quiet, { cwd: scratch.path, env: testEnv(home, { RUST_LOG: "trace" }) });
  await using _ = client;
  await client.initialize();
  for (let count = 0; count < 10; count++) await client.request("model/list", {});
});
