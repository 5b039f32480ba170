// The files and folders that patterns match when a command starts. A mount hides what is there; nothing in the kernel
// hides by pattern, so what is made later is not hidden from a command that runs already. Bounded: what cannot be looked
// through in time is an error, never a gap.
import { isInside } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { walkFolders, type WalkOutcome } from "../../host/walk_folders.ts";
import { parsePathPattern, type PathPattern } from "../path_pattern.ts";

export interface HiddenMatch {
  readonly path: string;
  /** Matches wherever it is moved to below this folder. */
  readonly anywhereBelow: string | null;
}

export interface SearchBounds {
  readonly maxEntries: number;
  readonly maxMatches: number;
  readonly maxMs: number;
}

export const SEARCH_BOUNDS: SearchBounds = { maxEntries: 500_000, maxMatches: 1_000, maxMs: 2_000 };

/**
 * Links are not followed; a link that matches is one of the matches. Folders in `skipped` are hidden as a whole
 * already.
 *
 * @throws CodexError SANDBOX_UNAVAILABLE when the bounds do not suffice.
 */
export async function findHiddenMatches(
  patterns: readonly string[],
  skipped: readonly string[],
  bounds: SearchBounds = SEARCH_BOUNDS,
): Promise<readonly HiddenMatch[]> {
  const parsed = patterns.map(parsePathPattern);
  const matches = new Map<string, HiddenMatch>();
  const isSkipped = (path: string): boolean => skipped.some((folder) => isInside(path, folder));
  for (const base of outermost(parsed.map((pattern) => pattern.base))) {
    const relevant = parsed.filter((pattern) => isInside(pattern.base, base));
    const budget = { maxEntries: bounds.maxEntries, maxMs: bounds.maxMs };
    const outcome = await walkFolders(base, budget, (path) => {
      if (isSkipped(path)) return "skip";
      const pattern = relevant.find((one) => one.matches(path));
      if (pattern === undefined) return "enter";
      matches.set(path, { path, anywhereBelow: pattern.isAnyDepth ? pattern.base : null });
      return matches.size > bounds.maxMatches ? "stop" : "skip";
    });
    if (outcome !== "done") throw cannotHide(relevant, base, outcome, bounds);
  }
  return [...matches.values()];
}

function outermost(folders: readonly string[]): readonly string[] {
  const sorted = [...new Set(folders)].sort();
  return sorted.filter((folder) => !sorted.some((other) => other !== folder && isInside(folder, other)));
}

function cannotHide(
  patterns: readonly PathPattern[],
  base: string,
  outcome: Exclude<WalkOutcome, "done">,
  bounds: SearchBounds,
): CodexError {
  const names = patterns.map(({ text }) => `"${text}"`).join(", ");
  const why = {
    stopped: `more than ${bounds.maxMatches} files match`,
    exhausted: `"${base}" holds too much to look through in ${bounds.maxMs} ms (at most ${bounds.maxEntries} files)`,
    unnameable: `a name below "${base}" is not UTF-8`,
  }[outcome];
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot hide ${names}: ${why}`, {
    hint: outcome === "unnameable"
      ? "Rename it, or hide the folder that it lies in by name"
      : "Let the pattern start in a deeper folder, or hide whole folders by their names",
  });
}
