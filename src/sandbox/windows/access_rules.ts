// Which entries an access list needs for the sandbox, and how they are put into one that is there. Pure. Entries of
// others are never changed; a list that has what is wanted is left alone, because writing it walks the whole tree.
import { type AclEntry, type AnyEntry, INHERIT_ONLY, INHERITED, INHERITED_BY_ALL } from "../../host/windows/acl.ts";
import { EVERYONE_SID } from "../../host/windows/sid.ts";

export const FILE_READ_EXECUTE = 0x1200a9;
/**
 * Read, write, execute and remove. Not: remove what is in a folder whatever its own list says (0x40), change lists
 * (0x40000) or owners (0x80000).
 */
export const FILE_MODIFY = 0x1301bf;
/** Write data, append, extended attributes, remove children, attributes, remove, change list, change owner. */
export const FILE_ANY_WRITE = 0x0d0156;
export const FILE_ALL = 0x1f01ff;
const GENERIC_ALL = 0x1000_0000;
const GENERIC_WRITE = 0x4000_0000;
/** Those that put something into a folder or a file. */
const ADDS_CONTENT = 0x2 | 0x4 | GENERIC_ALL | GENERIC_WRITE;

export function allowEntry(sid: string, mask: number): AclEntry {
  return { kind: "allow", flags: INHERITED_BY_ALL, mask, sid };
}

export function denyEntry(sid: string, mask: number): AclEntry {
  return { kind: "deny", flags: INHERITED_BY_ALL, mask, sid };
}

/** What is to be in the list of one path. */
export interface WantedAccess {
  readonly path: string;
  readonly entries: readonly AclEntry[];
}

/**
 * The list with the wanted entries, in the order that Windows wants; null when they are there already. Own denials for
 * `openedTo` go: an earlier plan protected what this one opens.
 */
export function withEntries(
  list: readonly AnyEntry[] | null,
  wanted: readonly AclEntry[],
  openedTo: readonly string[] = [],
): readonly AnyEntry[] | null {
  // No list at all lets everybody do everything; one with our entries alone would shut everybody out.
  const present = list ?? [allowEntry(EVERYONE_SID, FILE_ALL)];
  const kept = present.filter((entry) => entry.kind !== "deny" || isInherited(entry) || !openedTo.includes(entry.sid));
  const missing = wanted.filter((entry) => !kept.some((other) => covers(other, entry)));
  if (missing.length === 0 && kept.length === present.length) return null;
  return inOrder([...kept, ...missing]);
}

/** The list without any entry of `sids` but inherited ones; null when there is none. */
export function withoutSids(list: readonly AnyEntry[], sids: readonly string[]): readonly AnyEntry[] | null {
  const kept = list.filter((entry) => entry.kind === "other" || isInherited(entry) || !sids.includes(entry.sid));
  return kept.length === list.length ? null : kept;
}

function covers(entry: AnyEntry, wanted: AclEntry): boolean {
  if (entry.kind === "other" || entry.kind !== wanted.kind || entry.sid !== wanted.sid) return false;
  const inherits = (entry.flags & wanted.flags & INHERITED_BY_ALL) === (wanted.flags & INHERITED_BY_ALL);
  return inherits && (entry.mask & wanted.mask) >>> 0 === wanted.mask >>> 0;
}

/** Own denials, own permissions, then what was inherited, each group as it was. */
function inOrder(entries: readonly AnyEntry[]): readonly AnyEntry[] {
  const rank = (entry: AnyEntry): number => (isInherited(entry) ? 2 : entry.kind === "deny" ? 0 : 1);
  return [0, 1, 2].flatMap((wanted) => entries.filter((entry) => rank(entry) === wanted));
}

function isInherited(entry: AnyEntry): boolean {
  return (entry.flags & INHERITED) !== 0;
}

/**
 * May anybody at all put something there? Then so may every sandboxed command: Everyone is among the SIDs that its token
 * is restricted to. Users and Authenticated Users are not, so that what is open to them stays shut to it.
 */
export function isWorldWritable(list: readonly AnyEntry[] | null): boolean {
  if (list === null) return true;
  for (const entry of list) {
    if (entry.kind === "other" || entry.sid !== EVERYONE_SID || (entry.mask & ADDS_CONTENT) === 0) continue;
    if ((entry.flags & INHERIT_ONLY) !== 0) continue;
    return entry.kind === "allow";
  }
  return false;
}
