// Whether a file is still the one that was read. Synchronous on purpose: asking the system takes a few microseconds,
// the round trip to a worker thread a hundred, and `config/read` asks several times a request.

export interface FileSignature {
  /** Equal for the same content, as far as the system tells: kind, inode, size, time. */
  readonly text: string;
  /** Unix milliseconds. */
  readonly modifiedMs: number;
}

/** Follows links. Null when there is nothing at `path`, or nothing that may be looked at. */
export function findSignature(path: string): FileSignature | null {
  try {
    const info = Deno.statSync(path);
    const modifiedMs = info.mtime?.getTime() ?? 0;
    // What is in a folder is asked for by its own path; its time changes with every file in it.
    const text = info.isFile ? `file ${info.dev} ${info.ino} ${info.size} ${modifiedMs}` : "other";
    return { text, modifiedMs: info.isFile ? modifiedMs : 0 };
  } catch {
    return null;
  }
}
