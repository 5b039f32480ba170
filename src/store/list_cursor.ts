/**
 * The cursor of `thread/list`: the time and the id of the last thread of a page, `2026-11-22T19:40:57Z|<uuid>`.
 * Pages stay right while threads come and go, because a cursor names a place in the order, not a count.
 */
import { CodexError } from "../base/errors.ts";
import { isUuid } from "../base/ids.ts";

/** The client sent a cursor that no page has given. */
export class CursorInvalid extends CodexError {
  override readonly name: string = "CursorInvalid";

  constructor(cursor: string) {
    // wire: the message of the error that clients get.
    super("PROTOCOL", `invalid cursor: ${cursor}`);
  }
}

/** A place in a list that runs from newest to oldest, and from the greatest id to the least within a second. */
export interface ListPlace {
  /** Unix seconds. */
  readonly at: number;
  readonly id: string;
}

export function formatCursor(place: ListPlace): string {
  return `${new Date(place.at * 1000).toISOString().slice(0, 19)}Z|${place.id}`;
}

/** @throws CursorInvalid */
export function parseCursor(cursor: string): ListPlace {
  const [time = "", id = "", ...rest] = cursor.split("|");
  // The time of a file name is taken too: `-` for `:` and no zone.
  const iso = time.replace(/^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)$/, "$1:$2:$3Z");
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(iso) ? Date.parse(iso) : NaN;
  if (Number.isNaN(ms) || !isUuid(id) || rest.length > 0) throw new CursorInvalid(cursor);
  return { at: Math.floor(ms / 1000), id };
}

/** Negative when `left` comes first. */
export function comparePlaces(left: ListPlace, right: ListPlace): number {
  if (left.at !== right.at) return right.at - left.at;
  return left.id < right.id ? 1 : left.id > right.id ? -1 : 0;
}
