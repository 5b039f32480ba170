/**
 * Where rollout files are: `sessions/YYYY/MM/DD/rollout-<local time>-<uuid>.jsonl`, archived ones in one flat folder.
 * Listings are remembered by the folder's modification time, so that a list over years of sessions reads only the
 * folders that changed.
 */
import { joinPath } from "../base/absolute_path.ts";
import { findStat, listFolder } from "../host/files.ts";

const FILE_NAME =
  /^rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/i;

/** The path of a new session's file. Its time is local, as people read it. */
export function newRolloutPath(
  codexHome: string,
  session: { readonly id: string; readonly startedMs: number },
): string {
  const date = new Date(session.startedMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  const year = String(date.getFullYear()).padStart(4, "0");
  const month = two(date.getMonth() + 1);
  const day = two(date.getDate());
  const time = `${two(date.getHours())}-${two(date.getMinutes())}-${two(date.getSeconds())}`;
  const name = `rollout-${year}-${month}-${day}T${time}-${session.id}.jsonl`;
  return joinPath(codexHome, "sessions", year, month, day, name);
}

/** The thread id in a rollout's file name; null for any other file. */
function idOfFileName(name: string): string | null {
  return FILE_NAME.exec(name)?.[1]?.toLowerCase() ?? null;
}

export interface RolloutPath {
  readonly path: string;
  /** From the file's name. */
  readonly id: string;
}

/** A folder that changed this recently may change again within the same tick of its clock. */
const SETTLED_MS = 2_000;

interface Listing {
  readonly modifiedMs: number;
  readonly readAtMs: number;
  readonly folders: readonly string[];
  readonly files: readonly RolloutPath[];
}

export class RolloutFolders {
  readonly #codexHome: string;
  readonly #nowMs: () => number;
  readonly #listings = new Map<string, Listing>();

  constructor(codexHome: string, nowMs: () => number) {
    this.#codexHome = codexHome;
    this.#nowMs = nowMs;
  }

  /** Every session file, in no order. */
  async sessions(): Promise<RolloutPath[]> {
    return await this.#below(joinPath(this.#codexHome, "sessions"), 3);
  }

  async archived(): Promise<RolloutPath[]> {
    return await this.#below(joinPath(this.#codexHome, "archived_sessions"), 0);
  }

  async #below(folder: string, depth: number): Promise<RolloutPath[]> {
    const listing = await this.#list(folder);
    if (listing === null) return [];
    if (depth === 0) return [...listing.files];
    const inner = await Promise.all(listing.folders.map((name) => this.#below(joinPath(folder, name), depth - 1)));
    return inner.flat();
  }

  async #list(folder: string): Promise<Listing | null> {
    const stat = await findStat(folder);
    if (stat === null || stat.kind !== "directory") {
      this.#listings.delete(folder);
      return null;
    }
    const known = this.#listings.get(folder);
    if (known?.modifiedMs === stat.modifiedMs && known.readAtMs - known.modifiedMs > SETTLED_MS) return known;
    const readAtMs = this.#nowMs();
    const folders: string[] = [];
    const files: RolloutPath[] = [];
    for (const { name, kind } of await listFolder(folder)) {
      const id = idOfFileName(name);
      if (id !== null && kind !== "directory") files.push({ path: joinPath(folder, name), id });
      else if (kind === "directory" && /^\d+$/.test(name)) folders.push(name);
    }
    const listing = { modifiedMs: stat.modifiedMs, readAtMs, folders, files };
    this.#listings.set(folder, listing);
    return listing;
  }
}
