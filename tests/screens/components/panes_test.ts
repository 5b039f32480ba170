// Panes as a person reads them, with no terminal.
import assert from "node:assert/strict";
import { visibleWidth } from "@earendil-works/pi-tui";
import type { Approval } from "../../../src/client/approval.ts";
import { EMPTY_VIEW } from "../../../src/client/thread_view.ts";
import { approvalOptions } from "../../../src/tui/approval_options.ts";
import { listEditedPaths, renderApprovalDialog } from "../../../src/tui/panes/approval_dialog.ts";
import { renderFooter } from "../../../src/tui/panes/footer.ts";
import { renderHeader } from "../../../src/tui/panes/header.ts";
import { renderListDialog } from "../../../src/tui/panes/list_dialog.ts";
import { elapsed, renderStatusRow, renderWaiting } from "../../../src/tui/panes/status_row.ts";
import { initialState, type Session, type State } from "../../../src/tui/state.ts";
import { bareTheme } from "../../support/bare_theme.ts";
import { commandItem, FOLDER, patchItem, THREAD_ID } from "../../support/wire_samples.ts";

const idle: State = {
  ...initialState({ version: "0", serverUrl: null, models: [], nowMs: 0 }),
  session: {
    threadId: THREAD_ID,
    model: "gpt-5.4",
    effort: null,
    folder: FOLDER,
    approvalPolicy: "never",
    sandbox: { type: "readOnly" },
    sandboxAsked: false,
  },
};
const turn = { id: "t1", startedAtMs: 0, retry: null, heading: null };
const busy: State = { ...idle, nowMs: 65_000, view: { ...EMPTY_VIEW, threadId: THREAD_ID, turn } };

function trimmed(lines: readonly string[]): string[] {
  return lines.map((line) => line.trimEnd());
}

Deno.test("header: the box fits its content and names the server and the danger", () => {
  const facts = { version: "1", model: "m", folder: "/w", serverUrl: null, unguarded: false };
  assert.deepEqual(renderHeader(facts, 60, bareTheme), [
    "╭─────────────────────────────────╮",
    "│ >_ codex (v1)                   │",
    "│                                 │",
    "│ model:     m   /model to change │",
    "│ directory: /w                   │",
    "╰─────────────────────────────────╯",
  ]);
  const remote = renderHeader({ ...facts, serverUrl: "ws://h:1", unguarded: true }, 80, bareTheme);
  assert.match(remote[5] ?? "", /server: +ws:\/\/h:1/);
  assert.match(remote[6] ?? "", /approvals and sandbox are off/);
  for (const width of [12, 30, 60]) {
    assert.ok(
      renderHeader({ ...facts, folder: "/very/long".repeat(9) }, width, bareTheme).every((line) =>
        visibleWidth(line) <= width
      ),
    );
  }
});

const statusRows: readonly { name: string; state: State; lines: readonly string[] }[] = [
  { name: "nothing while idle", state: idle, lines: [] },
  { name: "the running turn", state: busy, lines: ["• Working (1m 05s • esc to interrupt)"] },
  {
    name: "the heading of the reasoning",
    state: { ...busy, view: { ...busy.view, turn: { ...turn, heading: "Planning" } } },
    lines: ["• Planning (1m 05s • esc to interrupt)"],
  },
  { name: "an interrupt on its way", state: { ...busy, interrupting: true }, lines: ["• Working (1m 05s • stopping)"] },
  {
    name: "a retry and its reason",
    state: {
      ...busy,
      view: { ...busy.view, turn: { ...turn, retry: { message: "Reconnecting... 1/2", details: "cut" } } },
    },
    lines: ["• Reconnecting... 1/2 (1m 05s • esc to interrupt)", "  └ cut"],
  },
  {
    name: "a lost connection",
    state: { ...busy, connection: { kind: "lost", sinceMs: 60_000, cause: "refused" } },
    lines: ["• Connection lost, reconnecting (5s)", "  └ refused"],
  },
];

for (const { name, state, lines } of statusRows) {
  Deno.test(`status row: ${name}`, () => assert.deepEqual(renderStatusRow(state, 60, bareTheme), lines));
}

Deno.test("elapsed() has seconds, minutes, hours", () => {
  assert.deepEqual([0, 59_999, 60_000, 3_661_000].map(elapsed), ["0s", "59s", "1m 00s", "1h 01m 01s"]);
});

Deno.test("waiting messages: steers, then the queue", () => {
  assert.deepEqual(trimmed(renderWaiting({ ...busy, steers: ["steer me"], queue: ["later"] }, 100, bareTheme)), [
    "• Sent, taken up after the next tool call (esc stops the turn and sends them now)",
    "  ↳ steer me",
    "",
    "• Queued for after this turn",
    "  ↳ later",
    "    shift + ← edits the last one",
  ]);
});

