import assert from "node:assert/strict";
import type { Approval } from "../../../src/client/approval.ts";
import { EMPTY_VIEW, reduceThread, type ThreadEvent, type ThreadView } from "../../../src/client/thread_view.ts";
import type { ServerNotification } from "../../../src/protocol/server_notifications.ts";
import { agentItem, commandItem, sampleThread, sampleTurn, THREAD_ID, userItem } from "../../support/wire_samples.ts";

type Params<M extends ServerNotification["method"]> = Extract<ServerNotification, { method: M }>["params"];

function heard<M extends ServerNotification["method"]>(method: M, params: Omit<Params<M>, "threadId">): ThreadEvent {
  const notification = { method, params: { threadId: THREAD_ID, ...params } } as unknown as ServerNotification;
  return { type: "heard", notification, nowMs: 1000 };
}

function play(events: readonly ThreadEvent[], from: ThreadView = EMPTY_VIEW): ThreadView {
  return events.reduce(reduceThread, from);
}

const opened: ThreadEvent = { type: "opened", thread: sampleThread(), nowMs: 0 };
const began = heard("turn/started", { turn: sampleTurn("t1", "inProgress") });

function ended(status: "completed" | "interrupted" | "failed", message?: string): ThreadEvent {
  const error = message === undefined ? null : { message, codexErrorInfo: null, additionalDetails: null };
  return heard("turn/completed", { turn: { ...sampleTurn("t1", status), error } });
}

/** One word an entry: what kind it is, its state, its text. */
function outline(view: ThreadView): string[] {
  return view.entries.map((entry) => {
    if (entry.kind === "plan") return `plan ${entry.plan.map((step) => step.status).join(",")}`;
    if (entry.kind === "turnEnd") return `end ${entry.status} ${entry.error?.message ?? ""}`.trim();
    if (entry.kind === "remark") return `remark ${entry.tone} ${entry.text}`;
    const { item } = entry;
    const text = item.type === "agentMessage"
      ? item.text
      : item.type === "commandExecution"
      ? `${item.command.slice(15, -1)}=${item.aggregatedOutput}`
      : item.type === "reasoning"
      ? item.summary.join("|")
      : "";
    return [item.type, entry.state, ...(text === "" ? [] : [text])].join(" ");
  });
}

const running = commandItem("ls", { status: "inProgress", exitCode: null });
const killed = commandItem("ls", { status: "failed", exitCode: 143, aggregatedOutput: "a\n" });

