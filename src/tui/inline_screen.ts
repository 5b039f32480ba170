// The renderer on the main screen, kept from erasing what the user had there: a full redraw prints only what is not in
// the scrollback yet, and lines that have scrolled far away are forgotten.
import { type Terminal, TuiMainScreen } from "@earendil-works/pi-tui";
import { createRedrawFilter } from "./text/inline_output.ts";

export class InlineScreen extends TuiMainScreen {
  readonly #device: Terminal;

  constructor(device: Terminal) {
    super(device);
    this.#device = device;
    this.terminal = filtered(device, createRedrawFilter((total) => this.#firstLine(total)));
  }

  /** Lines above the visible ones. */
  get scrolledLines(): number {
    return this.captureRenderState().previousViewportTop;
  }

  /** The next frame will lack its first `count` lines, all of them scrolled away. */
  forget(count: number): void {
    const state = this.captureRenderState();
    this.restoreRenderState({
      ...state,
      previousLines: state.previousLines.slice(count),
      cursorRow: state.cursorRow - count,
      hardwareCursorRow: state.hardwareCursorRow - count,
      maxLinesRendered: Math.max(0, state.maxLinesRendered - count),
      previousViewportTop: Math.max(0, state.previousViewportTop - count),
    });
  }

  #firstLine(total: number): number {
    const { previousWidth, previousHeight, previousViewportTop } = this.captureRenderState();
    const tail = Math.max(0, total - this.#device.rows);
    // After a change of size the lines above are in the scrollback as they were wrapped then.
    const resized = previousWidth !== this.#device.columns || previousHeight !== this.#device.rows;
    return resized ? tail : Math.min(previousViewportTop, tail);
  }
}

/** The device with a filter before its `write`. */
function filtered(device: Terminal, filter: (written: string) => string): Terminal {
  return {
    start: (onInput, onResize) => device.start(onInput, onResize),
    stop: () => device.stop(),
    drainInput: (maxMs, idleMs) => device.drainInput(maxMs, idleMs),
    write: (written) => {
      const kept = filter(written);
      if (kept !== "") device.write(kept);
    },
    get columns(): number {
      return device.columns;
    },
    get rows(): number {
      return device.rows;
    },
    get kittyProtocolActive(): boolean {
      return device.kittyProtocolActive;
    },
    moveBy: (lines) => device.moveBy(lines),
    hideCursor: () => device.hideCursor(),
    showCursor: () => device.showCursor(),
    clearLine: () => device.clearLine(),
    clearFromCursor: () => device.clearFromCursor(),
    clearScreen: () => device.clearScreen(),
    setTitle: (title) => device.setTitle(title),
    setProgress: (active) => device.setProgress(active),
  };
}
