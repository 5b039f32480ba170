// Whole frames: the terminal UI on a terminal emulator against a scripted server, at the widths that people have.
import assert from "node:assert/strict";
import { visibleWidth } from "@earendil-works/pi-tui";
import { CodexError } from "../../../src/base/errors.ts";
import { createAppServerClient } from "../../../src/client/app_server_client.ts";
import { runTui, type RunTuiOptions } from "../../../src/tui/run_tui.ts";
import { type Answers, type ScriptedServer, startScriptedServer } from "../../support/scripted_app_server.ts";
import { openVirtualTerminal, type VirtualTerminal } from "../../support/virtual_terminal.ts";
import {
  agentItem,
  commandItem,
  patchItem,
  sampleStart,
  sampleThread,
  sampleTurn,
  THREAD_ID,
  userItem,
} from "../../support/wire_samples.ts";

interface Session extends Disposable {
  readonly terminal: VirtualTerminal;
  readonly server: ScriptedServer;
  readonly exitCode: Promise<number>;
}

interface SessionOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly answers?: Answers;
  readonly options?: Partial<RunTuiOptions>;
}

function openSession({ columns = 80, rows = 30, answers = {}, options = {} }: SessionOptions = {}): Session {
  const terminal = openVirtualTerminal(columns, rows);
  const server = startScriptedServer(answers);
  const exitCode = runTui({
    client: createAppServerClient(server.client),
    terminal: terminal.host,
    device: terminal.device,
    start: { kind: "new" },
    overrides: {},
    initialPrompt: null,
    remote: null,
    version: "0.120.0",
    environment: { HOME: "/home/user" },
    folder: "/home/user/project",
    addReadFolder: (path) => Promise.resolve(path),
    nowMs: () => Date.now(),
    ...options,
  });
  return { terminal, server, exitCode, [Symbol.dispose]: () => terminal.dispose() };
}

async function leave(session: Session): Promise<void> {
  press(session.terminal, "\x03\x03");
  assert.equal(await session.exitCode, 0);
}

/** Keys as a terminal sends them: one call a key. */
function press(terminal: VirtualTerminal, text: string): void {
  for (const key of text) terminal.type(key);
}

const turn = { turnId: "turn-1" };

function begin(server: ScriptedServer, text: string): void {
  server.notify("turn/started", { turn: sampleTurn("turn-1", "inProgress") });
  server.notify("item/completed", { ...turn, item: userItem(text) });
}

function end(server: ScriptedServer, status: "completed" | "interrupted" = "completed"): void {
  server.notify("turn/completed", { turn: sampleTurn("turn-1", status) });
}

const MESSAGE = "Here is **what** I found:\n\n| File | Lines |\n|---|---:|\n| a.ts | 12 |\n\nThat is all of it.";

for (const columns of [60, 80, 120]) {
  Deno.test(`a turn with a command, a patch and an answer at ${columns} columns`, async () => {
    using session = openSession({ columns, rows: 40 });
    const { terminal, server } = session;
    await terminal.waitFor(/Describe a task/);
    press(terminal, "look around\r");
    const asked = await server.waitFor(({ method }) => method === "turn/start");
    assert.deepEqual(asked.params, {
      threadId: THREAD_ID,
      input: [{ type: "text", text: "look around", text_elements: [] }],
    });
    begin(server, "look around");
    await terminal.waitFor(/Working \(\ds • esc to interrupt\)/);
    server.notify("item/started", {
      ...turn,
      item: commandItem("make test", { status: "inProgress", exitCode: null }),
    });
    server.notify("item/commandExecution/outputDelta", { ...turn, itemId: "call", delta: "ok\n" });
    await terminal.waitFor(/• Running make test\n {2}└ ok/);
    server.notify("item/completed", { ...turn, item: commandItem("make test", { aggregatedOutput: "ok\n" }) });
    server.notify("item/completed", { ...turn, item: patchItem() });
    server.notify("item/started", { ...turn, item: agentItem("") });
    for (const delta of MESSAGE.match(/[\s\S]{1,9}/g) ?? []) {
      server.notify("item/agentMessage/delta", { ...turn, itemId: "agent", delta });
    }
    server.notify("item/completed", { ...turn, item: agentItem(MESSAGE) });
    end(server);
    await terminal.waitUntil((screen) => screen.includes("That is all of it.") && !screen.includes("Working"));
    assert.deepEqual(terminal.screen().slice(6, 34), [
      "",
      "",
      "› look around",
      "",
      "",
      "• Ran make test",
      "  └ ok",
      "",
      "• Added notes.md (+3 -0)",
      "    1 +# Notes",
      "    2 +",
      "    3 +hello",
      "",
      "─".repeat(columns),
      "",
      "• Here is what I found:",
      "",
      "  File  Lines",
      "  ────  ─────",
      "  a.ts     12",
      "",
      "  That is all of it.",
      "",
      "",
      "› Describe a task, or / for commands",
      "",
      "  gpt-5.4 default · ~/project",
      "",
    ]);
    assert.ok(terminal.screen().every((line) => visibleWidth(line) <= columns));
    await leave(session);
    assert.match(terminal.printed.stdout, /To continue this session, run codex resume 01a204b9/);
    await terminal.waitUntil((screen) => !screen.includes("Describe a task"));
  });
}

