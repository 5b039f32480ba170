// The last row: settings on the left; on the right what a key would do now, or how much context is left.
import { visibleWidth } from "@earendil-works/pi-tui";
import { isBusy, modelLabel, type State } from "../state.ts";
import { cleanLine } from "../text/clean.ts";
import { homePath } from "../text/paths.ts";
import { fitLine } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";

export function renderFooter(state: State, home: string | null, width: number, theme: Theme): string {
  const folder = state.session ? ` · ${homePath(cleanLine(state.session.folder), home)}` : "";
  const left = `  ${modelLabel(state)}${folder}`;
  const right = hintOf(state) ?? contextLeft(state) ?? "";
  const gap = width - visibleWidth(left) - visibleWidth(right) - 1;
  if (right !== "" && gap >= 2) return theme.dim(left + " ".repeat(gap) + right);
  // Where both do not fit, what a key would do is worth more than the settings.
  return fitLine(theme.dim(hintOf(state) !== null ? `  ${right}` : left), width);
}

function hintOf(state: State): string | null {
  if (state.nowMs < state.quitArmedUntilMs) return "ctrl + c again to quit";
  if (state.connection.kind === "lost" && state.draft !== "") return "not connected: your text stays here";
  if (isBusy(state) && state.draft.trim() !== "") return "tab to queue message";
  return null;
}

function contextLeft({ view }: State): string | null {
  const size = view.usage?.modelContextWindow;
  if (!view.usage || !size) return null;
  const percent = Math.round(100 * (1 - view.usage.last.totalTokens / size));
  return `${Math.min(100, Math.max(0, percent))}% context left`;
}
