// Words: what the user said, what the model answered, what it thought.
import type { ThreadItem } from "../../protocol/types/item.ts";
import { textOf } from "../../client/thread_entries.ts";
import { cleanText } from "../text/clean.ts";
import { renderMarkdown } from "../text/markdown.ts";
import type { MarkdownStream } from "../text/markdown_stream.ts";
import { fit, indentLines, wrapWithIndent } from "../text/wrap.ts";
import { BULLET, type CellContext, HANG } from "./cell.ts";

/** With a blank row above and below: requests stand out from what they led to. */
export function renderUserCell(item: ThreadItem, { width, theme }: CellContext): string[] {
  const text = cleanText(textOf(item) ?? "").trimEnd();
  return ["", ...wrapWithIndent(text, width, { first: theme.bold(theme.dim("› ")), rest: HANG }), ""];
}

/** `stream` draws a message that is still growing. */
export function renderAgentCell(text: string, context: CellContext, stream: MarkdownStream | null): string[] {
  const { width, theme } = context;
  const source = cleanText(text);
  if (source.trim() === "") return [];
  const columns = width - HANG.length;
  const lines = stream ? stream.render(source, columns) : renderMarkdown(source, columns, theme);
  return fit(indentLines(lines, { first: theme.dim(BULLET), rest: HANG }), width);
}

/** The summary without its headings, which were shown while the model worked. */
export function renderReasoningCell(summary: readonly string[], context: CellContext): string[] {
  const { width, theme } = context;
  const body = summary.map((part) => cleanText(part).replace(/^\s*\*\*[^*\n]+\*\*\s*/, "").trim()).filter((part) => part !== "");
  if (body.length === 0) return [];
  const lines = renderMarkdown(body.join("\n\n"), width - HANG.length, theme);
  const styled = lines.map((line) => theme.dim(theme.italic(line)));
  return fit(indentLines(styled, { first: theme.dim(BULLET), rest: HANG }), width);
}