Deno.test("the handshake goes in the recorded order", async () => {
  using session = openSession();
  await session.terminal.waitFor(/Describe a task/);
  await session.server.waitFor(({ method }) => method === "skills/list");
  await leave(session);
  assert.deepEqual(session.server.asked.map(({ method }) => method), [
    "initialize",
    "initialized",
    "account/read",
    "model/list",
    "thread/start",
    "skills/list",
    "thread/unsubscribe",
  ]);
});

Deno.test("a question takes the place of the composer, and the draft outlives it", async () => {
  using session = openSession();
  const { terminal, server } = session;
  await terminal.waitFor(/Describe a task/);
  press(terminal, "go\r");
  await server.waitFor(({ method }) => method === "turn/start");
  begin(server, "go");
  const item = commandItem("git push", { status: "inProgress", exitCode: null });
  server.notify("item/started", { ...turn, item });
  server.ask(0, "item/commandExecution/requestApproval", {
    ...turn,
    itemId: "call",
    command: item.command,
    reason: "why",
  });
  await terminal.waitFor(/Run this command\?[\s\S]*\$ git push[\s\S]*› 1\. Yes/);
  assert.ok(!terminal.screen().some((line) => /Running|Describe/.test(line)));
  terminal.type("\x1b[200~pasted\x1b[201~");
  terminal.type("y");
  await terminal.waitFor(/✔ You allowed git push this time[\s\S]*• Running git push[\s\S]*› pasted/);
  assert.deepEqual(server.answered, [{ id: 0, result: { decision: "accept" } }]);
  end(server);
  terminal.type("\x03");
  await leave(session);
});

Deno.test("a question that another client answers goes away by itself", async () => {
  using session = openSession();
  const { terminal, server } = session;
  await terminal.waitFor(/Describe a task/);
  begin(server, "go");
  server.notify("item/started", { ...turn, item: patchItem({ status: "inProgress" }) });
  server.ask(3, "item/fileChange/requestApproval", { ...turn, itemId: "patch", reason: null, grantRoot: null });
  await terminal.waitFor(/Added notes\.md[\s\S]*Make these edits\?/);
  server.notify("serverRequest/resolved", { requestId: 3 });
  await terminal.waitFor(/Settled elsewhere: the request for the edits[\s\S]*Describe a task/);
  assert.deepEqual(server.answered, []);
  end(server);
  await leave(session);
});

Deno.test("a question about edits shows all of them, and itself on a small screen", async () => {
  using session = openSession({ columns: 60, rows: 15 });
  const { terminal, server } = session;
  await terminal.waitFor(/Describe a task/);
  begin(server, "go");
  const diff = Array.from({ length: 300 }, (_, at) => `row ${at} ${"y".repeat(60)} end`).join("\n");
  const changes = [{ path: "/etc/motd", kind: { type: "add" as const }, diff }];
  server.notify("item/started", { ...turn, item: patchItem({ status: "inProgress", changes }) });
  server.ask(3, "item/fileChange/requestApproval", { ...turn, itemId: "patch", reason: "why", grantRoot: null });
  await terminal.waitFor(/Make these edits\?[\s\S]*\/etc\/motd \(outside of the workspace\)[\s\S]*\(esc\)/);
  const shown = (): number => terminal.everything().filter((line) => /end$/.test(line)).length;
  assert.equal(shown(), 300);
  terminal.type("y");
  await terminal.waitFor(/You allowed the edits this time/);
  server.notify("item/completed", { ...turn, item: patchItem({ changes }) });
  end(server);
  await terminal.waitFor(/Describe a task/);
  assert.equal(shown(), 300, "nothing twice");
  await leave(session);
});

