// Commands on this machine: sessions with this machine's launcher. One per process.
import { openLibcOnce } from "../host/libc.ts";
import type { Platform } from "../host/platform.ts";
import { createLauncherFinder } from "../sandbox/find_launcher.ts";
import type { ExecSessions } from "./session.ts";
import { createExecSessions } from "./sessions.ts";

export interface LocalSessionsOptions {
  readonly platform: Platform;
  /** Its PATH is where the sandbox's own programs are looked for. */
  readonly environment: Readonly<Record<string, string>>;
  readonly nowMs: () => number;
}

/** Nothing is loaded or looked for before the first command. */
export function createLocalExecSessions({ platform, environment, nowMs }: LocalSessionsOptions): ExecSessions {
  const libc = openLibcOnce();
  return createExecSessions({ launchers: createLauncherFinder({ platform, environment, libc }), libc, nowMs });
}
