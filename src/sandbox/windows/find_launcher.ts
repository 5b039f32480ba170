// The launcher of Windows for the level that was chosen. A level that is not set up is an error, never the lower one.
import { CodexError } from "../../base/errors.ts";
import type { Launcher } from "../launcher.ts";
import { readSandboxAccounts } from "./accounts_file.ts";
import { createWindowsLauncher } from "./launch.ts";
import { DEFAULT_WINDOWS_SETTINGS, type WindowsSettings } from "./settings.ts";

export interface WindowsFinderOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** CODEX_HOME */
  readonly home: string | null;
  readonly windows?: WindowsSettings;
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export async function findWindowsLauncher(options: WindowsFinderOptions): Promise<Launcher> {
  const { environment, home, windows = DEFAULT_WINDOWS_SETTINGS } = options;
  if (home === null) {
    throw new CodexError("SANDBOX_UNAVAILABLE", "Cannot sandbox commands: there is no CODEX_HOME to keep its names in");
  }
  return createWindowsLauncher({
    codexHome: home,
    environment,
    privateDesktop: windows.privateDesktop,
    accounts: windows.level === "elevated" ? await readSandboxAccounts(home) : null,
    addedReadRoots: windows.addedReadRoots?.() ?? [],
  });
}