const pastes: readonly { name: string; keys: readonly string[]; sent: string }[] = [
  { name: "a tab", keys: ["\x1b[200~a\tb\x1b[201~"], sent: "a\tb" },
  { name: "a tab as some terminals code it", keys: ["\x1b[200~a\x1b[105;5ub\x1b[201~"], sent: "a\tb" },
  { name: "indented lines", keys: ["\x1b[200~if:\r\n\tgo\r\n\t\tgo\x1b[201~", "!"], sent: "if:\n\tgo\n\t\tgo!" },
  { name: "two pastes around a word", keys: ["\x1b[200~\tx\x1b[201~", "y", "\x1b[200~\tz\x1b[201~"], sent: "xy\tz" },
  {
    name: "a long text that is folded",
    keys: [`\x1b[200~${"a\tb\n".repeat(20)}end\x1b[201~`],
    sent: `${"a\tb\n".repeat(20)}end`,
  },
];

for (const { name, keys, sent } of pastes) {
  Deno.test(`a paste is sent as it was: ${name}`, async () => {
    using session = openSession();
    const { terminal, server } = session;
    await terminal.waitFor(/Describe a task/);
    for (const key of keys) terminal.type(key);
    await terminal.waitUntil((screen) => !screen.includes("Describe a task"));
    assert.doesNotMatch(terminal.screen().join("\n"), /\ufdd0/);
    terminal.type("\r");
    const asked = await server.waitFor(({ method }) => method === "turn/start");
    assert.deepEqual(asked.params["input"], [{ type: "text", text: sent, text_elements: [] }]);
    begin(server, sent);
    end(server);
    await terminal.waitFor(/Describe a task/);
    // The history keeps it too.
    terminal.type("\x1b[A");
    await terminal.waitUntil((screen) => !screen.includes("Describe a task"));
    terminal.type("\r");
    await server.waitFor(({ method, params }) => method === "turn/start" && params !== asked.params);
    assert.deepEqual(server.asked.findLast(({ method }) => method === "turn/start")?.params["input"], [
      { type: "text", text: sent, text_elements: [] },
    ]);
    await server.close();
    assert.equal(await session.exitCode, 1);
  });
}

Deno.test("a read-only folder that nobody asked for is told first", async () => {
  using session = openSession({
    columns: 60,
    rows: 15,
    answers: { "thread/start": () => ({ result: sampleStart(sampleThread(), { sandbox: { type: "readOnly" } }) }) },
  });
  await session.terminal.waitFor(/⚠ Read-only: [\s\S]*-s\s+workspace-write[\s\S]*Describe a task/);
  await leave(session);
});

Deno.test("Esc interrupts; what was said stays", async () => {
  using session = openSession();
  const { terminal, server } = session;
  await terminal.waitFor(/Describe a task/);
  begin(server, "go");
  server.notify("item/started", { ...turn, item: agentItem("") });
  server.notify("item/agentMessage/delta", { ...turn, itemId: "agent", delta: "half a senten" });
  await terminal.waitFor(/half a senten/);
  terminal.type("\x1b");
  const asked = await server.waitFor(({ method }) => method === "turn/interrupt");
  assert.deepEqual(asked.params, { threadId: THREAD_ID, turnId: "turn-1" });
  end(server, "interrupted");
  await terminal.waitFor(/• half a senten\n\n■ Interrupted/);
  await leave(session);
});