const footers: readonly { name: string; state: State; line: RegExp }[] = [
  { name: "settings", state: idle, line: /^ {2}gpt-5\.4 default · ~\/project$/ },
  {
    name: "a picked model",
    state: { ...idle, choice: { model: "other", effort: "high" } },
    line: /^ {2}other high · /,
  },
  { name: "Tab, while a turn runs and text stands", state: { ...busy, draft: "x" }, line: /tab to queue message$/ },
  { name: "Ctrl-C armed", state: { ...idle, quitArmedUntilMs: 1 }, line: /ctrl \+ c again to quit$/ },
];

for (const { name, state, line } of footers) {
  Deno.test(`footer: ${name}`, () => assert.match(renderFooter(state, "/home/user", 80, bareTheme), line));
}

Deno.test("footer: commands that run in the background are told, the folder gives way", () => {
  const item = commandItem("sleep 9", { status: "inProgress", exitCode: null });
  const entry = { kind: "item", key: "k", turnId: "t1", item, state: "background" } as const;
  const one = { ...idle, view: { ...EMPTY_VIEW, entries: [entry] } };
  const two = { ...idle, view: { ...EMPTY_VIEW, entries: [entry, { ...entry, key: "l" }] } };
  assert.match(renderFooter(one, null, 80, bareTheme), /project +1 background command is running$/);
  assert.match(renderFooter(two, null, 60, bareTheme), /default +2 background commands are running$/);
  assert.equal(renderFooter(one, null, 40, bareTheme), "  1 background command is running");
});

Deno.test("footer: what a key does matters more than the settings", () => {
  assert.equal(renderFooter({ ...idle, quitArmedUntilMs: 1 }, null, 30, bareTheme), "  ctrl + c again to quit");
});

Deno.test("footer: context left", () => {
  const last = { totalTokens: 2_500, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };
  const state = { ...idle, view: { ...idle.view, usage: { last, total: last, modelContextWindow: 10_000 } } };
  assert.match(renderFooter(state, null, 80, bareTheme), /75% context left$/);
});

const question: Approval = {
  kind: "command",
  requestId: 0,
  threadId: THREAD_ID,
  turnId: "t1",
  itemId: "call",
  reason: "Needs the network",
  command: "/bin/bash -lc 'git push origin main'",
  cwd: null,
  host: null,
  decisions: ["accept", { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["git", "push"] } }, "cancel"],
};

Deno.test("approval dialog: a command", () => {
  assert.deepEqual(
    trimmed(
      renderApprovalDialog(
        { approval: question, selected: 1, waiting: 2, edits: null },
        { width: 60, rows: 30 },
        bareTheme,
      ),
    ),
    [
      "",
      "  Run this command? (1 of 3)",
      "",
      "  Reason: Needs the network",
      "",
      "  $ git push origin main",
      "",
      "  1. Yes, run it this time (y)",
      "› 2. Yes, and always allow commands that begin with `git",
      "     push` (p)",
      "  3. No, stop and tell the agent what to do instead (esc)",
      "",
      "  enter to confirm, esc to refuse",
    ],
  );
});

const small = { width: 60, rows: 15 };

const patchQuestion: Approval = {
  kind: "patch",
  requestId: 0,
  threadId: THREAD_ID,
  turnId: "t1",
  itemId: "patch",
  reason: null,
  grantRoot: "/opt",
  decisions: ["accept", "acceptForSession", "cancel"],
};

Deno.test("approval dialog: edits name their files, those outside of the workspace first and marked", () => {
  const changes = ["notes.md", "/etc/hosts", `${FOLDER}/../other/x`].map((path) => ({
    path: path.startsWith("/") ? path : `${FOLDER}/${path}`,
    kind: { type: "add" } as const,
    diff: "x\n",
  }));
  const item = patchItem({ changes });
  const view = { ...EMPTY_VIEW, entries: [{ kind: "item", key: "k", turnId: "t1", item, state: "running" }] } as const;
  const edits = listEditedPaths({ ...idle, view }, patchQuestion);
  const space = { width: 80, rows: 30 };
  assert.deepEqual(
    trimmed(renderApprovalDialog({ approval: patchQuestion, selected: 0, waiting: 0, edits }, space, bareTheme)),
    [
      "",
      "  Make these edits?",
      "",
      "  /etc/hosts (outside of the workspace)",
      "  /home/user/project/../other/x (outside of the workspace)",
      "  notes.md",
      "  Also asks to write below /opt",
      "",
      "› 1. Yes, make these edits (y)",
      "  2. Yes, and do not ask again for edits of these files in this session (a)",
      "  3. No, stop and tell the agent what to do instead (esc)",
      "",
      "  enter to confirm, esc to refuse",
    ],
  );
  assert.equal(listEditedPaths(idle, patchQuestion), null);
});

