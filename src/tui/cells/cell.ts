// What every cell needs to draw itself. A cell is one thing that happened, as lines of the transcript: a pure function
// from an entry and a context to lines no wider than the screen.
import type { Theme } from "../theme.ts";

export interface CellContext {
  readonly width: number;
  readonly theme: Theme;
  /** The session's folder on the server: paths below it are shown relative to it. */
  readonly folder: string | null;
  /** Nothing is left out: the user is asked about what the cell shows. */
  readonly whole?: boolean;
}

export const BULLET = "• ";
export const HANG = "  ";
