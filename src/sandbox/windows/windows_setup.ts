// Setup on this machine: its system, and the paths that it is about.
import { ownProgramFile } from "../../host/own_program.ts";
import { setupPaths } from "./accounts_file.ts";
import { readCapabilitySids } from "./capability_file.ts";
import { readOpenedPaths } from "./opened_paths.ts";
import type { SetupPlaces } from "./setup.ts";
import type { SetupSystem } from "./setup_system.ts";
import { createWindowsSetupSystem } from "./windows_setup_system.ts";

export interface WindowsSetup {
  readonly system: SetupSystem;
  readonly places: SetupPlaces;
}

/** @throws CodexError SANDBOX_UNSUPPORTED anywhere but on Windows, SANDBOX_UNAVAILABLE */
export async function openWindowsSetup(codexHome: string): Promise<WindowsSetup> {
  const system = createWindowsSetupSystem(codexHome);
  const { workspace_by_cwd, writable_root_by_path } = await readCapabilitySids(codexHome);
  const roots = [...Object.keys(workspace_by_cwd), ...Object.keys(writable_root_by_path)];
  return {
    system,
    places: {
      wanted: [
        { path: ownProgramFile(), access: "read" },
        { path: setupPaths(codexHome).secretsFolder, access: "nothing" },
      ],
      // Keys are in lower case with `/`: the same paths to Windows.
      opened: [...new Set([...await readOpenedPaths(codexHome), ...roots.map((path) => path.replaceAll("/", "\\"))])],
    },
  };
}
