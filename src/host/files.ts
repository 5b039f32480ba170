// Files and folders. Paths are absolute. Errors of the operating system pass through unchanged; the `find…` forms
// answer null for what does not exist.

export interface FileStat {
  readonly kind: "file" | "directory" | "symlink" | "other";
  readonly size: number;
  /** Permission bits, or null where the system has none. */
  readonly mode: number | null;
  /** Unix milliseconds. */
  readonly modifiedMs: number;
  /** Numeric owner, or null where the system has none. */
  readonly uid: number | null;
}

function toStat(info: Deno.FileInfo): FileStat {
  const kind = info.isSymlink ? "symlink" : info.isFile ? "file" : info.isDirectory ? "directory" : "other";
  return { kind, size: info.size, mode: info.mode, modifiedMs: info.mtime?.getTime() ?? 0, uid: info.uid };
}

async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    throw error;
  }
}

export function readBytes(path: string): Promise<Uint8Array> {
  return Deno.readFile(path);
}

export function readText(path: string): Promise<string> {
  return Deno.readTextFile(path);
}

export function findText(path: string): Promise<string | null> {
  return orNull(Deno.readTextFile(path));
}

/** Follows links. */
export async function findStat(path: string): Promise<FileStat | null> {
  const info = await orNull(Deno.stat(path));
  return info && toStat(info);
}

/** Does not follow a link. */
export async function findLinkStat(path: string): Promise<FileStat | null> {
  const info = await orNull(Deno.lstat(path));
  return info && toStat(info);
}

export function findRealPath(path: string): Promise<string | null> {
  return orNull(Deno.realPath(path));
}

/** Names and kinds in a folder, in no order. */
export async function listFolder(path: string): Promise<{ name: string; kind: FileStat["kind"] }[]> {
  const entries = [];
  for await (const entry of Deno.readDir(path)) {
    const kind: FileStat["kind"] = entry.isSymlink
      ? "symlink"
      : entry.isFile
      ? "file"
      : entry.isDirectory
      ? "directory"
      : "other";
    entries.push({ name: entry.name, kind });
  }
  return entries;
}

export interface WriteOptions {
  /** Permission bits of a new file. */
  readonly mode?: number;
  /** Fail when the file exists. */
  readonly createNew?: boolean;
}

export function writeBytes(path: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<void> {
  return Deno.writeFile(path, bytes, options);
}

export function writeText(path: string, text: string, options: WriteOptions = {}): Promise<void> {
  return Deno.writeTextFile(path, text, options);
}

/** Makes the folder and its parents; one that exists is fine. */
export function makeFolder(path: string, options: { mode?: number } = {}): Promise<void> {
  return Deno.mkdir(path, { recursive: true, ...options });
}

/** A fresh folder in the system's temporary folder. */
export function makeTempFolder(prefix: string): Promise<string> {
  return Deno.makeTempDir({ prefix });
}

export function moveFile(from: string, to: string): Promise<void> {
  return Deno.rename(from, to);
}

export async function removeTree(path: string): Promise<void> {
  await orNull(Deno.remove(path, { recursive: true }));
}

export function removeFile(path: string): Promise<void> {
  return Deno.remove(path);
}

export function setMode(path: string, mode: number): Promise<void> {
  return Deno.chmod(path, mode);
}
