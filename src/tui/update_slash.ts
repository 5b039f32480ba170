// What each slash command does.
import { reduceThread } from "../client/thread_view.ts";
import type { RemarkTone } from "../client/thread_entries.ts";
import { type Step, step } from "./actions.ts";
import { slashCommands, type SlashRow } from "./slash_commands.ts";
import { isBusy, type ListItem, modelLabel, type State } from "./state.ts";

export function runSlash(state: State, row: SlashRow, argument: string | null): Step {
  if (isBusy(state) && !row.whileBusy) {
    return step(remark(state, "bad", `/${row.name} has to wait: a turn is running. Esc stops it`));
  }
  switch (row.name) {
    case "model":
      return step({ ...state, list: modelList(state) });
    case "new":
      if (state.connection.kind === "lost") return step(remark(state, "bad", "Not connected: /new has to wait"));
      return step({ ...state, opening: true }, { type: "newThread" });
    case "status":
      return step(remark(state, "info", statusText(state)));
    case "sandbox-add-read-dir":
      if (argument === null) return step(remark(state, "bad", `Name the folder: /${row.name} ${row.argument}`));
      return step(state, { type: "addReadFolder", path: argument });
    case "help":
      return step(remark(state, "info", helpText()));
    case "quit":
      return step({ ...state, phase: "leaving" }, { type: "quit" });
  }
}

function remark(state: State, tone: RemarkTone, text: string): State {
  return { ...state, view: reduceThread(state.view, { type: "remark", tone, text }) };
}

function modelList(state: State): State["list"] {
  const current = state.choice?.model ?? state.session?.model;
  const items: ListItem[] = state.models.filter((model) => !model.hidden || model.model === current).map((model) => ({
    value: model.model,
    label: model.displayName + (model.model === current ? " (current)" : model.isDefault ? " (default)" : ""),
    detail: model.description,
  }));
  const selected = Math.max(0, items.findIndex((item) => item.value === current));
  return { purpose: "model", title: "Choose the model for the next turns", items, selected, search: "" };
}

export function effortList(state: State, model: string): State["list"] {
  const found = state.models.find((one) => one.model === model);
  if (!found || found.supportedReasoningEfforts.length < 2) return null;
  const items = found.supportedReasoningEfforts.map(({ reasoningEffort, description }) => ({
    value: reasoningEffort,
    label: reasoningEffort + (reasoningEffort === found.defaultReasoningEffort ? " (default)" : ""),
    detail: description,
  }));
  const current = state.choice?.model === model ? state.choice.effort : state.session?.effort;
  const preferred = current ?? found.defaultReasoningEffort;
  const selected = Math.max(0, items.findIndex((item) => item.value === preferred));
  return { purpose: "effort", title: `Choose how hard ${found.displayName} thinks`, items, selected, search: "" };
}

function statusText(state: State): string {
  const { session, view } = state;
  if (!session) return "No thread is open";
  const policy = typeof session.approvalPolicy === "string" ? session.approvalPolicy : "granular";
  const usage = view.usage;
  const rows: readonly (readonly [string, string])[] = [
    ["model", modelLabel(state)],
    ["directory", session.folder],
    ["approvals", policy],
    ["sandbox", session.sandbox.type],
    ["thread", session.threadId],
    ["server", state.serverUrl ?? "in this process"],
    [
      "tokens",
      usage
        ? `${format(usage.total.totalTokens)} (${format(usage.total.inputTokens)} in, ${
          format(usage.total.outputTokens)
        } out)`
        : "none yet",
    ],
    [
      "context",
      usage?.modelContextWindow
        ? `${format(usage.last.totalTokens)} of ${format(usage.modelContextWindow)}`
        : "unknown",
    ],
  ];
  return ["Status", ...rows.map(([name, value]) => `${`${name}:`.padEnd(11)}${value}`)].join("\n");
}

function format(count: number): string {
  return count.toLocaleString("en-US");
}

const KEYS: readonly (readonly [string, string])[] = [
  ["enter", "send; into the running turn while one runs"],
  ["tab", "queue behind the running turn"],
  ["shift + ←", "edit the message queued last"],
  ["ctrl + j", "new line (also shift + enter, alt + enter)"],
  ["esc", "stop the running turn"],
  ["↑", "messages sent before"],
  ["ctrl + c", "clear the line; twice: leave"],
  ["ctrl + d", "leave, when the line is empty"],
  ["ctrl + z", "put in the background"],
];

function helpText(): string {
  const rows: readonly SlashRow[] = slashCommands;
  const commands = rows.map(({ name, argument, doc }) => {
    const words = argument === undefined ? `/${name}` : `/${name} ${argument}`;
    return words.length < 11 ? `${words.padEnd(11)}${doc}` : `${words}\n${"".padEnd(11)}${doc}`;
  });
  return ["Commands", ...commands, "", "Keys", ...KEYS.map(([key, doc]) => `${key.padEnd(11)}${doc}`)].join("\n");
}
