// Which bubblewrap was seen to work since this machine was started, so that the next process need not try it again. One
// file, written whole. Only what worked is kept; a changed program, user or namespace counts as another.
import { joinPath } from "../../base/absolute_path.ts";
import { uuidV4 } from "../../base/ids.ts";
import { findFileIdentity, findLinkTarget, findText, makeFolder, moveFile, writeText } from "../../host/files.ts";
import type { ProcMount } from "./bwrap_probe.ts";

export interface ProbeCache {
  find(bwrap: string): Promise<ProcMount | null>;
  /** A cache that cannot be written is none; nobody is told. */
  keep(bwrap: string, proc: ProcMount): Promise<void>;
}

const FILE_NAME = "sandbox_probe.json";
const MAX_ENTRIES = 8;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

type Entries = Readonly<Record<string, ProcMount>>;

/** `folder` null: nothing is kept. */
export function createProbeCache(folder: string | null, uid: number | null): ProbeCache {
  async function keyOf(bwrap: string): Promise<string | null> {
    const identity = await findFileIdentity(bwrap);
    const boot = await findText("/proc/sys/kernel/random/boot_id").catch(() => null);
    if (identity === null || boot === null) return null;
    const namespace = await findLinkTarget("/proc/self/ns/user").catch(() => null);
    const { device, inode, size, modifiedMs } = identity;
    return [boot.trim(), namespace, uid, bwrap, device, inode, size, modifiedMs].join(" ");
  }

  async function read(path: string): Promise<Entries> {
    try {
      const entries: unknown = JSON.parse(await findText(path) ?? "{}");
      if (typeof entries !== "object" || entries === null) return {};
      return Object.fromEntries(Object.entries(entries).filter(isEntry));
    } catch {
      return {};
    }
  }

  return {
    async find(bwrap): Promise<ProcMount | null> {
      if (folder === null) return null;
      const key = await keyOf(bwrap);
      return key === null ? null : (await read(joinPath(folder, FILE_NAME)))[key] ?? null;
    },
    async keep(bwrap, proc): Promise<void> {
      const key = folder === null ? null : await keyOf(bwrap);
      if (folder === null || key === null) return;
      const path = joinPath(folder, FILE_NAME);
      const others = Object.entries(await read(path)).filter(([other]) => other !== key).slice(-(MAX_ENTRIES - 1));
      const unfinished = `${path}.${uuidV4()}.tmp`;
      try {
        await makeFolder(folder, { mode: PRIVATE_FOLDER });
        const text = JSON.stringify(Object.fromEntries([...others, [key, proc]]));
        await writeText(unfinished, `${text}\n`, { mode: PRIVATE_FILE, createNew: true });
        await moveFile(unfinished, path);
      } catch {
        // A home on a read-only disk: each process tries for itself.
      }
    },
  };
}

function isEntry(entry: [string, unknown]): entry is [string, ProcMount] {
  return entry[1] === "fresh" || entry[1] === "shared";
}
