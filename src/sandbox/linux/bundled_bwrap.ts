// The bubblewrap that ships inside the compiled program, for machines without one. It is written to a folder that only
// this user can write to, checked byte for byte before its first use in each process, and never run from /tmp.
import { joinPath } from "../../base/absolute_path.ts";
import { uuidV4 } from "../../base/ids.ts";
import { CodexError } from "../../base/errors.ts";
import { findAsset } from "../../host/assets.ts";
import { findLinkStat, makeFolder, moveFile, readBytes, writeBytes } from "../../host/files.ts";

const FOLDER_NAME = "helpers";
const PRIVATE_FOLDER = 0o700;
const EXECUTABLE = 0o500;
const OTHERS_WRITE = 0o022;

/**
 * Its path; null when this program was built without one, or runs from source.
 *
 * @throws CodexError SANDBOX_UNAVAILABLE when there is no safe place for it.
 */
export async function findBundledBwrap(home: string | null, uid: number | null): Promise<string | null> {
  const bytes = await findAsset("bwrap");
  if (bytes === null || home === null) return null;
  const folder = joinPath(home, FOLDER_NAME);
  await makeFolder(folder, { mode: PRIVATE_FOLDER });
  await requireOwn(folder, "directory", uid);
  const path = joinPath(folder, "bwrap");
  if (await isOwn(path, "file", uid) && sameBytes(await readBytes(path), bytes)) return path;
  const unfinished = `${path}.${uuidV4()}.tmp`;
  await writeBytes(unfinished, bytes, { mode: EXECUTABLE, createNew: true });
  await moveFile(unfinished, path);
  await requireOwn(path, "file", uid);
  return path;
}

async function isOwn(path: string, kind: "file" | "directory", uid: number | null): Promise<boolean> {
  const stat = await findLinkStat(path);
  return stat?.kind === kind && stat.uid === uid && ((stat.mode ?? 0) & OTHERS_WRITE) === 0;
}

async function requireOwn(path: string, kind: "file" | "directory", uid: number | null): Promise<void> {
  if (await isOwn(path, kind, uid)) return;
  throw new CodexError(
    "SANDBOX_UNAVAILABLE",
    `Cannot use the bubblewrap that ships with this program: "${path}" is not safe`,
    {
      hint: `Remove "${path}": it has to be a plain ${kind} that only you can write to. Or install bubblewrap`,
    },
  );
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
