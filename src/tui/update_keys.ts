// Keys: what each does with the focus where it is.
import { reduceThread } from "../client/thread_view.ts";
import type { ApprovalDecision } from "../client/approval.ts";
import type { ReasoningEffort } from "../protocol/types/policy.ts";
import { type Step, step } from "./actions.ts";
import { approvalOptions, cancelDecision, describeAnswer } from "./approval_options.ts";
import type { KeyContext, KeyName } from "./keymap.ts";
import { matchSlashCommands } from "./slash_commands.ts";
import { currentApproval, isBusy, type ListDialog, type ListItem, type State } from "./state.ts";
import { returnToDraft } from "./update_turns.ts";
import { effortList, runSlash } from "./update_slash.ts";

/** How long the first Ctrl-C waits for the second, ms. */
export const QUIT_WINDOW_MS = 3_000;

/** What has the focus. */
export function keyContext(state: State, nowMs: number): KeyContext {
  if (state.list) return "list";
  if (currentApproval(state) && nowMs >= state.approvalGuardUntilMs) return "approval";
  if (popupRows(state).length > 0) return "popup";
  return state.draft === "" ? "idle" : "composer";
}

export function popupRows(state: State): ReturnType<typeof matchSlashCommands> {
  return state.popupClosedFor === state.draft ? [] : matchSlashCommands(state.draft);
}

export function pressKey(state: State, key: KeyName): Step {
  if (key === "suspend") return step(state, { type: "suspend" });
  const context = keyContext(state, state.nowMs);
  if (context === "list" && state.list) return pressInList(state, state.list, key);
  if (context === "approval") return pressInApproval(state, key);
  if (context === "popup" && key !== "clearOrQuit") return pressInPopup(state, key);
  switch (key) {
    case "interrupt":
      return interrupt(state);
    case "clearOrQuit":
      return clearOrQuit(state);
    case "quit":
      return leave(state);
    case "queue":
      return queueDraft(state);
    case "editQueued": {
      const last = state.queue.at(-1);
      return last === undefined ? step(state) : returnToDraft({ ...state, queue: state.queue.slice(0, -1) }, [last]);
    }
    default:
      return step(state);
  }
}

function leave(state: State): Step {
  return step({ ...state, phase: "leaving" }, { type: "quit" });
}

function interrupt(state: State): Step {
  if (!isBusy(state) || state.connection.kind === "lost") return step(state);
  const next = { ...state, interrupting: true };
  // Without a turn id yet, the interrupt follows as soon as there is one.
  return state.view.turn ? step(next, { type: "interrupt", turnId: state.view.turn.id }) : step(next);
}

function clearOrQuit(state: State): Step {
  if (state.draft !== "") {
    return step({ ...state, draft: "", quitArmedUntilMs: 0 }, { type: "remember", text: state.draft }, {
      type: "setDraft",
      text: "",
    });
  }
  if (state.nowMs < state.quitArmedUntilMs) return leave(state);
  const armed = { ...state, quitArmedUntilMs: state.nowMs + QUIT_WINDOW_MS };
  return interrupt(armed);
}

function queueDraft(state: State): Step {
  const text = state.draft.trim();
  if (text === "" || !isBusy(state)) return step(state);
  return step({ ...state, draft: "", queue: [...state.queue, text] }, { type: "remember", text }, {
    type: "setDraft",
    text: "",
  });
}

function pressInPopup(state: State, key: KeyName): Step {
  const rows = popupRows(state);
  const row = rows[Math.min(state.popupSelected, rows.length - 1)];
  switch (key) {
    case "up":
      return step({ ...state, popupSelected: (state.popupSelected + rows.length - 1) % rows.length });
    case "down":
      return step({ ...state, popupSelected: (state.popupSelected + 1) % rows.length });
    case "cancel":
      return step({ ...state, popupClosedFor: state.draft });
    case "complete":
      return row ? step({ ...state, draft: `/${row.name}` }, { type: "setDraft", text: `/${row.name}` }) : step(state);
    case "confirm": {
      if (!row) return step(state);
      if (row.argument !== undefined) {
        const draft = `/${row.name} `;
        return step({ ...state, draft }, { type: "setDraft", text: draft });
      }
      const ran = runSlash({ ...state, draft: "" }, row, null);
      return { state: ran.state, effects: [{ type: "setDraft", text: "" }, ...ran.effects] };
    }
    default:
      return step(state);
  }
}

