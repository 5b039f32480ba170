// What a person chooses about the sandbox of Windows: `[windows]` of config.toml, and folders opened in a session.
import type { WindowsLevel } from "./windows_plan.ts";

export interface WindowsSettings {
  readonly level: WindowsLevel;
  /** `windows.sandbox_private_desktop` */
  readonly privateDesktop: boolean;
  /** Folders that sandbox users may read too, asked for anew at each launch. */
  readonly addedReadRoots?: () => readonly string[];
}

export const DEFAULT_WINDOWS_SETTINGS: WindowsSettings = { level: "unelevated", privateDesktop: true };
