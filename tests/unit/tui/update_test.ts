import assert from "node:assert/strict";
import type { ServerNotification } from "../../../src/protocol/server_notifications.ts";
import type { Action, Effect } from "../../../src/tui/actions.ts";
import { initialState, type Session, type State } from "../../../src/tui/state.ts";
import { update } from "../../../src/tui/update.ts";
import { keyContext } from "../../../src/tui/update_keys.ts";
import { FOLDER, sampleThread, sampleTurn, THREAD_ID, userItem } from "../../support/wire_samples.ts";

const session: Session = {
  threadId: THREAD_ID,
  model: "gpt-5.4",
  effort: null,
  folder: FOLDER,
  approvalPolicy: "on-request",
  sandbox: { type: "workspaceWrite" },
  sandboxAsked: false,
};

function heard(method: string, params: object): Action {
  const notification = { method, params: { threadId: THREAD_ID, ...params } } as unknown as ServerNotification;
  return { type: "thread", event: { type: "heard", notification, nowMs: 0 } };
}

function key(name: Extract<Action, { type: "key" }>["key"], nowMs = 10_000): Action {
  return { type: "key", key: name, nowMs };
}

function typed(text: string, nowMs = 0): Action {
  return { type: "draft", text, nowMs };
}

function say(text: string): Action {
  return { type: "submit", text };
}

function ended(status: "completed" | "interrupted" | "failed"): Action {
  return heard("turn/completed", { turn: sampleTurn("t1", status) });
}

const lost: Action = { type: "connectionLost", cause: "x", nowMs: 0 };

function rejoined(...turns: readonly ReturnType<typeof sampleTurn>[]): Action {
  const thread = sampleThread([...turns], turns.length > 0 ? { status: { type: "active", activeFlags: [] } } : {});
  return { type: "rejoined", session, thread, nowMs: 2_000 };
}

/** Turn t1 runs, and these messages were told in it. */
function rejoinedIn(texts: readonly string[]): Action {
  return rejoined(sampleTurn("t1", "inProgress", texts.map((text, at) => userItem(text, `told-${at}`))));
}

function message(text: string, turnId = "t1"): Action {
  return heard("item/completed", { turnId, item: userItem(text, `of-${turnId}`) });
}

const opened: Action = { type: "opened", session, thread: sampleThread(), nowMs: 0 };
const began = heard("turn/started", { turn: sampleTurn("t1", "inProgress") });
const asked: Action = {
  type: "thread",
  event: {
    type: "asked",
    approval: {
      kind: "command",
      requestId: 0,
      threadId: THREAD_ID,
      turnId: "t1",
      itemId: "call",
      reason: null,
      command: "ls",
      cwd: null,
      host: null,
      decisions: ["accept", { acceptWithExecpolicyAmendment: { execpolicy_amendment: ["ls"] } }, "cancel"],
    },
  },
};

function play(...actions: Action[]): { state: State; effects: Effect[] } {
  let state = initialState({ version: "0", serverUrl: null, models: [], nowMs: 0 });
  let effects: Effect[] = [];
  for (const action of [opened, ...actions]) {
    const step = update(state, action);
    state = step.state;
    // Only what the last action asked for.
    effects = [...step.effects];
  }
  return { state, effects };
}

/** The effects in short: their kind and what they carry. */
function short(effects: readonly Effect[]): string[] {
  return effects.filter((effect) => effect.type !== "remember").map((effect) => {
    if ("text" in effect) return `${effect.type} ${JSON.stringify(effect.text)}`;
    if (effect.type === "respond") return `respond ${effect.requestId} ${JSON.stringify(effect.decision)}`;
    return effect.type === "interrupt" ? `interrupt ${effect.turnId}` : effect.type;
  });
}

