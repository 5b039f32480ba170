// Folders that everybody may write to, and so every sandboxed command: looked for where commands work and programs lie,
// one level deep, in bounded time. Pure over what it looks with.
import type { AnyEntry } from "../../host/windows/acl.ts";
import { isWorldWritable } from "./access_rules.ts";
import { pathKey } from "./capability_sids.ts";

const MAX_MS = 2_000;
const MAX_LOOKED_AT = 50_000;
const MAX_PER_FOLDER = 1_000;
const MAX_SAMPLES = 3;

export interface Disk {
  /** Names of folders in it, links left out. Rejects when it cannot be read. */
  listFolders(path: string): Promise<readonly string[]>;
  /** Throws when it cannot be read. */
  readAccess(path: string): readonly AnyEntry[] | null;
  nowMs(): number;
}

export interface WorldWritable {
  readonly samplePaths: readonly string[];
  /** Found beside the samples. */
  readonly extraCount: number;
  /** Time or number ran out before all was looked at. */
  readonly failedScan: boolean;
}

export interface ScanPlaces {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where commands may write anyway. */
  readonly writable: readonly string[];
}

/** Null when there is nothing to tell. */
export async function findWorldWritable(disk: Disk, places: ScanPlaces): Promise<WorldWritable | null> {
  const endMs = disk.nowMs() + MAX_MS;
  const known = new Set(places.writable.map(pathKey));
  const seen = new Set<string>();
  const found: string[] = [];
  const look = (path: string): boolean => {
    if (seen.size >= MAX_LOOKED_AT || disk.nowMs() > endMs) return false;
    const key = pathKey(path);
    if (seen.has(key) || known.has(key)) return true;
    seen.add(key);
    try {
      if (isWorldWritable(disk.readAccess(path))) found.push(path);
    } catch {
      // Not there, or not for us to see: then a command of ours cannot change it either.
    }
    return true;
  };
  let isWhole = true;
  for (const root of scanRoots(places)) {
    isWhole &&= look(root);
    const names = isWhole ? await disk.listFolders(root).catch(() => []) : [];
    for (const name of names.slice(0, MAX_PER_FOLDER)) isWhole &&= look(joined(root, name));
    if (names.length > MAX_PER_FOLDER) isWhole = false;
    if (!isWhole) break;
  }
  if (found.length === 0 && isWhole) return null;
  return {
    samplePaths: found.slice(0, MAX_SAMPLES),
    extraCount: Math.max(0, found.length - MAX_SAMPLES),
    failedScan: !isWhole,
  };
}

function scanRoots({ cwd, environment }: ScanPlaces): readonly string[] {
  const named = new Map(Object.entries(environment).map(([name, value]) => [name.toUpperCase(), value]));
  const drive = named.get("SYSTEMDRIVE") ?? "C:";
  const folders = ["TEMP", "TMP", "USERPROFILE", "PUBLIC"].flatMap((name) => named.get(name) ?? []);
  const programs = (named.get("PATH") ?? "").split(";").map((path) => path.trim().replaceAll('"', ""));
  const all = [cwd, ...folders, ...programs, `${drive}\\`, named.get("SYSTEMROOT") ?? `${drive}\\Windows`];
  return all.filter((path) => /^[A-Za-z]:[\\/]/.test(path));
}

function joined(folder: string, name: string): string {
  return /[\\/]$/.test(folder) ? `${folder}${name}` : `${folder}\\${name}`;
}
