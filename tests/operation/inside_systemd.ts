// Runs inside of the booted systemd (boot_systemd.sh) as root: installs the service, drives it as an operator and as a
// client would, and writes what it saw to /meet/facts.json. It judges nothing; systemd_test.ts does.
import { projectRoot } from "../support/codex_under_test.ts";
import { connectWebSocket, type RawClient } from "../support/json_rpc.ts";
import { startModelStandIn } from "../support/model_stand_in.ts";
import { run, waitUntil } from "../support/process.ts";
import { configText } from "../support/workspace.ts";

const UNIT = "codex-app-server.service";
const facts: Record<string, unknown> = {};

/** Runs a command line; its output, or an error that has all of it. */
async function sh(script: string): Promise<string> {
  const { code, stdout, stderr } = await run({ command: "bash", args: ["-c", script] });
  if (code !== 0) throw new Error(`${script}: exit ${code}\n${stdout}${stderr}`);
  return stdout.trim();
}

interface Service {
  /** systemctl and what selects its manager. */
  readonly ctl: string;
  readonly home: string;
  readonly port: number;
  readonly token?: string;
}

function show(service: Service, property: string): Promise<string> {
  return sh(`${service.ctl} show ${UNIT} --property ${property} --value`);
}

async function connect(service: Service): Promise<RawClient> {
  const client = await connectWebSocket(`ws://127.0.0.1:${service.port}`, service.token);
  await client.initialize();
  return client;
}

/** Starts a thread whose commands are sandboxed in `ws` of the home. */
async function startThread(client: RawClient, { home }: Service, approvalPolicy = "never"): Promise<string> {
  const { thread } = await client.request("thread/start", {
    cwd: `${home}/ws`,
    sandbox: "workspace-write",
    approvalPolicy,
  });
  return thread.id;
}

async function prepareHome(home: string, baseUrl: string): Promise<void> {
  await sh(`install -d -m 700 -o codex ${home} ${home}/ws`);
  await Deno.writeTextFile(`${home}/config.toml`, configText({ baseUrl, trusted: [`${home}/ws`] }));
}

/** What a sandboxed command may do under the confinement of the unit, and what it sees of the service manager. */
async function runCommand(client: RawClient, service: Service): Promise<unknown> {
  const threadId = await startThread(client, service);
  const script =
    "touch inside; touch ../outside || echo kept out; env | grep -cE '^(NOTIFY_|WATCHDOG|INVOCATION_ID|JOURNAL_STREAM|CREDENTIALS|SYSTEMD_)'";
  await client.turn(threadId, `%sh:${script}`);
  const done = client.notifications("item/completed").map(({ params }) => params.item)
    .find(({ type }) => type === "commandExecution");
  const exists = (path: string): Promise<boolean> => Deno.stat(path).then(() => true, () => false);
  return {
    output: done?.aggregatedOutput?.replace(/^touch:.*\n/gm, ""),
    inside: await exists(`${service.home}/ws/inside`),
    outside: await exists(`${service.home}/outside`),
  };
}