const rows: readonly { name: string; actions: readonly Action[]; effects: readonly string[] }[] = [
  { name: "a message begins a turn", actions: [say("hi")], effects: ['startTurn "hi"'] },
  { name: "blank text is nothing", actions: [say("  \n")], effects: [] },
  { name: "a message in a running turn steers it", actions: [began, say("more")], effects: ['steer "more"'] },
  { name: "a message before the turn has begun waits in the queue", actions: [say("a"), say("b")], effects: [] },
  { name: "Tab queues while a turn runs", actions: [began, typed("later"), key("queue")], effects: ['setDraft ""'] },
  {
    name: "the queue follows a completed turn, one message a turn",
    actions: [began, typed("one"), key("queue"), typed("two"), key("queue"), ended("completed")],
    effects: ['startTurn "one"'],
  },
  {
    name: "an interrupted turn gives the queue back to the composer",
    actions: [began, typed("one"), key("queue"), typed(""), key("interrupt"), ended("interrupted")],
    effects: ['setDraft "one"'],
  },
  {
    name: "queued text joins what stands in the composer",
    actions: [began, typed("one"), key("queue"), typed("draft"), ended("failed")],
    effects: ['setDraft "one\\ndraft"'],
  },
  { name: "Esc interrupts", actions: [began, key("interrupt")], effects: ["interrupt t1"] },
  { name: "Esc with nothing running does nothing", actions: [key("interrupt")], effects: [] },
  {
    name: "Esc before the turn has an id interrupts it as soon as it has",
    actions: [say("hi"), key("interrupt"), began],
    effects: ["interrupt t1"],
  },
  {
    name: "Esc with a steer waiting sends it at once as a turn",
    actions: [began, say("now"), key("interrupt"), ended("interrupted")],
    effects: ['startTurn "now"'],
  },
  {
    name: "a steer that was taken up is not sent again",
    actions: [began, say("now"), heard("item/completed", { turnId: "t1", item: userItem("now") }), ended("completed")],
    effects: [],
  },
  {
    name: "a steer that came too late is the next turn",
    actions: [began, say("late"), ended("completed")],
    effects: ['startTurn "late"'],
  },
  {
    name: "a steer is given back when someone else interrupts",
    actions: [began, say("mine"), ended("interrupted")],
    effects: ['setDraft "mine"'],
  },
  {
    name: "words after a refusal begin the next turn",
    actions: [began, asked, key("cancel"), say("instead"), ended("interrupted")],
    effects: ['startTurn "instead"'],
  },
  {
    name: "a refused turn gives its text back",
    actions: [say("hi"), { type: "turnRefused", text: "hi", message: "overloaded" }],
    effects: ['setDraft "hi"'],
  },
  { name: "y accepts", actions: [began, asked, key("choose:y")], effects: ['respond 0 "accept"'] },
  {
    name: "p accepts the rule",
    actions: [began, asked, key("choose:p")],
    effects: ['respond 0 {"acceptWithExecpolicyAmendment":{"execpolicy_amendment":["ls"]}}'],
  },
  { name: "n refuses", actions: [began, asked, key("choose:n")], effects: ['respond 0 "cancel"'] },
  { name: "Esc refuses", actions: [began, asked, key("cancel")], effects: ['respond 0 "cancel"'] },
  {
    name: "a key of an answer that is not offered does nothing",
    actions: [began, asked, key("choose:a")],
    effects: [],
  },
  {
    name: "Enter takes the selected answer",
    actions: [began, asked, key("down"), key("down"), key("confirm")],
    effects: ['respond 0 "cancel"'],
  },
  {
    name: "the selection goes round",
    actions: [began, asked, key("up"), key("confirm")],
    effects: ['respond 0 "cancel"'],
  },
  { name: "a digit takes its row", actions: [began, asked, key("pick:1")], effects: ['respond 0 "accept"'] },
  {
    name: "a second answer to one question goes nowhere",
    actions: [began, asked, key("choose:y"), key("choose:y")],
    effects: [],
  },
  {
    name: "a question that was settled elsewhere takes no answer",
    actions: [began, asked, heard("serverRequest/resolved", { requestId: 0 }), key("choose:y")],
    effects: [],
  },
  {
    name: "text typed while disconnected stays",
    actions: [{ type: "connectionLost", cause: "x", nowMs: 0 }, say("hi")],
    effects: ['setDraft "hi"'],
  },
  {
    name: "a message that the lost connection swallowed comes back",
    actions: [
      say("hi"),
      { type: "connectionLost", cause: "x", nowMs: 0 },
      { type: "rejoined", session, thread: sampleThread(), nowMs: 2_000 },
    ],
    effects: ['setDraft "hi"'],
  },
  {
    name: "a message that had arrived does not come back",
    actions: [
      say("hi"),
      { type: "connectionLost", cause: "x", nowMs: 0 },
      {
        type: "rejoined",
        session,
        thread: sampleThread([sampleTurn("t1", "completed", [userItem("hi", "item-1")])]),
        nowMs: 2_000,
      },
    ],
    effects: [],
  },
  {
    name: "a message that the running turn may have taken is waited for",
    actions: [say("hi"), lost, rejoinedIn([])],
    effects: [],
  },
  {
    name: "a message that the running turn took is not given back at its end",
    actions: [say("hi"), lost, rejoinedIn([]), message("hi"), ended("completed")],
    effects: [],
  },
  {
    name: "a message that the running turn had not taken is given back at its end",
    actions: [say("hi"), lost, rejoinedIn(["other"]), ended("completed")],
    effects: ['setDraft "hi"'],
  },
  {
    name: "a message that was given back and begins a turn after all leaves the composer",
    actions: [say("hi"), lost, rejoinedIn(["other"]), ended("completed"), message("hi", "t2")],
    effects: ['setDraft ""'],
  },
  {
    name: "words into a turn are waited for over a lost connection",
    actions: [began, say("more"), lost, rejoinedIn([]), message("more"), ended("completed")],
    effects: [],
  },
  {
    name: "words into a turn that did not arrive begin the next one",
    actions: [began, say("more"), lost, rejoinedIn([]), ended("completed")],
    effects: ['startTurn "more"'],
  },
  {
    name: "of equal words, one arrived",
    actions: [began, say("more"), say("more"), lost, rejoinedIn(["more"]), ended("completed")],
    effects: ['startTurn "more"'],
  },
  {
    name: "a thread that was being opened is not waited for",
    actions: [say("/new"), lost, rejoined(), say("hi")],
    effects: ['startTurn "hi"'],
  },
  { name: "Ctrl-C clears what is typed", actions: [typed("text"), key("clearOrQuit")], effects: ['setDraft ""'] },
  { name: "Ctrl-C alone does not leave", actions: [key("clearOrQuit")], effects: [] },
  { name: "Ctrl-C twice leaves", actions: [key("clearOrQuit"), key("clearOrQuit")], effects: ["quit"] },
  {
    name: "Ctrl-C again much later does not leave",
    actions: [key("clearOrQuit", 0), key("clearOrQuit", 60_000)],
    effects: [],
  },
  { name: "Ctrl-C stops the running turn first", actions: [began, key("clearOrQuit")], effects: ["interrupt t1"] },
  { name: "Ctrl-D leaves", actions: [key("quit")], effects: ["quit"] },
  { name: "/quit leaves", actions: [say("/quit")], effects: ["quit"] },
  { name: "/exit leaves", actions: [say("/exit")], effects: ["quit"] },
  { name: "/new opens a thread", actions: [say("/new")], effects: ["newThread"] },
  {
    name: "/sandbox-add-read-dir opens its folder",
    actions: [say("/sandbox-add-read-dir C:\\a b")],
    effects: ["addReadFolder"],
  },
  { name: "/sandbox-add-read-dir without one opens nothing", actions: [say("/sandbox-add-read-dir")], effects: [] },
  { name: "/new waits while a turn runs", actions: [began, say("/new")], effects: [] },
  { name: "an unknown command goes back to the composer", actions: [say("/nope")], effects: ['setDraft "/nope"'] },
  { name: "a path is a message", actions: [say("/etc/hosts is what?")], effects: ['startTurn "/etc/hosts is what?"'] },
  {
    name: "Enter in the popup runs the selected command",
    actions: [typed("/qu"), key("confirm")],
    effects: ['setDraft ""', "quit"],
  },
  { name: "Tab in the popup completes", actions: [typed("/st"), key("complete")], effects: ['setDraft "/status"'] },
];

