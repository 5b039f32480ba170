// Which folders a server on Windows warns of, because everybody may write to them: none where nothing is sandboxed, or
// where `notice.hide_world_writable_warning` says that the person knows.
import type { ConfigLoader } from "../config/config_loader.ts";
import { openWindowsDisk } from "../sandbox/windows/windows_disk.ts";
import { findWorldWritable } from "../sandbox/windows/world_writable.ts";
import type { WorldWritableFolders } from "../server/services.ts";

export interface OpenFoldersOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export async function findOpenFolders(
  loader: ConfigLoader,
  { folder, environment }: OpenFoldersOptions,
): Promise<WorldWritableFolders> {
  const { config, merged } = await loader.load(folder);
  const notice = merged["notice"];
  const isHidden = typeof notice === "object" && notice !== null &&
    (notice as Record<string, unknown>)["hide_world_writable_warning"] === true; // an object
  if (config.sandboxMode === "danger-full-access" || isHidden) return null;
  const found = await findWorldWritable(openWindowsDisk(), {
    cwd: folder,
    environment,
    writable: config.sandboxMode === "workspace-write"
      ? [folder, environment["TEMP"] ?? "", environment["TMP"] ?? "", ...config.sandboxWorkspaceWrite.writableRoots]
      : [],
  });
  return found === null ? null : { ...found, samplePaths: [...found.samplePaths] };
}
