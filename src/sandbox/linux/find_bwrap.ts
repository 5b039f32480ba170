// Which bubblewrap carries plans out: the first acceptable one on PATH that works, else the one that ships with this
// program, else an error that says what to do. A choice is kept until one of the programs changes.
import { CodexError } from "../../base/errors.ts";
import { findFileIdentity } from "../../host/files.ts";
import { missingBwrap, probeBwrap, type ProcMount } from "./bwrap_probe.ts";
import { findBundledBwrap } from "./bundled_bwrap.ts";
import { findPrograms, type ProgramSearch } from "./find_program.ts";
import { readKernelLimits } from "./kernel_limits.ts";
import { createProbeCache } from "./probe_cache.ts";

export interface BwrapChoice {
  readonly path: string;
  readonly proc: ProcMount;
  readonly isBundled: boolean;
  /** Why those before it on PATH were passed over. */
  readonly troubles: readonly CodexError[];
}

export interface BwrapFinder {
  /** @throws CodexError SANDBOX_UNAVAILABLE when none works. */
  find(search: ProgramSearch): Promise<BwrapChoice>;
}

export interface BwrapFinderOptions {
  /** Our home: what was tried is remembered there, and a bundled program is laid down. Null: neither. */
  readonly home: string | null;
  readonly uid: number | null;
}

export function createBwrapFinder({ home, uid }: BwrapFinderOptions): BwrapFinder {
  const cache = createProbeCache(home, uid);
  // Only what works is kept: somebody may install bubblewrap while we run.
  const choices = new Map<string, Promise<BwrapChoice>>();

  async function tryOne(path: string): Promise<ProcMount> {
    const known = await cache.find(path);
    if (known !== null) return known;
    const proc = await probeBwrap(path, readKernelLimits);
    await cache.keep(path, proc);
    return proc;
  }

  async function choose(candidates: readonly string[]): Promise<BwrapChoice> {
    const troubles: CodexError[] = [];
    for (const path of candidates) {
      try {
        return { path, proc: await tryOne(path), isBundled: false, troubles };
      } catch (error) {
        if (!(error instanceof CodexError)) throw error;
        troubles.push(error);
      }
    }
    const bundled = await findBundledBwrap(home, uid);
    if (bundled === null) throw troubles[0] ?? missingBwrap();
    try {
      return { path: bundled, proc: await tryOne(bundled), isBundled: true, troubles };
    } catch (error) {
      throw troubles[0] ?? error;
    }
  }

  return {
    async find(search): Promise<BwrapChoice> {
      const candidates = await findPrograms("bwrap", search);
      const identities = await Promise.all(candidates.map(findFileIdentity));
      const key = JSON.stringify([candidates, identities]);
      const choice = choices.get(key) ?? choose(candidates);
      choices.set(key, choice);
      try {
        return await choice;
      } catch (error) {
        choices.delete(key);
        throw error;
      }
    },
  };
}