for (const { name, actions, effects } of rows) {
  Deno.test(`update(): ${name}`, () => assert.deepEqual(short(play(...actions).effects), effects));
}

const contexts: readonly { name: string; actions: readonly Action[]; atMs: number; context: string }[] = [
  { name: "nothing typed", actions: [], atMs: 0, context: "idle" },
  { name: "text", actions: [typed("hi")], atMs: 0, context: "composer" },
  { name: "a slash", actions: [typed("/")], atMs: 0, context: "popup" },
  { name: "a closed popup", actions: [typed("/"), key("cancel")], atMs: 0, context: "composer" },
  {
    name: "a popup opened anew by the next letter",
    actions: [typed("/"), key("cancel"), typed("/m")],
    atMs: 0,
    context: "popup",
  },
  { name: "a question", actions: [began, asked], atMs: 1_000, context: "approval" },
  {
    name: "a question that appears in the middle of a word",
    actions: [began, typed("yes pl", 900), asked],
    atMs: 1_000,
    context: "composer",
  },
  { name: "the same after a pause", actions: [began, typed("yes pl", 900), asked], atMs: 1_700, context: "approval" },
  {
    name: "a question right after a message was sent",
    actions: [typed("go", 900), typed("", 950), began, asked],
    atMs: 1_000,
    context: "approval",
  },
  { name: "the model list", actions: [say("/model")], atMs: 0, context: "list" },
];

