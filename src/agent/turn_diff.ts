// The net effect of a turn's patches: every touched file as it was before the turn's first patch to it and as it is
// now, told as one git-style diff. Follows files through moves. Changes made by commands are not in it.
import { findGitRoot } from "../workspace/git_info.ts";
import type { PatchPlan } from "../workspace/patch_apply.ts";
import { type FileDelta, gitStyleDiff } from "../workspace/unified_diff.ts";

interface Tracked {
  /** Where the file was before the turn, or null when it was not. */
  readonly origin: { readonly path: string; readonly content: Uint8Array } | null;
  /** What is there now; null when it is gone. */
  readonly content: Uint8Array | null;
}

export class TurnDiff {
  readonly #cwd: string;
  #root: Promise<string> | null = null;
  /** By where the file is now, or was last. */
  readonly #files = new Map<string, Tracked>();

  #revision = 0;

  /** Paths are shown relative to the work tree that `cwd` is in, else to `cwd` itself. */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** Counts the patches. */
  get revision(): number {
    return this.#revision;
  }

  /** Takes in a patch that was applied. */
  add(plan: PatchPlan): void {
    this.#revision++;
    const destinations = new Set<string>();
    for (const file of plan.files) {
      if (file.movedTo === null) continue;
      const target = plan.files.find((other) => other.path === file.movedTo);
      if (target === undefined || target.after === null) continue;
      const origin = this.#originOf(file.path, file.before);
      const replaced = this.#originOf(target.path, target.before);
      this.#files.delete(file.path);
      // A move onto a file that was there: one file gone, the other changed.
      if (replaced !== null && origin !== null && replaced.path !== origin.path) {
        this.#files.set(file.path, { origin, content: null });
        this.#files.set(target.path, { origin: replaced, content: target.after });
      } else this.#files.set(target.path, { origin, content: target.after });
      destinations.add(file.path).add(target.path);
    }
    for (const file of plan.files) {
      if (destinations.has(file.path) || (file.before === null && file.after === null)) continue;
      this.#files.set(file.path, { origin: this.#originOf(file.path, file.before), content: file.after });
    }
  }

  #originOf(path: string, before: Uint8Array | null): Tracked["origin"] {
    const known = this.#files.get(path);
    if (known !== undefined) return known.origin;
    return before === null ? null : { path, content: before };
  }

  /** Empty when nothing is changed. */
  async text(): Promise<string> {
    const deltas: FileDelta[] = [];
    for (const [path, { origin, content }] of this.#files) {
      if (origin === null && content === null) continue;
      deltas.push({ before: origin, after: content === null ? null : { path, content } });
    }
    this.#root ??= findGitRoot(this.#cwd).then((root) => root ?? this.#cwd);
    return await gitStyleDiff(deltas, await this.#root);
  }
}
