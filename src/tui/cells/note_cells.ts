// The rest of what a transcript tells: plans, ends of turns, remarks of this client, and the items that need one line.
import type { PlanEntry, RemarkEntry, TurnEndEntry } from "../../client/thread_entries.ts";
import type { ThreadItem } from "../../protocol/types/item.ts";
import { cleanLine, cleanText } from "../text/clean.ts";
import { renderMarkdown } from "../text/markdown.ts";
import { shortPath } from "../text/paths.ts";
import { fit, indentLines, wrapWithIndent } from "../text/wrap.ts";
import { BULLET, type CellContext, HANG } from "./cell.ts";

export function renderPlanCell(entry: PlanEntry, { width, theme }: CellContext): string[] {
  const lines = [theme.dim(BULLET) + theme.bold("Updated Plan")];
  const put = (text: string, mark: string, style: (text: string) => string): void => {
    const first = (lines.length === 1 ? theme.dim("  └ ") : "    ") + mark;
    lines.push(...wrapWithIndent(style(cleanLine(text)), width, { first, rest: mark === "" ? "    " : "      " }));
  };
  if (entry.explanation?.trim()) put(entry.explanation, "", (text) => theme.dim(theme.italic(text)));
  for (const { step, status } of entry.plan) {
    if (status === "completed") put(step, "✔ ", (text) => theme.dim(theme.strike(text)));
    else if (status === "inProgress") put(step, "□ ", (text) => theme.bold(theme.accent(text)));
    else put(step, "□ ", theme.dim);
  }
  if (lines.length === 1) lines.push(theme.dim("  └ (no steps)"));
  return fit(lines, width);
}

export function renderTurnEndCell(entry: TurnEndEntry, { width, theme }: CellContext): string[] {
  const indent = { first: theme.bad("■ "), rest: HANG };
  if (entry.status === "interrupted") {
    return wrapWithIndent(theme.bad("Interrupted. Tell the agent what to do differently."), width, indent);
  }
  if (entry.status === "lost") {
    const text = "The server or the connection to it went away in the middle of this turn. Send a message to go on.";
    return wrapWithIndent(theme.bad(text), width, indent);
  }
  const message = cleanText(entry.error?.message ?? "The turn failed");
  const details = cleanText(entry.error?.additionalDetails ?? "").trim();
  const lines = wrapWithIndent(theme.bad(message), width, indent);
  if (details !== "" && !message.includes(details)) {
    lines.push(...wrapWithIndent(theme.dim(details), width, { first: theme.dim("  └ "), rest: "    " }));
  }
  return lines;
}

export function renderRemarkCell(entry: RemarkEntry, { width, theme }: CellContext): string[] {
  const text = cleanText(entry.text);
  switch (entry.tone) {
    case "good":
      return wrapWithIndent(text, width, { first: theme.good("✔ "), rest: HANG });
    case "refused":
      return wrapWithIndent(text, width, { first: theme.bad("✗ "), rest: HANG });
    case "bad":
      return wrapWithIndent(theme.bad(text), width, { first: theme.bad("■ "), rest: HANG });
    case "warning":
      return wrapWithIndent(theme.warning(text), width, { first: theme.warning("⚠ "), rest: HANG });
    case "info":
      return wrapWithIndent(theme.dim(text), width, { first: theme.dim(BULLET), rest: HANG });
  }
}

type LineItem = Exclude<
  ThreadItem,
  { type: "userMessage" | "agentMessage" | "reasoning" | "commandExecution" | "fileChange" }
>;

export function renderLineCell(item: LineItem, context: CellContext): string[] {
  const { width, theme, folder } = context;
  const line = (verb: string, object: string, failed = false): string[] =>
    wrapWithIndent(`${theme.bold(verb)} ${cleanLine(object)}`.trimEnd(), width, {
      first: failed ? theme.bad(BULLET) : theme.dim(BULLET),
      rest: HANG,
    });
  switch (item.type) {
    case "plan": {
      const body = renderMarkdown(cleanText(item.text), width - 4, theme);
      return fit([...line("Proposed Plan", ""), "", ...indentLines(body, { first: "  ", rest: "  " })], width);
    }
    case "mcpToolCall":
      return [
        ...line(
          item.status === "inProgress" ? "Calling" : "Called",
          `${item.server}.${item.tool}`,
          item.status === "failed",
        ),
        ...(item.error
          ? wrapWithIndent(theme.bad(cleanText(item.error.message)), width, { first: "  └ ", rest: "    " })
          : []),
      ];
    case "dynamicToolCall":
      return line(item.status === "inProgress" ? "Calling" : "Called", item.tool, item.status === "failed");
    case "collabAgentToolCall":
      return line("Agent", `${item.tool} ${item.prompt ?? ""}`, item.status === "failed");
    case "webSearch":
      return line("Searched", item.query);
    case "imageView":
      return line("Viewed", shortPath(item.path, folder));
    case "imageGeneration":
      return line("Made an image", item.savedPath ?? "");
    case "enteredReviewMode":
      return line("Review started", item.review);
    case "exitedReviewMode": {
      const body = renderMarkdown(cleanText(item.review), width - 2, theme);
      return fit([...line("Review finished", ""), "", ...indentLines(body, { first: "  ", rest: "  " })], width);
    }
    case "contextCompaction":
      return line("Context compacted", "");
    case "hookPrompt":
      return line("Hook", item.fragments.map((fragment) => fragment.text).join(" "));
  }
}
