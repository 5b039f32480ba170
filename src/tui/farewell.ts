// The last lines of a session, in the shell again: tokens used, how to come back, and words that were never sent.
import type { State } from "./state.ts";

export function farewellLines(state: State): string[] {
  const lines: string[] = [];
  const usage = state.view.usage?.total;
  if (usage) {
    const input = usage.inputTokens - usage.cachedInputTokens;
    const cached = usage.cachedInputTokens > 0 ? ` (+ ${format(usage.cachedInputTokens)} cached)` : "";
    const reasoning = usage.reasoningOutputTokens > 0 ? ` (reasoning ${format(usage.reasoningOutputTokens)})` : "";
    lines.push(
      `Token usage: total=${format(input + usage.outputTokens)} input=${format(input)}${cached} ` +
        `output=${format(usage.outputTokens)}${reasoning}`,
    );
  }
  // A thread in which nothing was said is not stored.
  const spoken = state.view.turn !== null || state.view.endedTurns.size > 0;
  const goesOn = state.serverUrl !== null && state.view.turn !== null && state.connection.kind === "live";
  if (goesOn) lines.push("The turn goes on in the server.");
  if (state.session && spoken) lines.push(`To continue this session, run ${resumeCommand(state)}`);
  const unsent = [...(state.sending === null ? [] : [state.sending]), ...state.steers, ...state.queue, state.draft]
    .filter((text) => text.trim() !== "");
  if (unsent.length > 0) lines.push("Not sent:", ...unsent);
  return lines;
}

export function resumeCommand(state: State): string {
  const remote = state.serverUrl === null ? "" : ` --remote ${state.serverUrl}`;
  return `codex resume ${state.session?.threadId ?? ""}${remote}`;
}

function format(count: number): string {
  return count.toLocaleString("en-US");
}
