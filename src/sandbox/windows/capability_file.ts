// CODEX_HOME/cap_sid, read and replaced as a whole, so that a reader never sees half of it.
import { joinPath } from "../../base/absolute_path.ts";
import { CodexError, messageOf } from "../../base/errors.ts";
import { findText, moveFile, removeFile, writeText } from "../../host/files.ts";
import { type CapabilitySids, newCapabilitySids, parseCapabilitySids, type RandomWords } from "./capability_sids.ts";

const FILE_NAME = "cap_sid";

/** Numbers that nobody can guess. */
export const randomWords: RandomWords = () => {
  const [a = 0, b = 0, c = 0, d = 0] = crypto.getRandomValues(new Uint32Array(4));
  return [a, b, c, d];
};

/** What is kept, or new ones. @throws CodexError SANDBOX_UNAVAILABLE for a file that is not as we write it. */
export async function readCapabilitySids(codexHome: string): Promise<CapabilitySids> {
  const path = joinPath(codexHome, FILE_NAME);
  const text = await findText(path);
  if (text === null) return newCapabilitySids(randomWords);
  const sids = parseCapabilitySids(text);
  if (sids === null) {
    // New ones in its place would leave entries on folders that nobody takes away again.
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot read "${path}": it holds no security identifiers`, {
      hint: "Restore it, or remove it to start anew",
    });
  }
  return sids;
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export async function writeCapabilitySids(codexHome: string, sids: CapabilitySids): Promise<void> {
  const path = joinPath(codexHome, FILE_NAME);
  const fresh = `${path}.${crypto.randomUUID()}`;
  try {
    await writeText(fresh, `${JSON.stringify(sids, null, 2)}\n`, { createNew: true, mode: 0o600 });
    await moveFile(fresh, path);
  } catch (cause) {
    await removeFile(fresh).catch(() => {}); // perhaps it was never made
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot write "${path}": ${messageOf(cause)}`, { cause });
  }
}
