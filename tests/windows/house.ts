// Where the tests of this folder run our program for Windows: a scratch folder with the program, a CODEX_HOME and a
// workspace, seen from both sides of wine.
import { ensureWine, windowsBinary, type Wine, type WineScratch } from "../support/wine.ts";

/** Once per file of tests. */
export async function startWine(): Promise<Wine> {
  const wine = await ensureWine();
  wine.keepRunning();
  return wine;
}

export interface House {
  readonly wine: Wine;
  readonly scratch: WineScratch;
  readonly env: Readonly<Record<string, string>>;
}

/** One scratch folder with the program, a CODEX_HOME and a workspace. */
export async function makeHouse(wine: Wine): Promise<House & AsyncDisposable> {
  const scratch = await wine.scratch();
  await Deno.link(await windowsBinary(), `${scratch.path}/codex.exe`).catch(async () => {
    await Deno.copyFile(await windowsBinary(), `${scratch.path}/codex.exe`);
  });
  await Deno.mkdir(`${scratch.path}/home`);
  await Deno.mkdir(`${scratch.path}/ws`);
  return {
    wine,
    scratch,
    env: { CODEX_HOME: scratch.windows("home") },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}
