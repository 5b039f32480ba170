// All names below a folder, within a bound of number and time. Links are named, not followed; folders that may not be
// read are passed over.

export interface WalkBudget {
  readonly maxEntries: number;
  readonly maxMs: number;
}

/** `skip`: on, but not into this one; `stop`: no further. */
export type WalkAnswer = "enter" | "skip" | "stop";

/** Folders between two turns of the event loop, so that a long walk does not hold up everything else. */
const FOLDERS_PER_TURN = 200;

/** What the runtime puts in the place of bytes that are no UTF-8: such a name cannot be given back to the system. */
const REPLACEMENT = "\ufffd";

export type WalkOutcome = "done" | "stopped" | "exhausted" | "unnameable";

/**
 * `visit` gets absolute paths. A folder that does not exist has no names. `unnameable`: a folder, or something that
 * `visit` wants, has a name that is no text.
 */
export async function walkFolders(
  folder: string,
  budget: WalkBudget,
  visit: (path: string) => WalkAnswer,
): Promise<WalkOutcome> {
  const startMs = performance.now();
  const waiting = [folder];
  let entries = 0;
  for (let count = 1; waiting.length > 0; count++) {
    const next = waiting.pop() ?? "/";
    for (const { name, isDirectory } of entriesOf(next)) {
      if (++entries > budget.maxEntries) return "exhausted";
      const path = next === "/" ? `/${name}` : `${next}/${name}`;
      const answer = visit(path);
      if (answer === "stop") return "stopped";
      if (name.includes(REPLACEMENT) && (answer === "skip" || isDirectory)) return "unnameable";
      if (answer === "enter" && isDirectory) waiting.push(path);
    }
    if (performance.now() - startMs > budget.maxMs) return "exhausted";
    if (count % FOLDERS_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return "done";
}

/** The synchronous call is four times as fast as the other, and a turn is short. */
function entriesOf(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    const isPassedOver = error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.PermissionDenied;
    if (isPassedOver) return [];
    throw error;
  }
}
