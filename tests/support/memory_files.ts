// Secret and certificate files that a test writes and changes, without a disk.
import type { SecretFiles } from "../../src/auth/secret_file.ts";

export interface MemoryFiles extends SecretFiles {
  write(path: string, text: string, mode?: number): void;
  remove(path: string): void;
}

export function createMemoryFiles(initial: Readonly<Record<string, string>> = {}): MemoryFiles {
  const files = new Map<string, { text: string; mode: number; version: number }>();
  let version = 0;
  const write = (path: string, text: string, mode = 0o600): void =>
    void files.set(path, { text, mode, version: version++ });
  for (const [path, text] of Object.entries(initial)) write(path, text);
  return {
    write,
    remove: (path) => void files.delete(path),
    readText(path): Promise<string> {
      const file = files.get(path);
      return file === undefined
        ? Promise.reject(new Error("No such file or directory (os error 2)"))
        : Promise.resolve(file.text);
    },
    findStat: (path) => Promise.resolve(files.get(path) ?? null),
    signatureOf: (path) => files.has(path) ? String(files.get(path)?.version) : null,
  };
}
