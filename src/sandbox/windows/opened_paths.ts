// Which paths commands of the elevated level were ever opened or closed for the group of the sandbox users: removal takes
// the entries away again. A list of paths in CODEX_HOME/.sandbox/opened_paths.json.
import Type from "typebox";
import Value from "typebox/value";
import { joinPath } from "../../base/absolute_path.ts";
import { findText, makeFolder, moveFile, removeTree, writeText } from "../../host/files.ts";
import { setupPaths } from "./accounts_file.ts";

const Paths = Type.Array(Type.String());

export async function readOpenedPaths(codexHome: string): Promise<readonly string[]> {
  const text = await findText(pathOf(codexHome));
  try {
    const value: unknown = JSON.parse(text ?? "[]");
    return Value.Check(Paths, value) ? value : [];
  } catch {
    return [];
  }
}

/** Before the entries are made. */
export async function rememberOpenedPaths(codexHome: string, paths: readonly string[]): Promise<void> {
  const known = await readOpenedPaths(codexHome);
  const all = [...new Set([...known, ...paths])];
  if (all.length === known.length) return;
  await makeFolder(setupPaths(codexHome).folder, { mode: 0o700 });
  // Replaced as a whole: a reader never sees half of it.
  const fresh = `${pathOf(codexHome)}.${crypto.randomUUID()}`;
  await writeText(fresh, `${JSON.stringify(all, null, 2)}\n`, { createNew: true, mode: 0o600 });
  await moveFile(fresh, pathOf(codexHome));
}

export async function forgetOpenedPaths(codexHome: string): Promise<void> {
  await removeTree(pathOf(codexHome));
}

function pathOf(codexHome: string): string {
  return joinPath(setupPaths(codexHome).folder, "opened_paths.json");
}
