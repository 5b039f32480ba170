/**
 * The list of threads, from the files alone: there is no second store that could disagree with them.
 * The head of a file (who, where, first message) never changes once the first message is there, so it is read once
 * and remembered; times are read anew. A list by creation time asks the disk only about its own page.
 */
import { normalizePath } from "../base/absolute_path.ts";
import { findStat } from "../host/files.ts";
import { comparePlaces, formatCursor, type ListPlace, parseCursor } from "./list_cursor.ts";
import { readHead, type RolloutHead } from "./rollout_reader.ts";
import { RolloutFolders, type RolloutPath } from "./rollout_folders.ts";
import { isSourceOfKind } from "./session_meta.ts";
import { ThreadNames } from "./thread_names.ts";
import type { StoredThread, ThreadListQuery } from "./thread_store.ts";

const MAX_PAGE = 100;
const DEFAULT_SOURCES = ["cli", "vscode"] as const;

/** How many files are opened at a time. */
const READ_WIDTH = 32;

interface KnownFile {
  readonly head: RolloutHead | null;
  /** Size when the head was read: a file without a first message is looked at again when it has grown. */
  readonly size: number;
}

interface ListedFile {
  readonly path: string;
  readonly head: RolloutHead & { readonly preview: string };
  readonly createdAt: number;
}

export interface ThreadPage {
  readonly threads: readonly StoredThread[];
  readonly nextCursor: string | null;
}

export class ThreadIndex {
  readonly #folders: RolloutFolders;
  readonly #names: ThreadNames;
  readonly #known = new Map<string, KnownFile>();
  /** Instructions are long and the same in nearly every file: each text is kept once. */
  readonly #instructions = new Map<string, string>();

  constructor(codexHome: string, nowMs: () => number) {
    this.#folders = new RolloutFolders(codexHome, nowMs);
    this.#names = new ThreadNames(codexHome);
  }

  /** The newest file of a thread. */
  async findPath(id: string): Promise<string | null> {
    const wanted = id.toLowerCase();
    const paths = (await this.#folders.sessions()).filter((file) => file.id === wanted).map((file) => file.path);
    return paths.sort().at(-1) ?? null;
  }

  async findName(id: string): Promise<string | null> {
    return (await this.#names.all()).get(id) ?? null;
  }

  /** @throws CursorInvalid */
  async list(query: ThreadListQuery): Promise<ThreadPage> {
    const after = query.cursor === null ? null : parseCursor(query.cursor);
    const names = await this.#names.all();
    const files = (await this.#heads(query.archived ?? false)).filter((file) => isWanted(file, query, names));
    const byUpdate = query.sortKey === "updated_at";
    const placed = byUpdate
      ? await inParallel(files, async (file) => ({ file, place: await updatePlace(file) }))
      : files.map((file) => ({ file, place: creationPlace(file) }));
    const rows = placed.flatMap(({ file, place }) =>
      place !== null && (after === null || comparePlaces(after, place) < 0) ? [{ file, place }] : []
    );
    rows.sort((left, right) => comparePlaces(left.place, right.place));

    const limit = Math.min(MAX_PAGE, Math.max(1, Math.trunc(query.limit)));
    const page = rows.slice(0, limit);
    const threads = await Promise.all(page.map(async ({ file, place }) => {
      const updatedAt = byUpdate ? place.at : await updateTime(file.path);
      return toStored(file, updatedAt ?? file.createdAt, names);
    }));
    const last = page.at(-1);
    return { threads, nextCursor: last !== undefined && rows.length > limit ? formatCursor(last.place) : null };
  }

  /** Heads of all files that have a message of a user. */
  async #heads(archived: boolean): Promise<ListedFile[]> {
    const paths = archived ? await this.#folders.archived() : await this.#folders.sessions();
    if (!archived) this.#forgetOthers(paths);
    const heads = await inParallel(paths, async ({ path }) => ({ path, head: await this.#head(path) }));
    return heads.flatMap(({ path, head }) => {
      if (head === null || head.preview === null) return [];
      return [{
        path,
        head: { ...head, preview: head.preview },
        createdAt: toSeconds(Date.parse(head.meta.timestamp)),
      }];
    });
  }

  #head(path: string): RolloutHead | null | Promise<RolloutHead | null> {
    const known = this.#known.get(path);
    return known?.head?.preview ? known.head : this.#readHead(path);
  }

  async #readHead(path: string): Promise<RolloutHead | null> {
    const stat = await findStat(path);
    if (stat === null) return null;
    const known = this.#known.get(path);
    if (known?.size === stat.size) return known.head;
    let head: RolloutHead | null;
    try {
      head = await readHead(path);
    } catch {
      // One file that cannot be read must not hide the others.
      head = null;
    }
    if (head !== null) {
      head = { ...head, meta: { ...head.meta, baseInstructions: this.#shared(head.meta.baseInstructions) } };
    }
    this.#known.set(path, { head, size: stat.size });
    return head;
  }

  #shared(text: string): string {
    const known = this.#instructions.get(text);
    if (known !== undefined) return known;
    this.#instructions.set(text, text);
    return text;
  }

  #forgetOthers(paths: readonly RolloutPath[]): void {
    if (this.#known.size <= paths.length) return;
    const present = new Set(paths.map((file) => file.path));
    for (const path of this.#known.keys()) {
      if (!present.has(path) && !path.includes("/archived_sessions/")) this.#known.delete(path);
    }
  }
}

function isWanted(file: ListedFile, query: ThreadListQuery, names: ReadonlyMap<string, string>): boolean {
  const { meta, preview } = file.head;
  const sources = query.sources === null || query.sources.length === 0 ? DEFAULT_SOURCES : query.sources;
  if (!isSourceOfKind(meta.source, sources)) return false;
  const providers = query.modelProviders ?? [];
  if (providers.length > 0 && !providers.includes(meta.modelProvider)) return false;
  if (query.cwd !== null && normalizePath(query.cwd) !== normalizePath(meta.cwd)) return false;
  if (query.searchTerm === null) return true;
  const term = query.searchTerm.toLowerCase();
  return preview.toLowerCase().includes(term) || (names.get(meta.id) ?? "").toLowerCase().includes(term);
}

function creationPlace(file: ListedFile): ListPlace {
  return { at: file.createdAt, id: file.head.meta.id };
}

async function updatePlace(file: ListedFile): Promise<ListPlace | null> {
  const at = await updateTime(file.path);
  return at === null ? null : { at, id: file.head.meta.id };
}

/** When the file was last written; null when it is gone. */
async function updateTime(path: string): Promise<number | null> {
  const stat = await findStat(path);
  return stat === null ? null : toSeconds(stat.modifiedMs);
}

export function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}

function toStored(file: ListedFile, updatedAt: number, names: ReadonlyMap<string, string>): StoredThread {
  const { meta, preview } = file.head;
  const name = names.get(meta.id) ?? null;
  return { id: meta.id, path: file.path, preview, createdAt: file.createdAt, updatedAt, meta, name };
}

/** `work` over all entries, `READ_WIDTH` at a time; an answer that is there at once costs no turn of the event loop. */
async function inParallel<T, R>(entries: readonly T[], work: (entry: T) => R | Promise<R>): Promise<R[]> {
  const results = new Array<R>(entries.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < entries.length) {
      const index = next++;
      // The index is below the length, so there is an entry.
      results[index] = await work(entries[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(READ_WIDTH, entries.length) }, worker));
  return results;
}