Deno.test("approval dialog: another folder that may be written is part of the workspace", () => {
  const item = patchItem({ changes: [{ path: "/opt/x", kind: { type: "delete" }, diff: "" }] });
  const view = { ...EMPTY_VIEW, entries: [{ kind: "item", key: "k", turnId: "t1", item, state: "running" }] } as const;
  const session: Session = { ...idle.session!, sandbox: { type: "workspaceWrite", writableRoots: ["/opt"] } };
  assert.deepEqual(listEditedPaths({ ...idle, view, session }, patchQuestion), [{ path: "/opt/x", outside: false }]);
});

Deno.test("approval dialog: the rule that is offered is named in one short line, whatever the command", () => {
  const long = "x".repeat(3_000);
  const decisions: Approval["decisions"] = [
    "accept",
    { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["bash", "-lc", long] } },
    "cancel",
  ];
  const approval: Approval = { ...question, kind: "command", command: long, decisions: [...decisions] } as Approval;
  const label = approvalOptions(approval)[1]?.label ?? "";
  assert.match(label, /begin with `bash -lc x+…`$/);
  assert.ok(label.length < 110, label);
  const lines = renderApprovalDialog({ approval, selected: 0, waiting: 0, edits: null }, small, bareTheme);
  assert.ok(lines.length <= 15);
  assert.match(
    lines.join("\n"),
    /Run this command[\s\S]*\$ x+\n[\s\S]*… \+\d+ rows[\s\S]*\(y\)[\s\S]*\(p\)[\s\S]*\(esc\)/,
  );
});

const longReason = "It has a long reason. ".repeat(20);

Deno.test("approval dialog: many edits fit a small screen with the question, a path and the answers", () => {
  const edits = Array.from({ length: 30 }, (_, at) => ({ path: `src/${at}.ts`, outside: at === 20 }));
  const approval = { ...patchQuestion, reason: longReason };
  const lines = renderApprovalDialog({ approval, selected: 0, waiting: 0, edits }, small, bareTheme);
  const text = lines.join("\n");
  assert.ok(lines.length <= 15, text);
  assert.match(text, /Make these edits\?[\s\S]*src\/20\.ts \(outside of the workspace\)[\s\S]*› 1\.[\s\S]*\(esc\)/);
  const roomy = renderApprovalDialog({ approval, selected: 0, waiting: 0, edits }, { width: 60, rows: 50 }, bareTheme);
  assert.ok(roomy.includes("  … and 25 more files, listed above"));
});

Deno.test("approval dialog: a long command is whole where it fits; else its rows are counted and its end is shown", () => {
  const approval = {
    ...question,
    reason: longReason,
    command: Array.from({ length: 30 }, (_, at) => `line ${at}`).join("\n"),
  };
  const facts = { approval, selected: 0, waiting: 0, edits: null };
  const whole = renderApprovalDialog(facts, { width: 60, rows: 60 }, bareTheme).join("\n");
  assert.ok(whole.includes("line 29") && !whole.includes("…"));
  const lines = renderApprovalDialog(facts, small, bareTheme);
  const text = lines.join("\n");
  assert.ok(lines.length <= 15, text);
  assert.match(text, /Run this command\?[\s\S]*\$ line 0\n[\s\S]*… \+\d+ rows\n {4}line 29[\s\S]*\(esc\)/);
});

Deno.test("list dialog: scrolls to the selection and says when nothing matches", () => {
  const items = Array.from({ length: 30 }, (_, at) => ({ value: `${at}`, label: `session ${at}`, detail: "main" }));
  const list = { purpose: "thread", title: "Resume", items, selected: 20, search: "" } as const;
  const lines = trimmed(renderListDialog(list, 60, bareTheme));
  assert.equal(lines.filter((line) => line.includes("session")).length, 10);
  assert.ok(lines.includes("› session 20  main"));
  assert.match(lines.at(-1) ?? "", /^ {2}21 of 30 · /);
  assert.ok(renderListDialog({ ...list, search: "zzz", selected: 0 }, 60, bareTheme).includes("  nothing matches"));
  assert.ok(
    trimmed(renderListDialog({ ...list, search: "main 29", selected: 0 }, 60, bareTheme)).includes(
      "› session 29  main",
    ),
  );
});
