// Markdown as lines of a terminal. Marks that carry meaning stay (heading `#`, quote `>`), the others become styles;
// tables become aligned columns. `marked` parses; this file lays out.
import { visibleWidth, wrapTextWithAnsi } from "@earendil-works/pi-tui";
import { lexer, type Token, type Tokens } from "marked";
import type { Style, Theme } from "../theme.ts";
import { highlightCode } from "./highlight.ts";
import { renderTable } from "./markdown_table.ts";
import { indentLines } from "./wrap.ts";

export function renderMarkdown(text: string, width: number, theme: Theme): string[] {
  return renderBlocks(lexMarkdown(text), width, theme);
}

export function lexMarkdown(text: string): Token[] {
  return lexer(text, { gfm: true });
}

/** Blocks with one blank line between them. */
export function renderBlocks(tokens: readonly Token[], width: number, theme: Theme): string[] {
  const lines: string[] = [];
  for (const token of tokens) {
    const block = renderBlock(token, Math.max(1, width), theme);
    if (block.length === 0) continue;
    if (lines.length > 0) lines.push("");
    lines.push(...block);
  }
  return lines;
}

function renderBlock(token: Token, width: number, theme: Theme): string[] {
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "heading":
      return wrapTextWithAnsi(
        headingStyle(token["depth"], theme)(`${"#".repeat(token["depth"])} ${renderInline(token.tokens ?? [], theme)}`),
        width,
      );
    case "paragraph":
    case "text":
      return wrapTextWithAnsi(renderInline(token.tokens ?? [token], theme), width);
    case "code":
      return renderCode(token["text"], token["lang"], width, theme);
    case "hr":
      return [theme.dim("———")];
    case "blockquote":
      return renderBlocks(token.tokens ?? [], width - 2, theme).map((line) => theme.good(`> ${line}`));
    case "list":
      // marked types tokens as an open union; `type` is its discriminant.
      return renderList(token as Tokens.List, width, theme);
    case "table":
      return renderTable(token as Tokens.Table, width, theme, (cell) => renderInline(cell, theme));
    default:
      // HTML and whatever else: as it was written.
      return wrapTextWithAnsi(token.raw.trimEnd(), width);
  }
}

function headingStyle(depth: unknown, theme: Theme): Style {
  if (depth === 1) return (text) => theme.bold(theme.underline(text));
  if (depth === 2) return theme.bold;
  return (text) => theme.bold(theme.italic(text));
}

function renderCode(code: string, info: string | undefined, width: number, theme: Theme): string[] {
  const language = info?.trim().split(/[\s,{]/)[0] || null;
  return highlightCode(code, language, theme)
    .flatMap((line) => (line === "" ? [""] : wrapTextWithAnsi(line, Math.max(1, width - 2))))
    .map((line) => (line === "" ? "" : `  ${line}`));
}

function renderList(list: Tokens.List, width: number, theme: Theme): string[] {
  const start = typeof list.start === "number" ? list.start : 1;
  const lines: string[] = [];
  list.items.forEach((item, at) => {
    const box = item.task ? (item.checked ? "[x] " : "[ ] ") : "";
    const number = `${start + at}. `;
    const mark = list.ordered ? number : "- ";
    const columns = visibleWidth(mark);
    const first = (list.ordered ? theme.marker(mark) : mark) + box;
    const body = renderItem(item, width - columns - box.length, theme);
    if (list.loose && lines.length > 0) lines.push("");
    lines.push(...indentLines(body.length > 0 ? body : [""], { first, rest: " ".repeat(columns + box.length) }));
  });
  return lines;
}

/** Like blocks, but a tight list's text and the list within it touch. */
function renderItem(item: Tokens.ListItem, width: number, theme: Theme): string[] {
  const lines: string[] = [];
  for (const token of item.tokens) {
    if (token.type === "checkbox") continue;
    const nested = token.type === "list";
    const block = renderBlock(token, Math.max(1, nested ? width - 2 : width), theme);
    if (block.length === 0) continue;
    if (item.loose && lines.length > 0 && !nested) lines.push("");
    lines.push(...(nested ? block.map((line) => (line === "" ? "" : `  ${line}`)) : block));
  }
  return lines;
}

export function renderInline(tokens: readonly Token[], theme: Theme): string {
  return tokens.map((token) => renderSpan(token, theme)).join("");
}

function renderSpan(token: Token, theme: Theme): string {
  const children = "tokens" in token ? token.tokens ?? [] : [];
  const inner = (): string => renderInline(children, theme);
  switch (token.type) {
    case "strong":
      return theme.bold(inner());
    case "em":
      return theme.italic(inner());
    case "del":
      return theme.strike(inner());
    case "codespan":
      return theme.accent(token["text"]);
    case "br":
      return "\n";
    case "escape":
      return token["text"];
    case "link": {
      const label = inner();
      const url: string = token["href"];
      const shown = theme.accent(theme.underline(url));
      return label === url || `mailto:${label}` === url ? shown : `${label} (${shown})`;
    }
    case "image":
      return `[image: ${token["text"] || token["href"]}]`;
    case "text":
      return children.length > 0 ? inner() : decodeEntities(token["text"]);
    default:
      return token.raw;
  }
}

/** marked leaves entities of the source as they are; these are the ones that people and models write. */
function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (whole, name: string) => {
    const known: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " };
    return known[name] ?? whole;
  });
}
