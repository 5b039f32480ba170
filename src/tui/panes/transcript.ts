// The transcript: header and cells, drawn once each and kept until they change. Long after they have scrolled out of
// reach the oldest are let go: the terminal has them in its scrollback.
import type { Component } from "@earendil-works/pi-tui";
import { type Cell, groupCells, renderCell } from "../cells/group.ts";
import { isUnguarded, type State } from "../state.ts";
import { createMarkdownStream, type MarkdownStream } from "../text/markdown_stream.ts";
import { fit } from "../text/wrap.ts";
import type { Theme } from "../theme.ts";
import { type HeaderFacts, renderHeader } from "./header.ts";

interface Drawn {
  readonly cell: Cell;
  readonly width: number;
  readonly lines: readonly string[];
  readonly stream: MarkdownStream;
}

export class Transcript implements Component {
  readonly #theme: Theme;
  readonly #readState: () => State;
  readonly #drawn = new Map<string, Drawn>();
  /** Keys of the cells that were let go. */
  readonly #gone = new Set<string>();
  #headerGone = false;

  constructor(theme: Theme, readState: () => State) {
    this.#theme = theme;
    this.#readState = readState;
  }

  render(width: number): string[] {
    return this.#blocks(width).flatMap((block) => block.lines);
  }

  invalidate(): void {
    this.#drawn.clear();
  }

  /** Lets go of whole cells from the top, at most `maxLines` lines of them. Returns how many lines went. */
  release(maxLines: number, width: number): number {
    let lines = 0;
    for (const block of this.#blocks(width)) {
      if (lines + block.lines.length > maxLines) break;
      lines += block.lines.length;
      if (block.key === null) this.#headerGone = true;
      else {
        this.#gone.add(block.key);
        this.#drawn.delete(block.key);
      }
    }
    return lines;
  }

  /** Each with the blank row above it. */
  #blocks(width: number): { key: string | null; lines: readonly string[] }[] {
    const state = this.#readState();
    const blocks: { key: string | null; lines: readonly string[] }[] = [];
    const header = headerOf(state);
    if (header && !this.#headerGone) blocks.push({ key: null, lines: renderHeader(header, width, this.#theme) });
    const asked = new Set(state.view.approvals.filter((one) => one.kind === "command").map((one) => one.itemId));
    for (const cell of groupCells(state.view.entries)) {
      if (this.#gone.has(cell.key)) continue;
      // A command that waits for an answer does not run yet: the dialog shows it.
      if (cell.entries.some((entry) => entry.kind === "item" && entry.state === "running" && asked.has(entry.item.id))) continue;
      const lines = this.#draw(cell, width, state);
      if (lines.length > 0) blocks.push({ key: cell.key, lines: ["", ...lines] });
    }
    return blocks;
  }

  #draw(cell: Cell, width: number, state: State): readonly string[] {
    const before = this.#drawn.get(cell.key);
    if (before && before.width === width && isSame(before.cell, cell)) return before.lines;
    const stream = before?.stream ?? createMarkdownStream(this.#theme);
    const context = { width, theme: this.#theme, folder: state.session?.folder ?? null };
    const lines = fit(renderCell(cell, context, stream), width);
    this.#drawn.set(cell.key, { cell, width, lines, stream });
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
