// Markdown that is still arriving. Blocks that can no longer change are laid out once; only the last one is parsed again
// for each frame, and of a long code block only its last lines. Keeps the cost of a frame level however long the answer.
import { type Token, type Tokens } from "marked";
import type { Theme } from "../theme.ts";
import { lexMarkdown, renderBlocks } from "./markdown.ts";

export interface MarkdownStream {
  /** `text` is what came so far: the text of the last call, or that and more. */
  render(text: string, width: number): string[];
}

/** Lines of an open code block that are coloured together and then left alone. */
const CODE_CHUNK_LINES = 32;
/** How much of the finished text is compared to notice that it is another text. */
const PROBE_CHARS = 64;

interface Finished {
  readonly width: number;
  readonly chars: number;
  /** The end of the finished text. */
  readonly probe: string;
  readonly lines: readonly string[];
}

export function createMarkdownStream(theme: Theme): MarkdownStream {
  let finished: Finished = { width: 0, chars: 0, probe: "", lines: [] };
  let chunks = new Map<string, readonly string[]>();

  function restart(width: number): void {
    finished = { width, chars: 0, probe: "", lines: [] };
    chunks = new Map();
  }

  function finish(tokens: readonly Token[], text: string): void {
    const { width } = finished;
    const chars = finished.chars + tokens.reduce((sum, token) => sum + token.raw.length, 0);
    const lines = joinBlocks(finished.lines, renderBlocks(tokens, width, theme));
    finished = { width, chars, probe: text.slice(Math.max(0, chars - PROBE_CHARS), chars), lines };
    chunks = new Map();
  }

  function renderOpen(token: Token, width: number): readonly string[] {
    if (token.type !== "code") return renderBlocks([token], width, theme);
    // marked types tokens as an open union; `type` is its discriminant.
    const code = token as Tokens.Code;
    const source = code.text.split("\n");
    const lines: string[] = [];
    for (let at = 0; at < source.length; at += CODE_CHUNK_LINES) {
      const piece = source.slice(at, at + CODE_CHUNK_LINES).join("\n");
      const isLast = at + CODE_CHUNK_LINES >= source.length;
      const key = `${at}:${code.lang ?? ""}`;
      const rendered = (isLast ? undefined : chunks.get(key)) ?? renderBlocks([{ ...code, text: piece }], width, theme);
      if (!isLast) chunks.set(key, rendered);
      lines.push(...rendered);
    }
    return lines;
  }

  return {
    render(source, width) {
      // marked reads line breaks like this too: its offsets then are ours.
      const text = source.replaceAll("\r\n", "\n");
      const { chars, probe } = finished;
      if (finished.width !== width || text.slice(Math.max(0, chars - PROBE_CHARS), chars) !== probe) restart(width);
      const tokens = lexMarkdown(text.slice(finished.chars));
      const last = tokens.findLastIndex((token) => token.type !== "space");
      if (last > 0) finish(tokens.slice(0, last), text);
      const open = tokens[last];
      return joinBlocks(finished.lines, open ? renderOpen(open, width) : []);
    },
  };
}

function joinBlocks(above: readonly string[], below: readonly string[]): string[] {
  if (above.length === 0 || below.length === 0) return [...above, ...below];
  return [...above, "", ...below];
}
