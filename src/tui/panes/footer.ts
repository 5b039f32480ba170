// The last row: settings on the left; on the right what a key would do now, or how much context is left.
import { visibleWidth } from "@earendil-works/pi-tui";
import { listBackground } from "../../client/thread_entries.ts";
import { isBusy, modelLabel, type State } from "../state.ts";
import { cleanLine } from "../text/clean.ts";
import { homePath } from "../text/paths.ts";
import { fitLine } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";

export function renderFooter(state: State, home: string | null, width: number, theme: Theme): string {
  const folder = state.session ? ` · ${homePath(cleanLine(state.session.folder), home)}` : "";
  const model = `  ${modelLabel(state)}`;
  // What a key would do, and what still runs, are worth more than the settings.
  const important = hintOf(state) ?? backgroundOf(state);
  const facts = hintOf(state) === null ? [backgroundOf(state), contextLeft(state)] : [hintOf(state)];
  const right = facts.filter((fact) => fact !== null).join(" · ");
  const lefts = important === null ? [model + folder] : [model + folder, model];
  for (const left of right === "" ? [] : lefts) {
    const gap = width - visibleWidth(left) - visibleWidth(right) - 1;
    if (gap >= 2) return theme.dim(left + " ".repeat(gap) + right);
  }
  return fitLine(theme.dim(important === null ? model + folder : `  ${important}`), width);
}

function hintOf(state: State): string | null {
  if (state.nowMs < state.quitArmedUntilMs) return "ctrl + c again to quit";
  if (state.connection.kind === "lost" && state.draft !== "") return "not connected: your text stays here";
  if (isBusy(state) && state.draft.trim() !== "") return "tab to queue message";
  return null;
}

function backgroundOf({ view }: State): string | null {
  const count = listBackground(view.entries).length;
  if (count === 0) return null;
  return count === 1 ? "1 background command is running" : `${count} background commands are running`;
}

function contextLeft({ view }: State): string | null {
  const size = view.usage?.modelContextWindow;
  if (!view.usage || !size) return null;
  const percent = Math.round(100 * (1 - view.usage.last.totalTokens / size));
  return `${Math.min(100, Math.max(0, percent))}% context left`;
}
