// The launcher of Windows for the level that was chosen. A level that is not set up is an error, never the lower one.
import { CodexError } from "../../base/errors.ts";
import type { CommandToLaunch, Launcher, PreparedLaunch } from "../launcher.ts";
import { readSandboxAccounts } from "./accounts_file.ts";
import { createWindowsLauncher, prepareUnconfined } from "./launch.ts";
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
  const codexHome = existing(home);
  return createWindowsLauncher({
    codexHome,
    environment,
    privateDesktop: windows.privateDesktop,
    accounts: windows.level === "elevated" ? await readSandboxAccounts(codexHome) : null,
    addedReadRoots: windows.addedReadRoots?.() ?? [],
  });
}

/** A command without a sandbox, which somebody decided: only a job around it, and a terminal where it has one. */
export async function prepareBareWindows(command: CommandToLaunch, home: string | null): Promise<PreparedLaunch> {
  return await prepareUnconfined(existing(home), command);
}

function existing(home: string | null): string {
  if (home !== null) return home;
  throw new CodexError("SANDBOX_UNAVAILABLE", "Cannot run commands: there is no CODEX_HOME to hand them over in");
}