for (const { name, actions, atMs, context } of contexts) {
  Deno.test(`keyContext() with ${name}: ${context}`, () =>
    assert.equal(keyContext(play(...actions).state, atMs), context));
}

Deno.test("update() applies a picked model to the next turn", () => {
  const models = ["one", "two"].map((model) => ({
    id: model,
    model,
    displayName: model,
    description: "",
    hidden: false,
    isDefault: false,
    defaultReasoningEffort: "medium" as const,
    supportedReasoningEfforts: [
      { reasoningEffort: "low" as const, description: "" },
      { reasoningEffort: "medium" as const, description: "" },
    ],
    inputModalities: [],
    supportsPersonality: false,
    additionalSpeedTiers: [],
    availabilityNux: null,
    upgrade: null,
    upgradeInfo: null,
  }));
  let state = update(initialState({ version: "0", serverUrl: null, models, nowMs: 0 }), opened).state;
  for (
    const action of [say("/model"), { type: "typed", text: "tw" } as const, key("confirm"), key("up"), key("confirm")]
  ) {
    state = update(state, action).state;
  }
  const { effects } = update(state, say("hi"));
  assert.deepEqual(effects.at(-1), { type: "startTurn", text: "hi", choice: { model: "two", effort: "low" } });
});

const readOnly: Session = { ...session, sandbox: { type: "readOnly" } };
const notices: readonly { name: string; session: Session; told: boolean }[] = [
  { name: "that the server made read-only says so", session: readOnly, told: true },
  { name: "that the user wants read-only says nothing", session: { ...readOnly, sandboxAsked: true }, told: false },
  { name: "that may be written says nothing", session, told: false },
];

for (const { name, session, told } of notices) {
  Deno.test(`update() opens a folder ${name}`, () => {
    const first = initialState({ version: "0", serverUrl: null, models: [], nowMs: 0 });
    const { state } = update(first, { type: "opened", session, thread: sampleThread(), nowMs: 0 });
    const texts = state.view.entries.map((entry) => (entry.kind === "remark" ? entry.text : entry.kind));
    assert.equal(texts.length, told ? 1 : 0);
    if (told) assert.match(texts[0] ?? "", /Read-only: .*-s workspace-write/);
  });
}
