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

let blocks = false;

/**
 * From now on the `find…` functions wait for the disk on this thread, which takes a fraction of the time
 * of asking another one. For a process that has nothing else to do meanwhile.
 */
export function blockOnFiles(): void {
  blocks = true;
}

/** What `now` answers, or `later` when others must not wait; null for what does not exist. */
async function orNull<T>(now: () => T, later: () => Promise<T>): Promise<T | null> {
  try {
    return blocks ? now() : await later();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return null;
    // Nothing can have such a name; Deno has no class for it.
    if (error instanceof Error && /os error 36\b/.test(error.message)) return null;
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
  return orNull(() => Deno.readTextFileSync(path), () => Deno.readTextFile(path));
}

/** The first bytes of a file, up to `length`. */
export function findHead(path: string, length: number): Promise<Uint8Array | null> {
  return orNull(() => {
    using file = Deno.openSync(path);
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, file.readSync(bytes) ?? 0);
  }, async () => {
    using file = await Deno.open(path);
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, await file.read(bytes) ?? 0);
  });
}

function statOrNull(path: string): Promise<Deno.FileInfo | null> {
  return orNull(() => Deno.statSync(path), () => Deno.stat(path));
}

function linkStatOrNull(path: string): Promise<Deno.FileInfo | null> {
  return orNull(() => Deno.lstatSync(path), () => Deno.lstat(path));
}

/** Follows links. */
export async function findStat(path: string): Promise<FileStat | null> {
  const info = await statOrNull(path);
  return info && toStat(info);
}

/** Does not follow a link. */
export async function findLinkStat(path: string): Promise<FileStat | null> {
  const info = await linkStatOrNull(path);
  return info && toStat(info);
}

/** Which file a path leads to: the same file has the same identity under every name, until it changes. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
  /** Names that it has (hard links). */
  readonly links: number;
  readonly size: number;
  readonly modifiedMs: number;
}

/** Follows links. Null also where the system numbers no files. */
export async function findFileIdentity(path: string): Promise<FileIdentity | null> {
  const info = await statOrNull(path);
  if (info === null || info.ino === null) return null;
  const { dev: device, ino: inode, nlink, size, mtime } = info;
  return { device, inode, links: nlink ?? 1, size, modifiedMs: mtime?.getTime() ?? 0 };
}

export function findRealPath(path: string): Promise<string | null> {
  return orNull(() => Deno.realPathSync(path), () => Deno.realPath(path));
}

/** What a symbolic link says; null for what is not a link or not there. */
export async function findLinkTarget(path: string): Promise<string | null> {
  const info = await linkStatOrNull(path);
  return info?.isSymlink ? await orNull(() => Deno.readLinkSync(path), () => Deno.readLink(path)) : null;
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

export function moveFile(from: string, to: string): Promise<void> {
  return Deno.rename(from, to);
}

/** A second name for the file. @throws where there is something of that name already. */
export function linkFile(from: string, to: string): Promise<void> {
  return Deno.link(from, to);
}

export async function removeTree(path: string): Promise<void> {
  await orNull(() => Deno.removeSync(path, { recursive: true }), () => Deno.remove(path, { recursive: true }));
}

export function removeFile(path: string): Promise<void> {
  return Deno.remove(path);
}

/** Removes a folder that is empty. */
export function removeEmptyFolder(path: string): Promise<void> {
  return Deno.remove(path);
}

export function setMode(path: string, mode: number): Promise<void> {
  return Deno.chmod(path, mode);
}

/** Up to `length` bytes from `offset` on; fewer at the end of the file. */
export async function readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
  using file = await Deno.open(path, { read: true });
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** The file from its start, in chunks of up to `chunkBytes`; a chunk is valid until the next one is asked for. */
export async function* readChunks(path: string, chunkBytes: number): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path, { read: true });
  const bytes = new Uint8Array(chunkBytes);
  while (true) {
    const count = await file.read(bytes);
    if (count === null) return;
    yield bytes.subarray(0, count);
  }
}

/** A file that only grows. One owner: calls must not overlap. */
export interface AppendFile {
  size(): Promise<number>;
  /** Settles when every byte is given to the system; on failure a part may have been written. */
  write(bytes: Uint8Array): Promise<void>;
  /** Cuts the file to `size` bytes. */
  truncate(size: number): Promise<void>;
  /** Settles when the bytes are on the medium, not only in the system's cache. */
  sync(): Promise<void>;
  close(): void;
}

export interface AppendOptions {
  /** Permission bits of a new file. */
  readonly mode?: number;
  /** Fail when the file exists. */
  readonly createNew?: boolean;
}

/** Opens `path` to append to it; the file is made when it is missing. */
export async function openAppend(path: string, options: AppendOptions = {}): Promise<AppendFile> {
  const { mode, createNew = false } = options;
  const file = await Deno.open(path, {
    append: true,
    ...(createNew ? { createNew } : { create: true }),
    ...(mode === undefined ? {} : { mode }),
  });
  return {
    async size(): Promise<number> {
      return (await file.stat()).size;
    },
    async write(bytes): Promise<void> {
      let written = 0;
      while (written < bytes.length) written += await file.write(bytes.subarray(written));
    },
    truncate(size): Promise<void> {
      return file.truncate(size);
    },
    sync(): Promise<void> {
      return file.sync();
    },
    close(): void {
      file.close();
    },
  };
}

/** What kept a file operation from working, as far as callers tell apart. */
export type FileTrouble = "missing" | "denied" | "exists" | "full" | "not-a-folder" | "is-a-folder" | "other";

/** Names the trouble behind an error that a function of this file threw. */
export function fileTroubleOf(error: unknown): FileTrouble {
  if (error instanceof Deno.errors.NotFound) return "missing";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) return "denied";
  if (error instanceof Deno.errors.AlreadyExists) return "exists";
  if (error instanceof Deno.errors.NotADirectory) return "not-a-folder";
  if (error instanceof Deno.errors.IsADirectory) return "is-a-folder";
  // Deno has no class for these; the number is the system's own.
  if (error instanceof Error && /os error (28|122)\b/.test(error.message)) return "full";
  if (error instanceof Error && /os error 30\b/.test(error.message)) return "denied";
  return "other";
}
