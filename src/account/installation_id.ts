// The random id of this installation, which requests carry so that the provider can tell installations apart.
import { joinPath } from "../base/absolute_path.ts";
import { isUuid, uuidV4 } from "../base/ids.ts";
import { findText, writeText } from "../host/files.ts";

/** Reads `$CODEX_HOME/installation_id`, or makes it. A home that cannot be written gives an id for this run only. */
export async function readInstallationId(codexHome: string): Promise<string> {
  const path = joinPath(codexHome, "installation_id");
  const stored = (await findText(path).catch(() => null))?.trim();
  if (stored !== undefined && isUuid(stored)) return stored;
  const id = uuidV4();
  // The id is a convenience of the provider's: not being able to keep it must not stop anyone's work.
  await writeText(path, id, { mode: 0o600 }).catch(() => {});
  return id;
}
