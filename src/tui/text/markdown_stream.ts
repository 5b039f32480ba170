// Markdown that is still arriving. What can no longer change is laid out once; only the last block is parsed again for
// each frame, and of a block that grows long only its end. Keeps the cost of a frame level however long the answer.
import { type Token, type Tokens } from "marked";
import type { Theme } from "../theme.ts";
import { cleanText } from "./clean.ts";
import { lexMarkdown, renderBlocks } from "./markdown.ts";

export interface MarkdownStream {
  /** `text` is what came so far: the text of the last call, or that and more. Cleaned here. */
  render(text: string, width: number): readonly string[];
}

export interface MarkdownStreamOptions {
  readonly theme: Theme;
  /** What becomes of each line, once; `first` says whether it is the first of all. */
  dress(line: string, first: boolean, width: number): string;
}

/** Lines of an open code block, items of an open list and lines of an open paragraph that may still change. */
const OPEN_CODE_LINES = 24;
const OPEN_LIST_ITEMS = 8;
const OPEN_TEXT_LINES = 24;
/** They are finished this many at a time. */
const BATCH = 16;

type Join = "apart" | "touching";

export function createMarkdownStream(options: MarkdownStreamOptions): MarkdownStream {
  const { theme, dress } = options;
  /** The raw text that was cleaned, up to a line's end, and what it became. */
  let taken = "";
  let cleaned = "";
  let width = 0;
  /** Of the cleaned text, how much is laid out for good. */
  let finishedChars = 0;
  let finished: string[] = [];
  /** How what follows the finished lines is set off from them. */
  let join: Join = "apart";
  /** Set inside a code block whose beginning is finished: the fence that opens it. */
  let fence: string | null = null;

  function restart(newWidth: number): void {
    width = newWidth;
    finishedChars = 0;
    finished = [];
    join = "apart";
    fence = null;
  }

  function takeIn(text: string): string {
    if (!text.startsWith(taken)) {
      taken = "";
      cleaned = "";
      restart(width);
    }
    const end = text.lastIndexOf("\n") + 1;
    if (end > taken.length) {
      cleaned += cleanText(text.slice(taken.length, end));
      taken = text.slice(0, end);
    }
    return cleaned + cleanText(text.slice(taken.length));
  }

  function put(lines: readonly string[], chars: number, next: Join): void {
    if (lines.length > 0 && finished.length > 0 && join === "apart") finished.push("");
    for (const line of lines) finished.push(dress(line, finished.length === 0, width));
    finishedChars += chars;
    join = next;
  }

  function layOut(tokens: readonly Token[]): string[] {
    return renderBlocks(tokens, width, theme);
  }

  /** Finishes the beginning of the last block when it has grown long. Returns whether it did. */
  function finishPart(token: Token): boolean {
    if (token.type === "list") {
      // marked types tokens as an open union; `type` is its discriminant. The same holds below.
      const list = token as Tokens.List;
      const count = list.items.length - OPEN_LIST_ITEMS;
      if (count < BATCH || list.loose) return false;
      const items = list.items.slice(0, count);
      put(layOut([{ ...list, items }]), sum(items), "touching");
      return true;
    }
    if (token.type === "code") {
      const opening = /^ {0,3}(`{3,}|~{3,})[^\n]*\n/.exec(token.raw)?.[0];
      const code = token as Tokens.Code;
      const lines = code.text.split("\n");
      const count = lines.length - OPEN_CODE_LINES;
      if (opening === undefined || count < BATCH) return false;
      const text = lines.slice(0, count).join("\n");
      // The fence was put before the rest by us when an earlier part is finished.
      const chars = (fence === null ? opening.length : 0) + text.length + 1;
      put(layOut([{ ...code, text }]), chars, "touching");
      fence = opening;
      return true;
    }
    if (token.type === "paragraph") {
      const lines = token.raw.split("\n");
      const count = lines.length - OPEN_TEXT_LINES;
      if (count < BATCH) return false;
      const raw = `${lines.slice(0, count).join("\n")}\n`;
      put(layOut(lexMarkdown(raw)), raw.length, "touching");
      return true;
    }
    return false;
  }

  function sum(tokens: readonly { raw: string }[]): number {
    return tokens.reduce((chars, token) => chars + token.raw.length, 0);
  }

  return {
    render(source, newWidth): readonly string[] {
      if (newWidth !== width) restart(newWidth);
      const text = takeIn(source);
      for (;;) {
        const tokens = lexMarkdown((fence ?? "") + text.slice(finishedChars));
        const last = tokens.findLastIndex((token) => token.type !== "space");
        const open = tokens[last];
        if (!open) return finished;
        if (last > 0) {
          const given = fence?.length ?? 0;
          const done = tokens.slice(0, last);
          fence = null;
          put(layOut(done), sum(done) - given, "apart");
          continue;
        }
        if (finishPart(open)) continue;
        const lines = layOut([open]);
        const blank = lines.length > 0 && finished.length > 0 && join === "apart" ? [""] : [];
        const dressed = lines.map((line, at) => dress(line, finished.length === 0 && at === 0, width));
        return [...finished, ...blank, ...dressed];
      }
    },
  };
}
