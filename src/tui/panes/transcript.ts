// The transcript: header and cells, drawn once each and kept until they change. Long after they have scrolled out of
// reach the oldest are let go: the terminal has them in its scrollback.
import type { Component } from "@earendil-works/pi-tui";
import { type Cell, groupCells, renderCell } from "../cells/group.ts";
import { isUnguarded, type State } from "../state.ts";
import { createAgentStream } from "../cells/message_cells.ts";
import type { MarkdownStream } from "../text/markdown_stream.ts";
import type { Theme } from "../theme.ts";
import { type HeaderFacts, renderHeader } from "./header.ts";

interface Block {
  readonly key: string;
  readonly lines: readonly string[];
}

const HEADER_KEY = "header";

interface Drawn {
  readonly cell: Cell;
  readonly width: number;
  readonly whole: boolean;
  readonly lines: readonly string[];
  readonly stream: MarkdownStream;
}

export class Transcript implements Component {
  readonly #theme: Theme;
  readonly #readState: () => State;
  readonly #drawn = new Map<string, Drawn>();
  /** Keys of the cells that were let go. */
  readonly #gone = new Set<string>();
  /** Keys of the cells that a question was about: once shown, nothing of them is folded away again. */
  readonly #whole = new Set<string>();
  /** Lines at the top of a cell that were let go, while it may still grow. */
  readonly #cut = new Map<string, number>();
  #width = 0;
  /** Of the last frame. */
  lineCount = 0;

  constructor(theme: Theme, readState: () => State) {
    this.#theme = theme;
    this.#readState = readState;
  }

  render(width: number): string[] {
    const lines: string[] = [];
    for (const block of this.#blocks(width)) for (const line of block.lines) lines.push(line);
    this.lineCount = lines.length;
    return lines;
  }

  invalidate(): void {
    this.#drawn.clear();
  }

  /** Lets go of the first `count` lines, of which no cell that is wholly among them will be drawn again. */
  release(count: number, width: number): void {
    let left = count;
    for (const block of this.#blocks(width)) {
      if (left <= 0) break;
      if (block.lines.length > left) {
        this.#cut.set(block.key, (this.#cut.get(block.key) ?? 0) + left);
        break;
      }
      left -= block.lines.length;
      this.#gone.add(block.key);
      this.#cut.delete(block.key);
      this.#drawn.delete(block.key);
    }
  }

  /** Each with the blank row above it, less what was let go. */
  #blocks(width: number): Block[] {
    const state = this.#readState();
    if (width !== this.#width) this.#cut.clear();
    this.#width = width;
    const blocks: Block[] = [];
    const put = (key: string, lines: readonly string[]): void => {
      const cut = this.#cut.get(key) ?? 0;
      if (lines.length > cut) blocks.push({ key, lines: cut === 0 ? lines : lines.slice(cut) });
    };
    const header = headerOf(state);
    if (header && !this.#gone.has(HEADER_KEY)) put(HEADER_KEY, renderHeader(header, width, this.#theme));
    const asked = new Map(state.view.approvals.map((one) => [one.itemId, one.kind]));
    for (const cell of groupCells(state.view.entries)) {
      if (this.#gone.has(cell.key)) continue;
      const about = cell.entries.map((entry) => (entry.kind === "item" ? asked.get(entry.item.id) : undefined));
      // A command that waits for an answer does not run yet: the dialog shows it.
      if (cell.entries.some((one, at) => about[at] === "command" && one.kind === "item" && one.state === "running")) {
        continue;
      }
      if (about.includes("patch")) this.#whole.add(cell.key);
      const lines = this.#draw(cell, width, state);
      if (lines.length > 0) put(cell.key, ["", ...lines]);
    }
    return blocks;
  }

  #draw(cell: Cell, width: number, state: State): readonly string[] {
    const before = this.#drawn.get(cell.key);
    const whole = this.#whole.has(cell.key);
    if (before && before.width === width && before.whole === whole && isSame(before.cell, cell)) return before.lines;
    const stream = before?.stream ?? createAgentStream(this.#theme);
    const context = { width, theme: this.#theme, folder: state.session?.folder ?? null, whole };
    const lines = renderCell(cell, context, stream);
    this.#drawn.set(cell.key, { cell, width, whole, lines, stream });
    return lines;
  }
}

function isSame(one: Cell, other: Cell): boolean {
  return one.rule === other.rule && one.entries.length === other.entries.length &&
    one.entries.every((entry, at) => entry === other.entries[at]);
}

function headerOf(state: State): HeaderFacts | null {
  if (!state.session) return null;
  return {
    version: state.version,
    model: `${state.session.model}${state.session.effort ? ` ${state.session.effort}` : ""}`,
    folder: state.session.folder,
    serverUrl: state.serverUrl,
    unguarded: isUnguarded(state.session),
  };
}
