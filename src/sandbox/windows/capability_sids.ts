// Capability SIDs: random names that exist nowhere else, so that an access list entry for one opens a folder to commands
// of one workspace and to nobody else. Kept in CODEX_HOME/cap_sid in the reference's form. Pure, but for randomness
// that is handed in.
import Type, { type Static } from "typebox";
import Value from "typebox/value";

const Sid = Type.String({ pattern: "^S-1-5-21(-[0-9]{1,10}){3,4}$" });

export const CapabilitySids = Type.Object({
  /** Of workspaces in general: kept for the reference, never used by us, for it would join all workspaces. */
  workspace: Sid,
  /** Of commands that may write nothing. */
  readonly: Sid,
  workspace_by_cwd: Type.Record(Type.String(), Sid),
  writable_root_by_path: Type.Record(Type.String(), Sid),
});
export type CapabilitySids = Static<typeof CapabilitySids>;

/** Four random numbers of 32 bits. */
export type RandomWords = () => readonly [number, number, number, number];

/** The file's text as SIDs; null when it is none of ours, and a new one must be made. */
export function parseCapabilitySids(text: string): CapabilitySids | null {
  try {
    const value: unknown = JSON.parse(text);
    const whole = { workspace_by_cwd: {}, writable_root_by_path: {}, ...(value as object) };
    return Value.Check(CapabilitySids, whole) ? whole : null;
  } catch {
    return null;
  }
}

export function newCapabilitySids(random: RandomWords): CapabilitySids {
  return { workspace: newSid(random), readonly: newSid(random), workspace_by_cwd: {}, writable_root_by_path: {} };
}

/** The SIDs that a plan needs, each made when it is not there yet; the first argument is not changed. */
export function sidsFor(
  known: CapabilitySids,
  wanted: { readonly cwd: string; readonly roots: readonly string[] },
  random: RandomWords,
): { readonly sids: CapabilitySids; readonly byRoot: ReadonlyMap<string, string> } {
  const byCwd = { ...known.workspace_by_cwd };
  const byPath = { ...known.writable_root_by_path };
  const byRoot = new Map<string, string>();
  for (const root of wanted.roots) {
    const table = pathKey(root) === pathKey(wanted.cwd) ? byCwd : byPath;
    byRoot.set(root, table[pathKey(root)] ??= newSid(random));
  }
  return { sids: { ...known, workspace_by_cwd: byCwd, writable_root_by_path: byPath }, byRoot };
}

/** One key for all spellings of a path. */
export function pathKey(path: string): string {
  return path.replaceAll("\\", "/").toLowerCase();
}

function newSid(random: RandomWords): string {
  return ["S-1-5-21", ...random().map((word) => word >>> 0)].join("-");
}