const cases: readonly { name: string; events: readonly ThreadEvent[]; entries: readonly string[] }[] = [
  {
    name: "a message grows by its deltas and ends with its final text",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: agentItem("") }),
      heard("item/agentMessage/delta", { turnId: "t1", itemId: "agent", delta: "Hel" }),
      heard("item/agentMessage/delta", { turnId: "t1", itemId: "agent", delta: "lo" }),
      heard("item/completed", { turnId: "t1", item: agentItem("Hello.") }),
      ended("completed"),
    ],
    entries: ["agentMessage done Hello."],
  },
  {
    name: "an interrupted message keeps what was said, and stops",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: agentItem("") }),
      heard("item/agentMessage/delta", { turnId: "t1", itemId: "agent", delta: "Hel" }),
      ended("interrupted"),
    ],
    entries: ["agentMessage stopped Hel", "end interrupted"],
  },
  {
    name: "output that arrives after the turn has ended changes nothing",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: running }),
      heard("item/commandExecution/outputDelta", { turnId: "t1", itemId: "call", delta: "a\n" }),
      ended("interrupted"),
      heard("item/commandExecution/outputDelta", { turnId: "t1", itemId: "call", delta: "b\n" }),
    ],
    entries: ["commandExecution stopped ls=a\n", "end interrupted"],
  },
  {
    name: "a command that an interrupt kills has stopped, though it was completed first",
    events: [
      began,
      heard("item/completed", { turnId: "t1", item: { ...killed, id: "earlier" } }),
      heard("item/completed", { turnId: "t1", item: agentItem("and") }),
      heard("item/started", { turnId: "t1", item: running }),
      heard("item/completed", { turnId: "t1", item: killed }),
      ended("interrupted"),
    ],
    entries: [
      "commandExecution done ls=a\n",
      "agentMessage done and",
      "commandExecution stopped ls=a\n",
      "end interrupted",
    ],
  },
  {
    name: "a command that is completed after the interrupt that killed it has stopped",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: running }),
      ended("interrupted"),
      heard("item/completed", { turnId: "t1", item: killed }),
    ],
    entries: ["commandExecution stopped ls=a\n", "end interrupted"],
  },
  {
    name: "a command that fails by itself in a turn that goes on has not been stopped",
    events: [began, heard("item/completed", { turnId: "t1", item: killed }), ended("completed")],
    entries: ["commandExecution done ls=a\n"],
  },
  {
    name: "a command in the background goes on after its turn, and prints",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: running }),
      ended("completed"),
      heard("item/commandExecution/outputDelta", { turnId: "t1", itemId: "call", delta: "b\n" }),
    ],
    entries: ["commandExecution background ls=b\n"],
  },
  {
    name: "a command in the background ends",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: running }),
      ended("completed"),
      heard("item/completed", { turnId: "t1", item: commandItem("ls", { aggregatedOutput: "b\n" }) }),
    ],
    entries: ["commandExecution done ls=b\n"],
  },
  {
    name: "a failed turn takes its commands along",
    events: [began, heard("item/started", { turnId: "t1", item: running }), ended("failed", "no")],
    entries: ["commandExecution stopped ls=null", "end failed no"],
  },
  {
    name: "a command without a process has not outlived its turn",
    events: [began, heard("item/started", { turnId: "t1", item: { ...running, processId: null } }), ended("completed")],
    entries: ["commandExecution stopped ls=null"],
  },
  {
    name: "after a reconnection a command in the background is what the server tells",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: running }),
      ended("completed"),
      {
        type: "rejoined",
        thread: sampleThread([sampleTurn("t1", "completed", [{ ...running, aggregatedOutput: "c\n" }])]),
        nowMs: 0,
      },
    ],
    entries: ["commandExecution background ls=c\n"],
  },
  {
    name: "after a reconnection to a new server nothing is left in the background",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: running }),
      ended("completed"),
      { type: "rejoined", thread: sampleThread(), nowMs: 0 },
    ],
    entries: ["commandExecution stopped ls=null"],
  },
  {
    name: "a turn that the server's end cut was interrupted by nobody",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: running }),
      { type: "disconnected" },
      { type: "rejoined", thread: sampleThread([sampleTurn("t1", "interrupted", [])]), nowMs: 0 },
    ],
    entries: ["commandExecution stopped ls=null", "end lost"],
  },
  {
    name: "an item completed without a start, and one completed twice, appear once",
    events: [
      began,
      heard("item/completed", { turnId: "t1", item: commandItem("ls", { status: "declined" }) }),
      heard("item/completed", { turnId: "t1", item: commandItem("ls", { status: "declined" }) }),
    ],
    entries: ["commandExecution done ls=null"],
  },
  {
    name: "each plan is told anew",
    events: [
      began,
      heard("turn/plan/updated", { turnId: "t1", explanation: null, plan: [{ step: "a", status: "inProgress" }] }),
      heard("turn/plan/updated", { turnId: "t1", explanation: null, plan: [{ step: "a", status: "completed" }] }),
    ],
    entries: ["plan inProgress", "plan completed"],
  },
  {
    name: "a failed turn says why once, though `error` came before",
    events: [
      began,
      heard("error", {
        turnId: "t1",
        willRetry: false,
        error: { message: "no such model", codexErrorInfo: null, additionalDetails: null },
      }),
      ended("failed", "no such model"),
    ],
    entries: ["end failed no such model"],
  },
  {
    name: "reasoning grows by summary parts",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: { type: "reasoning", id: "r", summary: [], content: [] } }),
      heard("item/reasoning/summaryTextDelta", { turnId: "t1", itemId: "r", summaryIndex: 0, delta: "**Plan" }),
      heard("item/reasoning/summaryTextDelta", { turnId: "t1", itemId: "r", summaryIndex: 1, delta: "more" }),
    ],
    entries: ["reasoning running **Plan|more"],
  },
  {
    name: "a remark can stand before the item that it led to",
    events: [
      began,
      heard("item/started", { turnId: "t1", item: running }),
      { type: "remark", tone: "good", text: "allowed", beforeItem: "call" },
    ],
    entries: ["remark good allowed", "commandExecution running ls=null"],
  },
  {
    name: "other threads are not ours",
    events: [{
      type: "heard",
      nowMs: 0,
      notification: { method: "turn/started", params: { threadId: "other", turn: sampleTurn("t9", "inProgress") } },
    }],
    entries: [],
  },
];

for (const { name, events, entries } of cases) {
  Deno.test(`reduceThread(): ${name}`, () => assert.deepEqual(outline(play([opened, ...events])), entries));
}

Deno.test("reduceThread() shows a retry until the model answers again", () => {
  const retrying = play([
    opened,
    began,
    heard("error", {
      turnId: "t1",
      willRetry: true,
      error: { message: "Reconnecting... 1/2", codexErrorInfo: null, additionalDetails: "cut" },
    }),
  ]);
  assert.deepEqual(retrying.turn?.retry, { message: "Reconnecting... 1/2", details: "cut" });
  const again = reduceThread(retrying, heard("item/started", { turnId: "t1", item: agentItem("") }));
  assert.equal(again.turn?.retry, null);
});

Deno.test("reduceThread() takes the heading of the reasoning for the turn", () => {
  const view = play([
    opened,
    began,
    heard("item/started", { turnId: "t1", item: { type: "reasoning", id: "r", summary: [], content: [] } }),
    heard("item/reasoning/summaryTextDelta", {
      turnId: "t1",
      itemId: "r",
      summaryIndex: 0,
      delta: "**Reading the code**\n\nx",
    }),
  ]);
  assert.equal(view.turn?.heading, "Reading the code");
});

