// Values derived from files, kept while the files stay as they were.
import { type FileSignature, findSignature } from "../host/file_signature.ts";

/** A file that changed this recently may change again within the resolution of its time: nothing is kept of it. */
const SETTLED_MS = 2000;
/** Values remembered; the oldest goes first. */
const MAX_VALUES = 64;

interface Entry<T> {
  readonly value: T;
  readonly paths: readonly string[];
  /** Of each path, in the same order. */
  readonly signatures: readonly (string | null)[];
}

export class FileMemo<T> {
  readonly #entries = new Map<string, Entry<T>>();

  /** The value of `key`, or null when there is none or one of its files is not what it was. */
  find(key: string): T | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const same = entry.paths.every((path, index) =>
      (findSignature(path)?.text ?? null) === (entry.signatures[index] ?? null)
    );
    return same ? entry.value : null;
  }

  /** Keeps a value that was just derived from the files at `paths`, present or absent. */
  remember(key: string, value: T, paths: readonly string[]): void {
    this.#entries.delete(key);
    const signatures = paths.map(findSignature);
    if (!signatures.every(isSettled)) return;
    this.#entries.set(key, { value, paths, signatures: signatures.map((signature) => signature?.text ?? null) });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MAX_VALUES) break;
      this.#entries.delete(oldest);
    }
  }
}

function isSettled(signature: FileSignature | null): boolean {
  return signature === null || signature.modifiedMs < Date.now() - SETTLED_MS;
}