Deno.test("Enter steers and Tab queues while a turn runs", async () => {
  using session = openSession();
  const { terminal, server } = session;
  await terminal.waitFor(/Describe a task/);
  begin(server, "go");
  await terminal.waitFor(/Working/);
  press(terminal, "steer me\r");
  const steer = await server.waitFor(({ method }) => method === "turn/steer");
  assert.deepEqual([steer.params["expectedTurnId"], steer.params["input"]], ["turn-1", [
    { type: "text", text: "steer me", text_elements: [] },
  ]]);
  press(terminal, "later\t");
  await terminal.waitFor(/↳ steer me[\s\S]*↳ later[\s\S]*› Describe/);
  server.notify("item/completed", { ...turn, item: userItem("steer me") });
  end(server);
  const next = await server.waitFor(({ method }) => method === "turn/start");
  assert.deepEqual(next.params["input"], [{ type: "text", text: "later", text_elements: [] }]);
  await terminal.waitUntil((screen) => !screen.includes("↳"));
  await session.server.close();
  assert.equal(await session.exitCode, 1);
});

Deno.test("a resumed thread shows its turns with commands and patches", async () => {
  const items = [userItem("go"), commandItem("echo x", { aggregatedOutput: "x\n" }), patchItem(), agentItem("Done.")];
  using session = openSession({
    answers: {
      "thread/read": () => ({ result: { thread: sampleThread() } }),
      "thread/resume": () => ({ result: sampleStart(sampleThread([sampleTurn("t0", "completed", items)])) }),
    },
    options: { start: { kind: "resume", threadId: THREAD_ID } },
  });
  const { terminal } = session;
  await terminal.waitFor(/› go[\s\S]*• Ran echo x\n {2}└ x[\s\S]*• Added notes\.md[\s\S]*• Done\.[\s\S]*Describe/);
  await leave(session);
});

Deno.test("resume --last asks as recorded, and starts anew when there is nothing", async () => {
  using session = openSession({
    answers: { "thread/list": () => ({ result: { data: [], nextCursor: null } }) },
    options: { start: { kind: "resumeLast", allFolders: true } },
  });
  await session.terminal.waitFor(/Describe/);
  const asked = await session.server.waitFor(({ method }) => method === "thread/list");
  assert.deepEqual(asked.params, {
    cursor: null,
    limit: 1,
    sortKey: "updated_at",
    modelProviders: null,
    sourceKinds: ["cli", "vscode"],
    archived: false,
    cwd: null,
    searchTerm: null,
  });
  await session.server.waitFor(({ method }) => method === "thread/start");
  await leave(session);
});

Deno.test("the picker lists, narrows and resumes", async () => {
  const threads = ["fix parser", "write docs"].map((preview, at) => sampleThread([], { id: `id-${at}`, preview }));
  using session = openSession({
    answers: { "thread/list": () => ({ result: { data: threads, nextCursor: null } }) },
    options: { start: { kind: "picker" } },
  });
  const { terminal, server } = session;
  await terminal.waitFor(/› fix parser[\s\S]*write docs/);
  press(terminal, "docs");
  await terminal.waitUntil((screen) => screen.includes("› write docs") && !screen.includes("fix parser"));
  terminal.type("\r");
  const asked = await server.waitFor(({ method }) => method === "thread/resume");
  assert.equal(asked.params["threadId"], "id-1");
  await terminal.waitFor(/Describe/);
  await leave(session);
});

Deno.test("a lost connection keeps screen and draft, comes back, and goes on", async () => {
  const second = startScriptedServer({
    "thread/resume": () => ({
      result: sampleStart(sampleThread([sampleTurn("turn-1", "inProgress", [userItem("go", "item-1")])], {
        status: { type: "active", activeFlags: [] },
      })),
    }),
  });
  let attempts = 0;
  using session = openSession({
    options: {
      remote: {
        url: "ws://127.0.0.1:4500",
        reopen: () =>
          ++attempts < 3 ? Promise.reject(new Error("refused")) : Promise.resolve(createAppServerClient(second.client)),
        bounds: { firstDelayMs: 1, maxDelayMs: 20, giveUpAfterMs: 10_000 },
      },
    },
  });
  const { terminal, server } = session;
  await terminal.waitFor(/server: {4}ws:\/\/127\.0\.0\.1:4500[\s\S]*Describe/);
  begin(server, "go");
  server.notify("item/started", { ...turn, item: agentItem("") });
  server.notify("item/agentMessage/delta", { ...turn, itemId: "agent", delta: "Hel" });
  await terminal.waitFor(/• Hel/);
  press(terminal, "my draft");
  await server.close();
  await terminal.waitFor(/Reconnected after 0 s/);
  second.notify("item/agentMessage/delta", { ...turn, itemId: "agent", delta: "lo" });
  second.notify("item/completed", { ...turn, item: agentItem("Hello.") });
  second.notify("turn/completed", { turn: sampleTurn("turn-1", "completed") });
  await terminal.waitFor(/› go\n\n\n• Hello\.\n[\s\S]*› my draft/);
  assert.equal(terminal.everything().filter((line) => line === "› go").length, 1, "no repeat");
  terminal.type("\x03");
  await leave(session);
  assert.match(terminal.printed.stdout, /codex resume \S+ --remote ws:\/\/127\.0\.0\.1:4500/);
});