/** The rows of a list that contain every word of the search. */
export function listRows(list: ListDialog): readonly ListItem[] {
  const words = list.search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return list.items;
  return list.items.filter((item) => {
    const text = `${item.label} ${item.detail}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function pressInList(state: State, list: ListDialog, key: KeyName): Step {
  const rows = listRows(list);
  const move = (by: number): Step =>
    step(
      rows.length === 0
        ? state
        : { ...state, list: { ...list, selected: (list.selected + by + rows.length) % rows.length } },
    );
  switch (key) {
    case "up":
      return move(-1);
    case "down":
      return move(1);
    case "erase":
      return step({ ...state, list: { ...list, search: list.search.slice(0, -1), selected: 0 } });
    case "cancel":
      if (list.search !== "") return step({ ...state, list: { ...list, search: "", selected: 0 } });
      return state.phase === "picking" ? leave({ ...state, list: null }) : step({ ...state, list: null });
    case "confirm": {
      const item = rows[list.selected];
      return item ? choose(state, list, item) : step(state);
    }
    default:
      return step(state);
  }
}

function choose(state: State, list: ListDialog, item: ListItem): Step {
  switch (list.purpose) {
    case "thread":
      return step({ ...state, list: null, opening: true }, { type: "resumeThread", threadId: item.value });
    case "model": {
      const effort = state.models.find((model) => model.model === item.value)?.defaultReasoningEffort ?? null;
      const next = { ...state, choice: { model: item.value, effort } };
      const efforts = effortList(state, item.value);
      return step(efforts ? { ...next, list: efforts } : chosen(next));
    }
    case "effort": {
      const model = state.choice?.model ?? state.session?.model ?? "";
      return step(chosen({ ...state, choice: { model, effort: findEffort(item.value) } }));
    }
  }
}

function findEffort(value: string): ReasoningEffort | null {
  const known: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "xhigh"];
  return known.find((effort) => effort === value) ?? null;
}

function chosen(state: State): State {
  const text = `The next turns use ${state.choice?.model} ${state.choice?.effort ?? "default"}`;
  return { ...state, list: null, view: reduceThread(state.view, { type: "remark", tone: "info", text }) };
}

function pressInApproval(state: State, key: KeyName): Step {
  const approval = currentApproval(state);
  if (!approval) return step(state);
  const options = approvalOptions(approval);
  const answer = (decision: ApprovalDecision): Step => {
    const { good, text } = describeAnswer(approval, decision);
    const answered = reduceThread(state.view, { type: "answered", requestId: approval.requestId });
    const tone = good ? "good" : "refused";
    // A command ran because of the answer; edits were already shown with the question.
    const place = approval.kind === "command" ? { beforeItem: approval.itemId } : {};
    const view = reduceThread(answered, { type: "remark", tone, text, ...place });
    // A refusal ends the turn: words that follow it are for the next one.
    const interrupting = state.interrupting || decision === "cancel";
    return step({ ...state, view, approvalSelected: 0, interrupting }, {
      type: "respond",
      requestId: approval.requestId,
      decision,
    });
  };
  const move = (by: number): Step =>
    step({ ...state, approvalSelected: (state.approvalSelected + by + options.length) % options.length });
  if (key === "up") return move(-1);
  if (key === "down") return move(1);
  if (key === "cancel") return answer(cancelDecision(approval));
  const at = key === "confirm" ? state.approvalSelected : key.startsWith("pick:") ? Number(key.slice(5)) - 1 : -1;
  const option = options[at] ?? options.find((one) => key === `choose:${one.key}`);
  return option ? answer(option.decision) : step(state);
}
