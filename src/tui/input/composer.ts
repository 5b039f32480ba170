// Where the user writes: the library's editor (many lines, paste folding, history, undo) with our prompt mark and no
// borders. What was typed is told on every change, so that the state always knows the draft.
import { Editor, type TUI, visibleWidth } from "@earendil-works/pi-tui";
import type { Theme } from "../theme.ts";
import { fitLine } from "../text/wrap.ts";

export interface ComposerOptions {
  readonly theme: Theme;
  /** Shown dimmed while nothing is typed. */
  readonly placeholder: string;
  onDraft(text: string): void;
  onSubmit(text: string): void;
}

/** Stands for a tab, which the editor would turn into spaces: not a character of any text, one column wide, never sent. */
const TAB_MARK = "\ufdd0";
/** How a tab is drawn: as wide as its mark, so that the editor's columns stay true. */
const TAB_SHOWN = " ";

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** A tab in a paste, as some terminals send it. */
const CODED_TAB = "\x1b[105;5u";

const MARK = "› ";
/** As the editor draws it after the last character. */
const CURSOR = "\x1b[7m \x1b[0m";

export class Composer extends Editor {
  readonly #options: ComposerOptions;
  /** Another pane stands in its place. */
  hidden = false;
  #isPasting = false;

  constructor(tui: TUI, options: ComposerOptions) {
    const { theme } = options;
    super(tui, {
      borderColor: theme.dim,
      selectList: {
        selectedPrefix: theme.accent,
        selectedText: theme.accent,
        description: theme.dim,
        scrollInfo: theme.dim,
        noMatch: theme.dim,
      },
    }, { paddingX: visibleWidth(MARK) });
    this.#options = options;
    this.onChange = () => options.onDraft(this.getExpandedText());
    this.onSubmit = (text) => options.onSubmit(unmarkTabs(text));
  }

  override handleInput(data: string): void {
    if (data.includes(PASTE_START)) this.#isPasting = true;
    super.handleInput(this.#isPasting ? markTabs(data.replaceAll(CODED_TAB, "\t")) : data);
    if (data.includes(PASTE_END)) this.#isPasting = false;
  }

  override setText(text: string): void {
    super.setText(markTabs(text));
  }

  override addToHistory(text: string): void {
    super.addToHistory(markTabs(text));
  }

  override getText(): string {
    return unmarkTabs(super.getText());
  }

  override getExpandedText(): string {
    return unmarkTabs(super.getExpandedText());
  }

  protected override renderTopBorder(_width: number, hiddenLineCount: number): string {
    return hiddenLineCount > 0 ? this.#options.theme.dim(`  ↑ ${hiddenLineCount} more`) : "";
  }

  protected override renderBottomBorder(_width: number, hiddenLineCount: number): string {
    return hiddenLineCount > 0 ? this.#options.theme.dim(`  ↓ ${hiddenLineCount} more`) : "";
  }

  override render(width: number): string[] {
    if (this.hidden) return [];
    const { theme, placeholder } = this.#options;
    const [top = "", first = "", ...rest] = super.render(width).map((row) => row.replaceAll(TAB_MARK, TAB_SHOWN));
    const text = first.slice(visibleWidth(MARK)).trimEnd();
    const shown = this.getText() === "" ? fitLine(placeholder, Math.max(1, width - visibleWidth(MARK))) : "";
    // The cursor stands on the first letter of the placeholder.
    const line = shown === ""
      ? text
      : text.replace(CURSOR, CURSOR.replace(" ", shown.slice(0, 1))) + theme.dim(shown.slice(1));
    return [top, theme.bold(MARK) + line, ...rest.map((row) => row.trimEnd())];
  }
}

function markTabs(text: string): string {
  return text.replaceAll("\t", TAB_MARK);
}

function unmarkTabs(text: string): string {
  return text.replaceAll(TAB_MARK, "\t");
}