Deno.test("a connection that stays lost ends with the way back and the unsent words", async () => {
  using session = openSession({
    options: {
      remote: {
        url: "ws://127.0.0.1:4500",
        reopen: () => Promise.reject(new Error("refused")),
        bounds: { firstDelayMs: 1, maxDelayMs: 1, giveUpAfterMs: 20 },
      },
    },
  });
  const { terminal, server } = session;
  await terminal.waitFor(/Describe/);
  begin(server, "go");
  await terminal.waitFor(/› go/);
  press(terminal, "unsent words");
  await terminal.waitFor(/unsent words/);
  await server.close();
  assert.equal(await session.exitCode, 1);
  assert.match(terminal.printed.stdout, /codex resume \S+ --remote [\s\S]*Not sent:\nunsent words\n/);
  assert.match(terminal.printed.stderr, /^Error: Cannot reconnect within 0 s: refused\n$/);
});

Deno.test("the shell's scrollback survives a change of size, and nothing is printed twice", async () => {
  using session = openSession({ columns: 80, rows: 12 });
  const { terminal, server } = session;
  for (let line = 0; line < 30; line++) terminal.device.write(`shell line ${line}\r\n`);
  await terminal.waitFor(/Describe/);
  const paragraphs = Array.from({ length: 40 }, (_, at) => `paragraph ${at}.`);
  begin(server, "go");
  server.notify("item/completed", { ...turn, item: agentItem(paragraphs.join("\n\n")) });
  end(server);
  await terminal.waitFor(/paragraph 39\.[\s\S]*Describe/);
  terminal.resize(100, 20);
  await terminal.waitFor(/paragraph 39\.[\s\S]*Describe/);
  terminal.resize(100, 12);
  await terminal.waitFor(/paragraph 39\.[\s\S]*Describe/);
  const seen = terminal.everything();
  assert.ok(seen.some((line) => line === "shell line 3"));
  for (const text of paragraphs) {
    assert.equal(seen.filter((line) => line.endsWith(` ${text}`) || line.endsWith(text)).length, 1, text);
  }
  await leave(session);
});

Deno.test("a long session lets go of old lines and loses none", async () => {
  using session = openSession({ columns: 80, rows: 20 });
  const { terminal, server } = session;
  await terminal.waitFor(/Describe/);
  begin(server, "go");
  server.notify("item/started", { ...turn, item: agentItem("") });
  for (let at = 0; at < 4_000; at++) {
    server.notify("item/agentMessage/delta", { ...turn, itemId: "agent", delta: `- item ${at}\n` });
    if (at % 500 === 499) await terminal.waitFor(new RegExp(`item ${at}\\b`), 20_000);
  }
  await terminal.waitFor(/item 3999\b[\s\S]*Describe/, 20_000);
  const seen = terminal.everything().flatMap((line) => /- item (\d+)$/.exec(line)?.[1] ?? []);
  assert.deepEqual(seen, Array.from({ length: 4_000 }, (_, at) => `${at}`));
  end(server);
  await leave(session);
});

Deno.test("commands: the popup, an unknown one, and the way out", async () => {
  using session = openSession();
  const { terminal } = session;
  await terminal.waitFor(/Describe/);
  press(terminal, "/");
  await terminal.waitFor(/› \/\n\n {2}\/model .*\n {2}\/new /);
  press(terminal, "nope\r");
  await terminal.waitFor(/■ There is no command "\/nope"[\s\S]*› \/nope/);
  terminal.type("\x15");
  press(terminal, "/quit\r");
  assert.equal(await session.exitCode, 0);
});

