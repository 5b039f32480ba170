// Words: what the user said, what the model answered, what it thought.
import type { ThreadItem } from "../../protocol/types/item.ts";
import { textOf } from "../../client/thread_entries.ts";
import { cleanText } from "../text/clean.ts";
import { renderMarkdown } from "../text/markdown.ts";
import { createMarkdownStream, type MarkdownStream } from "../text/markdown_stream.ts";
import { fit, fitLine, indentLines, wrapWithIndent } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";
import { BULLET, type CellContext, HANG } from "./cell.ts";

/** With a blank row above and below: requests stand out from what they led to. */
export function renderUserCell(item: ThreadItem, { width, theme }: CellContext): string[] {
  const text = cleanText(textOf(item) ?? "").trimEnd();
  return ["", ...wrapWithIndent(text, width, { first: theme.bold(theme.dim("› ")), rest: HANG }), ""];
}

/** `stream` draws a message that is still growing. */
export function renderAgentCell(text: string, context: CellContext, stream: MarkdownStream | null): readonly string[] {
  const { width, theme } = context;
  const columns = width - HANG.length;
  if (stream) return stream.render(text, columns);
  const source = cleanText(text);
  if (source.trim() === "") return [];
  return renderMarkdown(source, columns, theme).map((line, at) => dressAgentLine(line, at === 0, columns, theme));
}

export function createAgentStream(theme: Theme): MarkdownStream {
  return createMarkdownStream({ theme, dress: (line, first, width) => dressAgentLine(line, first, width, theme) });
}

function dressAgentLine(line: string, first: boolean, width: number, theme: Theme): string {
  const kept = fitLine(line, width);
  return first ? theme.dim(BULLET) + kept : kept === "" ? "" : HANG + kept;
}

/** The summary without its headings, which were shown while the model worked. */
export function renderReasoningCell(summary: readonly string[], context: CellContext): string[] {
  const { width, theme } = context;
  const body = summary.map((part) => cleanText(part).replace(/^\s*\*\*[^*\n]+\*\*\s*/, "").trim()).filter((part) =>
    part !== ""
  );
  if (body.length === 0) return [];
  const lines = renderMarkdown(body.join("\n\n"), width - HANG.length, theme);
  const styled = lines.map((line) => theme.dim(theme.italic(line)));
  return fit(indentLines(styled, { first: theme.dim(BULLET), rest: HANG }), width);
}
