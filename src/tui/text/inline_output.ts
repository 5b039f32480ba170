// What a full redraw may write. The renderer clears the screen and the user's scrollback and prints everything anew;
// here the scrollback stays, and only the lines that are not yet in it are printed.

const CLEAR_ALL = "\x1b[2J\x1b[H\x1b[3J";
const CLEAR_SCROLLBACK = "\x1b[3J";
const HOME = "\x1b[H";
const ERASE_LINE = "\x1b[2K";
const ERASE_BELOW = "\x1b[J";
const END_OF_FRAME = "\x1b[?2026l";

/**
 * A filter for what the renderer writes. `firstLine(total)` says from which of all `total` lines a full redraw is to
 * print. The renderer may split a long frame over several writes: they are held together until its end.
 */
export function createRedrawFilter(firstLine: (total: number) => number): (written: string) => string {
  let held: string | null = null;
  return (written) => {
    let before = "";
    if (held === null) {
      const at = written.indexOf(CLEAR_ALL);
      if (at < 0) return written.replaceAll(CLEAR_SCROLLBACK, "");
      before = written.slice(0, at);
      held = written.slice(at + CLEAR_ALL.length);
    } else held += written;
    const end = held.indexOf(END_OF_FRAME);
    if (end < 0) return before;
    const lines = held.slice(0, end).split("\r\n");
    const rest = held.slice(end);
    held = null;
    const from = Math.max(0, Math.min(firstLine(lines.length), lines.length - 1));
    // Line by line: terminals push what is on the screen into the scrollback when it is erased all at once.
    return before + HOME + lines.slice(from).map((line) => ERASE_LINE + line).join("\r\n") + ERASE_BELOW + rest;
  };
}