const refusals: readonly { name: string; options: SessionOptions; message: RegExp }[] = [
  {
    name: "no account where one is needed",
    options: { answers: { "account/read": () => ({ result: { account: null, requiresOpenaiAuth: true } }) } },
    message: /needs an API key and has none\n[\s\S]*OPENAI_API_KEY[\s\S]*model_provider[\s\S]*--oss/,
  },
  {
    name: "a thread that is not there",
    options: {
      answers: { "thread/read": () => ({ error: { code: -32600, message: "thread not loaded" } }) },
      options: { start: { kind: "resume", threadId: THREAD_ID } },
    },
    message: /^Error: No saved session found with ID 01a204b9/,
  },
  {
    name: "a name that no thread has",
    options: {
      answers: { "thread/list": () => ({ result: { data: [], nextCursor: null } }) },
      options: { start: { kind: "resume", threadId: "my work" } },
    },
    message: /^Error: No saved session found with the name "my work"/,
  },
  {
    name: "a server that refuses to start a thread",
    options: { answers: { "thread/start": () => ({ error: { code: -32603, message: "disk full" } }) } },
    message: /^Error: The app server refused "thread\/start": disk full\n$/,
  },
];

for (const { name, options, message } of refusals) {
  Deno.test(`before the screen starts: ${name}`, async () => {
    using session = openSession(options);
    assert.equal(await session.exitCode, 1);
    assert.match(session.terminal.printed.stderr, message);
    assert.deepEqual(session.terminal.screen().filter((line) => line !== ""), []);
  });
}

Deno.test("no terminal, no screen", async () => {
  const terminal = openVirtualTerminal(80, 24);
  using session = openSession({ options: { terminal: { ...terminal.host, stdinIsTerminal: false } } });
  assert.equal(await session.exitCode, 1);
  assert.equal(
    terminal.printed.stderr,
    "Error: stdin is not a terminal\nRun codex in a terminal. Programs talk to codex app-server instead.\n",
  );
  await session.server.close();
  terminal.dispose();
});

Deno.test("a signal ends the session with the terminal given back", async () => {
  using session = openSession();
  await session.terminal.waitFor(/Describe/);
  session.terminal.terminate("SIGTERM");
  assert.equal(await session.exitCode, 143);
  assert.ok(session.terminal.printed.stdout.includes("\x1b[?25h"));
});

Deno.test("NO_COLOR leaves no colour on the screen", async () => {
  let written = "";
  const terminal = openVirtualTerminal(80, 24);
  const device = new Proxy(terminal.device, {
    get(target, name, receiver): unknown {
      if (name !== "write") return Reflect.get(target, name, receiver);
      return (text: string) => {
        written += text;
        target.write(text);
      };
    },
  });
  using session = openSession({ options: { device, terminal: terminal.host, environment: { NO_COLOR: "1" } } });
  await terminal.waitFor(/Describe/);
  begin(session.server, "go");
  session.server.notify("item/completed", { ...turn, item: patchItem() });
  end(session.server);
  await terminal.waitFor(/3 \+hello/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(written, /\x1b\[(?:3[0-7]|9[0-7]|4[0-7]|[34]8;)/);
  terminal.type("\x04");
  assert.equal(await session.exitCode, 0);
  terminal.dispose();
});

Deno.test("/sandbox-add-read-dir says what was opened, why not, and that it needs a folder", async () => {
  const asked: string[] = [];
  using session = openSession({
    columns: 100,
    options: {
      addReadFolder(path): Promise<string> {
        asked.push(path);
        if (path === "C:\\docs") return Promise.resolve("D:\\real");
        return Promise.reject(new CodexError("USAGE", `Cannot open "${path}"`, { hint: "Give another one" }));
      },
    },
  });
  const { terminal } = session;
  await terminal.waitFor(/Describe a task/);
  press(terminal, "/sandbox-add-read-dir C:\\docs\r");
  await terminal.waitFor(/Sandboxed commands may read D:\\real until you leave/);
  press(terminal, "/sandbox-add-read-dir nowhere\r");
  await terminal.waitFor(/Cannot open "nowhere". Give another one/);
  press(terminal, "/sandbox-add-read-dir\r");
  await terminal.waitFor(/› \/sandbox-add-read-dir/);
  press(terminal, "\r");
  await terminal.waitFor(/Name the folder: \/sandbox-add-read-dir FOLDER/);
  assert.deepEqual(asked, ["C:\\docs", "nowhere"]);
});
