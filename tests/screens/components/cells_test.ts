// Cells as a person reads them, with no terminal: what each entry becomes at a width.
import assert from "node:assert/strict";
import { visibleWidth } from "@earendil-works/pi-tui";
import type { Entry, ItemState } from "../../../src/client/thread_entries.ts";
import type { ThreadItem } from "../../../src/protocol/types/item.ts";
import type { CellContext } from "../../../src/tui/cells/cell.ts";
import { groupCells, renderCell } from "../../../src/tui/cells/group.ts";
import { colourTheme } from "../../../src/tui/theme.ts";
import { bareTheme } from "../../support/bare_theme.ts";
import { agentItem, commandItem, FOLDER, patchItem, userItem } from "../../support/wire_samples.ts";

function entry(item: ThreadItem, state: ItemState = "done", turnId = "t1"): Entry {
  return { kind: "item", key: `${turnId}:${item.id}:${Math.random()}`, turnId, item, state };
}

function draw(entries: readonly Entry[], width: number, theme = bareTheme): string[] {
  const context: CellContext = { width, theme, folder: FOLDER };
  return groupCells(entries).flatMap((cell) => renderCell(cell, context, null));
}

const seq = Array.from({ length: 40 }, (_, at) => `${at + 1}\n`).join("");
const look = { type: "listFiles", command: "ls -la", path: null } as const;
const read = (name: string) => ({ type: "read", command: `cat ${name}`, name, path: `${FOLDER}/${name}` }) as const;