async function systemService(baseUrl: string): Promise<void> {
  const home = "/var/lib/codex";
  await sh(`useradd --system --home-dir ${home} --shell /usr/sbin/nologin codex`);
  await prepareHome(home, baseUrl);
  const unit = `/etc/systemd/system/${UNIT}`;
  await sh(`codex app-server install-service --system --log-level info > ${unit}.steps 2>&1 ||
    codex app-server install-service --system --log-level info --dry-run > ${unit}`);
  await sh(
    `mkdir -p ${unit}.d && printf '[Service]\\nWatchdogSec=4\\nBindReadOnlyPaths=${projectRoot()}\\n' > ${unit}.d/soon.conf`,
  );
  await sh("install -d -m 700 -o codex /etc/codex && runuser -u codex -- codex app-server token new /etc/codex/token");
  const service = { ctl: "systemctl", home, port: 4500, token: await sh("cat /etc/codex/token") };
  await sh(`systemctl daemon-reload && systemctl start ${UNIT}`);
  const first = await show(service, "MainPID");
  // Started means ready: no waiting for the port.
  const client = await connect(service);
  facts.command = await runCommand(client, service);
  facts.status = await waitUntil("STATUS=", async () => {
    const text = await show(service, "StatusText");
    return text === "1 client, 0 running turns" && text;
  });
  await sh("runuser -u codex -- codex app-server token new --force /etc/codex/token");
  await sh(`systemctl reload ${UNIT}`);
  const rotated = { ...service, token: await sh("cat /etc/codex/token") };
  facts.reload = {
    samePid: await show(service, "MainPID") === first,
    oldToken: await connectWebSocket("ws://127.0.0.1:4500", service.token).then(() => "taken", () => "refused"),
    newToken: await connect(rotated).then((one) => one.close()).then(() => "taken", () => "refused"),
    oldClient: await client.request("model/list", {}).then(() => "goes on", String),
  };
  // A process that does nothing any more is noticed.
  await sh(`kill -STOP ${first}`);
  await waitUntil("another process", async () => {
    return await show(service, "NRestarts") !== "0" && await show(service, "ActiveState") === "active";
  });
  facts.watchdog = { restarts: await show(service, "NRestarts"), client: client.closed?.code === undefined };
  const next = await connect(rotated);
  await sh(`kill -KILL ${await show(service, "MainPID")}`);
  await waitUntil("one more", async () => {
    return await show(service, "NRestarts") === "2" && await show(service, "ActiveState") === "active";
  });
  await next.close();
  const last = await connect(rotated);
  const threadId = await startThread(last, rotated);
  await last.request("turn/start", { threadId, input: [{ type: "text", text: "%slow:30", text_elements: [] }] });
  await last.waitFor("the answer begins", ({ method }) => method === "item/agentMessage/delta");
  await sh(`systemctl stop ${UNIT}`);
  facts.stop = {
    turn: last.notifications("turn/completed").map(({ params }) => params.turn.status),
    closed: last.closed,
    result: await show(service, "Result"),
    state: await show(service, "ActiveState"),
  };
  facts.journal = await sh(`journalctl --unit ${UNIT} --output cat --no-pager | grep -E 'waiting up to|listening on'`);
}

/** A manager of the user's own, as a login session has one. */
async function userService(baseUrl: string): Promise<void> {
  const home = "/home/codex/.codex";
  await sh("install -d -m 755 -o codex /home/codex");
  await prepareHome(home, baseUrl);
  const uid = await sh("id -u codex");
  await sh(`install -d -m 700 -o codex /run/user/${uid}`);
  const as = `env XDG_RUNTIME_DIR=/run/user/${uid} HOME=/home/codex`;
  await sh(
    `systemd-run --quiet --unit user-manager --uid codex --property Delegate=yes --property Type=notify ` +
      `-E XDG_RUNTIME_DIR=/run/user/${uid} -E HOME=/home/codex /lib/systemd/systemd --user --log-target=null`,
  );
  const folder = "/home/codex/.config/systemd/user";
  await sh(`install -d -o codex /home/codex/.config /home/codex/.config/systemd ${folder}`);
  const own = `runuser -u codex -- ${as}`;
  await sh(
    `${own} codex app-server install-service --user --listen ws://127.0.0.1:4501 --ws-allow-other-users ` +
      `> /dev/null || ${own} codex app-server install-service --user --listen ws://127.0.0.1:4501 ` +
      `--ws-allow-other-users --dry-run > ${folder}/${UNIT}`,
  );
  const service = { ctl: `${own} systemctl --user`, home, port: 4501 };
  await sh(`${service.ctl} daemon-reload && ${service.ctl} enable --now ${UNIT}`);
  const client = await connect(service);
  facts.userCommand = await runCommand(client, service);
  facts.userStatus = await waitUntil("STATUS=", async () => {
    const text = await show(service, "StatusText");
    return text === "1 client, 0 running turns" && text;
  });
  await sh(`${service.ctl} stop ${UNIT}`);
  facts.userResult = await show(service, "Result");
}

try {
  const model = await startModelStandIn();
  await systemService(model.baseUrl);
  await userService(model.baseUrl);
} catch (error) {
  facts.error = String(error);
  facts.log = await sh(`journalctl --no-pager --output cat | tail -40`).catch(String);
}
await Deno.writeTextFile("/meet/facts.json", JSON.stringify(facts));
Deno.exit(0);
