// The screen from top to bottom: transcript, what goes on, composer or dialog, footer. Binds the panes to the state and
// the renderer to the keys; it decides nothing.
import { type Component, isKeyRelease, type Terminal } from "@earendil-works/pi-tui";
import type { Action } from "./actions.ts";
import { InlineScreen } from "./inline_screen.ts";
import { Composer } from "./input/composer.ts";
import { findKey } from "./keymap.ts";
import { listEditedPaths, renderApprovalDialog } from "./panes/approval_dialog.ts";
import { renderFooter } from "./panes/footer.ts";
import { renderListDialog } from "./panes/list_dialog.ts";
import { renderSlashPopup } from "./panes/slash_popup.ts";
import { renderStatusRow, renderWaiting } from "./panes/status_row.ts";
import { Transcript } from "./panes/transcript.ts";
import { currentApproval, type State } from "./state.ts";
import { fit } from "./text/wrap.ts";
import type { Theme } from "./theme.ts";
import { keyContext, popupRows } from "./update_keys.ts";

export interface ViewOptions {
  readonly device: Terminal;
  readonly theme: Theme;
  readonly home: string | null;
  readState(): State;
  dispatch(action: Action): void;
  nowMs(): number;
}

/** Lines of the transcript in the renderer; with more, all but the last ones are let go. */
const MAX_LIVE_LINES = 1_500;
const KEPT_LINES = 500;
/** Time between two frames of a stream, ms: as fast as one reads, at half the work of every frame. */
const STREAM_FRAME_MS = 33;
const PASTE_START = "\x1b[200~";

export class View {
  readonly composer: Composer;
  readonly #options: ViewOptions;
  readonly #screen: InlineScreen;
  readonly #transcript: Transcript;
  /** The renderer draws when it is asked, started or not. */
  #started = false;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ViewOptions) {
    this.#options = options;
    const { theme, dispatch } = options;
    this.#screen = new InlineScreen(options.device);
    this.#transcript = new Transcript(theme, options.readState);
    this.composer = new Composer(this.#screen, {
      theme,
      placeholder: "Describe a task, or / for commands",
      onDraft: (text) => dispatch({ type: "draft", text, nowMs: options.nowMs() }),
      onSubmit: (text) => dispatch({ type: "submit", text }),
    });
    this.#screen.addChild(this.#transcript);
    this.#screen.addChild(pane((width) => renderLive(options.readState(), width, theme)));
    this.#screen.addChild(this.composer);
    this.#screen.addChild(
      pane((width) => renderBottom(options.readState(), options, { width, rows: options.device.rows })),
    );
    this.#screen.setFocus(this.composer);
    this.#screen.addInputListener((key) => this.#hear(key));
  }

  start(): void {
    this.#started = true;
    this.#screen.start();
    this.refresh();
  }

  /** Draws within `STREAM_FRAME_MS`: for what arrives in streams. */
  refreshSoon(): void {
    this.#soon ??= setTimeout(() => this.refresh(), STREAM_FRAME_MS);
  }

  /** Draws at once; several calls make one frame. */
  refresh(): void {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (!this.#started) return;
    const state = this.#options.readState();
    this.composer.hidden = state.phase !== "open" || state.list !== null || currentApproval(state) !== null;
    this.#releaseOld();
    this.#screen.requestRender();
  }

  /** Draws all that is visible again: the terminal was someone else's meanwhile. */
  redraw(): void {
    this.#screen.requestRender(true);
  }

  /** Draws once more and gives the terminal back. */
  stop(): void {
    if (!this.#started) return;
    this.refresh();
    this.#screen.renderNow();
    this.#started = false;
    this.#screen.stop();
  }

  /** Gives the terminal back for a while, without a last frame. */
  pause(): void {
    this.#started = false;
    this.#screen.stop();
  }

  #releaseOld(): void {
    if (this.#transcript.lineCount < MAX_LIVE_LINES) return;
    const lines = Math.min(this.#transcript.lineCount - KEPT_LINES, this.#screen.scrolledLines);
    if (lines <= 0) return;
    this.#transcript.release(lines, this.#options.device.columns);
    this.#screen.forget(lines);
  }

  #hear(data: string): { consume: boolean } | undefined {
    if (isKeyRelease(data)) return undefined;
    const { readState, dispatch, nowMs } = this.#options;
    const context = keyContext(readState(), nowMs());
    const key = findKey(data, context);
    if (key !== null) {
      dispatch({ type: "key", key, nowMs: nowMs() });
      return { consume: true };
    }
    if (context === "list") {
      if (isPrintable(data)) dispatch({ type: "typed", text: data });
      return { consume: true };
    }
    // A paste is never an answer: it joins the draft behind the question.
    if (context === "approval") return data.startsWith(PASTE_START) ? undefined : { consume: true };
    return undefined;
  }
}

function isPrintable(data: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[\u0000-\u001f\u007f]/.test(data);
}

function pane(render: (width: number) => string[]): Component {
  return { render: (width) => fit(render(width), width), invalidate: () => {} };
}

function renderLive(state: State, width: number, theme: Theme): string[] {
  if (state.phase === "leaving") return [];
  const lines: string[] = [];
  for (const block of [renderStatusRow(state, width, theme), renderWaiting(state, width, theme)]) {
    if (block.length > 0) lines.push("", ...block);
  }
  return [...lines, ""];
}

function renderBottom(
  state: State,
  { home, theme }: ViewOptions,
  { width, rows: height }: { readonly width: number; readonly rows: number },
): string[] {
  if (state.phase === "leaving") return [];
  if (state.list) return renderListDialog(state.list, width, theme);
  const approval = currentApproval(state);
  if (approval) {
    const facts = {
      approval,
      selected: state.approvalSelected,
      waiting: state.view.approvals.length - 1,
      edits: listEditedPaths(state, approval),
    };
    return renderApprovalDialog(facts, { width, rows: height }, theme);
  }
  const rows = popupRows(state);
  if (rows.length > 0) return renderSlashPopup(rows, state.popupSelected, width, theme);
  return [renderFooter(state, home, width, theme)];
}