const rows: readonly { name: string; entries: readonly Entry[]; width?: number; lines: readonly string[] }[] = [
  {
    name: "what the user said, with a blank row around it and hanging lines",
    entries: [entry(userItem("fix the bug\nin the parser of the thing"))],
    width: 24,
    lines: ["", "› fix the bug", "  in the parser of the", "  thing", ""],
  },
  {
    name: "images in a message are named",
    entries: [
      entry({
        type: "userMessage",
        id: "u",
        content: [{ type: "text", text: "see" }, { type: "localImage", path: "/a.png" }],
      }),
    ],
    lines: ["", "› see", "  [image /a.png]", ""],
  },
  { name: "an answer", entries: [entry(agentItem("Hello\n\n- a"))], lines: ["• Hello", "", "  - a"] },
  { name: "an answer that has not begun shows nothing", entries: [entry(agentItem(""), "running")], lines: [] },
  {
    name: "reasoning without its headings",
    entries: [
      entry({
        type: "reasoning",
        id: "r",
        summary: ["**Planning**\n\nThinking about it.", "**Only a heading**"],
        content: [],
      }),
    ],
    lines: ["• Thinking about it."],
  },
  {
    name: "reasoning that goes on is in the status row",
    entries: [entry({ type: "reasoning", id: "r", summary: ["x"], content: [] }, "running")],
    lines: [],
  },
  {
    name: "a command that runs",
    entries: [entry(commandItem("sleep 9", { status: "inProgress", exitCode: null }), "running")],
    lines: ["• Running sleep 9"],
  },
  {
    name: "a command that ran, folded",
    entries: [entry(commandItem("seq 1 40", { aggregatedOutput: seq }))],
    lines: ["• Ran seq 1 40", "  └ 1", "    2", "    … +36 lines", "    39", "    40"],
  },
  { name: "a command without output", entries: [entry(commandItem("true"))], lines: ["• Ran true", "  └ (no output)"] },
  {
    name: "a command that failed silently says its code",
    entries: [entry(commandItem("false", { status: "failed", exitCode: 1 }))],
    lines: ["• Ran false", "  └ (no output, exit code 1)"],
  },
  {
    name: "a command that was refused",
    entries: [entry(commandItem("rm x", { status: "declined", exitCode: null }))],
    lines: ["✗ Not run rm x"],
  },
  {
    name: "a command that was stopped",
    entries: [entry(commandItem("sleep 9", { status: "inProgress", exitCode: null }), "stopped")],
    lines: ["• Stopped sleep 9"],
  },
  {
    name: "a command that was stopped after it had printed",
    entries: [
      entry(commandItem("sleep 9", { status: "failed", exitCode: 143, aggregatedOutput: "a\n" }), "stopped"),
    ],
    lines: ["• Stopped sleep 9", "  └ a"],
  },
  {
    name: "a command that goes on after its turn",
    entries: [
      entry(commandItem("sleep 9", { status: "inProgress", exitCode: null, aggregatedOutput: "a\n" }), "background"),
    ],
    lines: ["• Running in the background sleep 9", "  └ a"],
  },
  {
    name: "a command that failed after much output says its code below",
    entries: [entry(commandItem("seq 1 40", { status: "failed", exitCode: 2, aggregatedOutput: seq }))],
    lines: ["• Ran seq 1 40", "  └ 1", "    2", "    … +36 lines", "    39", "    40", "    exit code 2"],
  },
  {
    name: "a command that the sandbox stopped says which rule refused what",
    entries: [
      entry(commandItem("touch /x", {
        status: "failed",
        exitCode: 1,
        aggregatedOutput: "touch: no\n",
        sandboxDenials: ["write to /x refused: outside the writable folders"],
      })),
    ],
    width: 44,
    lines: [
      "• Ran touch /x",
      "  └ touch: no",
      "    exit code 1",
      "    sandbox: write to /x refused: outside",
      "      the writable folders",
    ],
  },
  {
    name: "the user's own command",
    entries: [entry(commandItem("ls", { source: "userShell", aggregatedOutput: "a\n" }))],
    lines: ["• You ran ls", "  └ a"],
  },
  {
    name: "a long command and long output wrap",
    entries: [
      entry(commandItem("echo one two three four five", { aggregatedOutput: "one two three four five six\n" })),
    ],
    width: 24,
    lines: ["• Ran echo one two three", "  │ four five", "  └ one two three four", "    five six"],
  },
  {
    name: "output cannot draw",
    entries: [entry(commandItem("x", { aggregatedOutput: "\x1b[31mred\x1b[2J\r\n" }))],
    lines: ["• Ran x", "  └ red"],
  },
  {
    name: "looks at files are told together",
    entries: [
      entry(commandItem("ls -la && cat a", { id: "1", commandActions: [look, read("a.ts")] })),
      entry(commandItem("cat b", { id: "2", commandActions: [read("b.ts"), read("a.ts")] })),
      entry(
        commandItem("rg x", {
          id: "3",
          commandActions: [{ type: "search", command: "rg x", query: "x", path: `${FOLDER}/src` }],
        }),
      ),
    ],
    lines: ["• Explored", "  └ List ls -la", "    Read a.ts, b.ts", "    Search x in src"],
  },
  {
    name: "a look that failed is a command like others",
    entries: [
      entry(
        commandItem("cat zzz", {
          status: "failed",
          exitCode: 1,
          aggregatedOutput: "no such file\n",
          commandActions: [read("zzz")],
        }),
      ),
    ],
    lines: ["• Ran cat zzz", "  └ no such file", "    exit code 1"],
  },
  {
    name: "a look that could not start says why",
    entries: [
      entry(
        commandItem("ls", {
          status: "failed",
          exitCode: null,
          aggregatedOutput: "Cannot find bwrap\nInstall it\n",
          commandActions: [look],
        }),
      ),
    ],
    lines: ["• Ran ls", "  └ Cannot find bwrap", "    Install it", "    failed"],
  },
  {
    name: "one new file",
    entries: [entry(patchItem())],
    lines: ["• Added notes.md (+3 -0)", "    1 +# Notes", "    2 +", "    3 +hello"],
  },
  {
    name: "several files, a move, and hunks apart",
    entries: [entry(patchItem({
      changes: [
        { path: `${FOLDER}/gone.txt`, kind: { type: "delete" }, diff: "bye\n" },
        {
          path: `${FOLDER}/a.txt`,
          kind: { type: "update", move_path: `${FOLDER}/b.txt` },
          diff: "@@ -1 +1 @@\n-x\n+y\n@@ -10 +10,2 @@\n same\n+new\n\n\nMoved to: /b.txt",
        },
      ],
    }))],
    lines: [
      "• Edited 2 files (+2 -2)",
      "  └ gone.txt (+0 -1)",
      "    1 -bye",
      "",
      "  └ a.txt → b.txt (+2 -1)",
      "     1 -x",
      "     1 +y",
      "     ⋮",
      "    10  same",
      "    11 +new",
    ],
  },
  {
    name: "edits that were refused",
    entries: [entry(patchItem({ status: "declined" }))],
    lines: ["✗ Added notes.md (+3 -0) not applied: declined", "    1 +# Notes", "    2 +", "    3 +hello"],
  },
  {
    name: "a plan",
    entries: [{
      kind: "plan",
      key: "p",
      turnId: "t1",
      explanation: "Working through it",
      plan: [{ step: "Read", status: "completed" }, { step: "Change", status: "inProgress" }, {
        step: "Test",
        status: "pending",
      }],
    }],
    lines: ["• Updated Plan", "  └ Working through it", "    ✔ Read", "    □ Change", "    □ Test"],
  },
  {
    name: "a plan without an explanation",
    entries: [{ kind: "plan", key: "p", turnId: "t1", explanation: null, plan: [{ step: "Read", status: "pending" }] }],
    lines: ["• Updated Plan", "  └ □ Read"],
  },
  {
    name: "a failed turn says why",
    entries: [{
      kind: "turnEnd",
      key: "e",
      turnId: "t1",
      status: "failed",
      error: { message: "no answer", codexErrorInfo: null, additionalDetails: "refused" },
    }],
    lines: ["■ no answer", "  └ refused"],
  },
  {
    name: "an interrupted turn",
    entries: [{ kind: "turnEnd", key: "e", turnId: "t1", status: "interrupted", error: null }],
    lines: ["■ Interrupted. Tell the agent what to do differently."],
  },
  {
    name: "a turn that was cut off by the server's end",
    entries: [{ kind: "turnEnd", key: "e", turnId: "t1", status: "lost", error: null }],
    width: 120,
    lines: ["■ The server or the connection to it went away in the middle of this turn. Send a message to go on."],
  },
  {
    name: "a remark",
    entries: [{ kind: "remark", key: "r", tone: "good", text: "You allowed ls this time" }],
    lines: ["✔ You allowed ls this time"],
  },
  {
    name: "a rule sets the answer off from the work before it, once",
    entries: [
      entry(userItem("go")),
      entry(agentItem("I will.", "a")),
      entry(commandItem("true")),
      entry(agentItem("Done.", "b")),
      entry(agentItem("More.", "c")),
    ],
    width: 20,
    lines: ["", "› go", "", "• I will.", "• Ran true", "  └ (no output)", "─".repeat(20), "", "• Done.", "• More."],
  },
  {
    name: "commentary between tools gets no rule",
    entries: [
      entry(commandItem("true")),
      entry(agentItem("Next.", "a", "commentary")),
      entry(agentItem("Done.", "b", "final_answer")),
    ],
    width: 20,
    lines: ["• Ran true", "  └ (no output)", "• Next.", "─".repeat(20), "", "• Done."],
  },
  {
    name: "a web search",
    entries: [entry({ type: "webSearch", id: "w", query: "deno", action: null })],
    lines: ["• Searched deno"],
  },
];