const approval: Approval = {
  kind: "command",
  requestId: 0,
  threadId: THREAD_ID,
  turnId: "t1",
  itemId: "call",
  reason: null,
  command: "ls",
  cwd: null,
  host: null,
  decisions: ["accept", "cancel"],
};

const closers: readonly { name: string; event: ThreadEvent }[] = [
  { name: "an answer from here", event: { type: "answered", requestId: 0 } },
  { name: "an answer from elsewhere", event: heard("serverRequest/resolved", { requestId: 0 }) },
  { name: "the end of its turn", event: ended("interrupted") },
  { name: "the loss of the connection", event: { type: "disconnected" } },
];

for (const { name, event } of closers) {
  Deno.test(`reduceThread() closes a question at ${name}`, () => {
    const asked = play([opened, began, { type: "asked", approval }, { type: "asked", approval }]);
    assert.equal(asked.approvals.length, 1);
    assert.deepEqual(reduceThread(asked, event).approvals, []);
  });
}

Deno.test("reduceThread() shows all earlier turns of a resumed thread, with their commands", () => {
  const items = [
    userItem("go", "item-1"),
    commandItem("echo x", { aggregatedOutput: "x\n" }),
    agentItem("Done.", "item-2"),
  ];
  const thread = sampleThread([
    sampleTurn("t0", "completed", items),
    sampleTurn("t1", "interrupted", [userItem("b", "item-3")]),
  ]);
  const view = play([{ type: "opened", thread, nowMs: 0 }]);
  assert.deepEqual(outline(view), [
    "userMessage done",
    "commandExecution done echo x=x\n",
    "agentMessage done Done.",
    "userMessage done",
    "end interrupted",
  ]);
  assert.equal(view.turn, null);
});

const rejoins: readonly { name: string; told: ReturnType<typeof sampleTurn>; entries: readonly string[] }[] = [
  {
    name: "what is stored under other ids is not repeated, and the rest of a cut answer arrives",
    told: sampleTurn("t1", "completed", [userItem("go", "item-1"), ranLs(), agentItem("Hello, world.", "item-2")]),
    entries: ["userMessage done", "commandExecution done ls=a\n", "agentMessage done Hello, world."],
  },
  {
    name: "words that the server lost stay on the screen",
    told: sampleTurn("t1", "interrupted", [userItem("go", "item-1")]),
    entries: [
      "userMessage done",
      "commandExecution done ls=a\n",
      "agentMessage stopped Hello",
      "end lost",
    ],
  },
];

function ranLs(): ReturnType<typeof commandItem> {
  return commandItem("ls", { aggregatedOutput: "a\n" });
}

for (const { name, told, entries } of rejoins) {
  Deno.test(`reduceThread() after a reconnection: ${name}`, () => {
    const before = play([
      opened,
      began,
      heard("item/completed", { turnId: "t1", item: userItem("go") }),
      heard("item/completed", { turnId: "t1", item: ranLs() }),
      heard("item/started", { turnId: "t1", item: agentItem("") }),
      heard("item/agentMessage/delta", { turnId: "t1", itemId: "agent", delta: "Hello" }),
      { type: "disconnected" },
    ]);
    const after = reduceThread(before, { type: "rejoined", thread: sampleThread([told]), nowMs: 2000 });
    assert.deepEqual(outline(after), entries);
    assert.equal(after.turn, null);
  });
}

for (
  const { name, told, text } of [
    { name: "tells the words so far", told: "Hello, wor", text: "Hello, world." },
    { name: "knows only that the message has begun", told: "", text: "Helld." },
  ]
) {
  Deno.test(`reduceThread() goes on with a growing message after a reconnection when the server ${name}`, () => {
    const turn = sampleTurn("t1", "inProgress", [userItem("go", "item-1"), agentItem(told)]);
    const view = play([
      opened,
      began,
      heard("item/started", { turnId: "t1", item: agentItem("") }),
      heard("item/agentMessage/delta", { turnId: "t1", itemId: "agent", delta: "Hel" }),
      { type: "disconnected" },
      { type: "rejoined", thread: sampleThread([turn], { status: { type: "active", activeFlags: [] } }), nowMs: 2000 },
      heard("item/agentMessage/delta", { turnId: "t1", itemId: "agent", delta: "ld." }),
    ]);
    assert.deepEqual(outline(view), ["userMessage done", `agentMessage running ${text}`]);
  });
}

Deno.test("reduceThread() goes on with a turn that still runs after a reconnection", () => {
  const before = play([opened, began, heard("item/completed", { turnId: "t1", item: userItem("go") })]);
  const told = sampleTurn("t1", "inProgress", [userItem("go", "item-1")]);
  const thread = sampleThread([told], { status: { type: "active", activeFlags: [] } });
  const after = play([
    { type: "disconnected" },
    { type: "rejoined", thread, nowMs: 2000 },
    heard("item/started", { turnId: "t1", item: agentItem("") }),
    heard("item/agentMessage/delta", { turnId: "t1", itemId: "agent", delta: "More" }),
  ], before);
  assert.deepEqual(outline(after), ["userMessage done", "agentMessage running More"]);
  assert.equal(after.turn?.id, "t1");
});
