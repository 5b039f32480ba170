// Commands on this machine: sessions with this machine's launcher. One per process.
import { openLibcOnce } from "../host/libc.ts";
import { stageCommand } from "../host/own_program.ts";
import type { Platform } from "../host/platform.ts";
import { createLauncherFinder, type LauncherFinderOptions } from "../sandbox/find_launcher.ts";
import type { ExecSessions } from "./session.ts";
import { createExecSessions } from "./sessions.ts";

export interface LocalSessionsOptions {
  readonly platform: Platform;
  /** Its PATH is where the sandbox's own programs are looked for. */
  readonly environment: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
  /** Our home folder; null: the launcher remembers nothing. */
  readonly home: string | null;
  /** What `[windows]` of config.toml says; asked for on Windows alone. */
  readonly windows: NonNullable<LauncherFinderOptions["windows"]>;
}

/** Nothing is loaded or looked for before the first command. */
export function createLocalExecSessions(options: LocalSessionsOptions): ExecSessions {
  const { platform, environment, nowMs, home, windows } = options;
  const libc = openLibcOnce(platform.os);
  return createExecSessions({
    launchers: createLauncherFinder({ platform, environment, home, windows }),
    libc,
    nowMs,
    ...(platform.os === "macos" ? { terminalLeader: stageCommand("terminal") } : {}),
  });
}