for (const { name, entries, width = 60, lines } of rows) {
  Deno.test(`cell: ${name}`, () => assert.deepEqual(draw(entries, width).map((line) => line.trimEnd()), lines));
}

Deno.test("edits that are asked about are shown to their last row and their last column", () => {
  const diff = Array.from({ length: 500 }, (_, at) => `row ${at} ${"x".repeat(40)} end${at}`).join("\n");
  const change = { path: `${FOLDER}/a.txt`, kind: { type: "add" }, diff } as const;
  const cells = groupCells([entry(patchItem({ changes: [change] }), "running")]);
  const show = (whole: boolean): string =>
    cells.flatMap((cell) => renderCell(cell, { width: 40, theme: bareTheme, folder: FOLDER, whole }, null)).join("\n");
  for (let at = 0; at < 500; at++) assert.match(show(true).replace(/\n +/g, ""), new RegExp(`end${at}\\s`), `${at}`);
  assert.match(show(false), /… \+300 rows$/);
});

Deno.test("cells are never wider than the screen, with colours too", () => {
  const wide = "漢字とても長い文字列です 👍👍👍 verylongwordwithoutanyspaceinit".repeat(3);
  const entries = [
    ...rows.flatMap((row) => row.entries),
    entry(userItem(wide)),
    entry(agentItem(`# ${wide}\n\n| a | ${wide} |\n|---|---|\n| ${wide} | b |\n\n\`\`\`ts\n${wide}\n\`\`\``, "w")),
    entry(commandItem(wide, { id: "w2", aggregatedOutput: wide })),
    entry(patchItem({ id: "w3", changes: [{ path: `${FOLDER}/${wide}.ts`, kind: { type: "add" }, diff: wide }] })),
  ];
  for (const width of [20, 40, 60, 80, 120]) {
    for (const line of draw(entries, width, colourTheme)) assert.ok(visibleWidth(line) <= width, `${width}: ${line}`);
  }
});
