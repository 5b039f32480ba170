// The launcher of a Mac: /usr/bin/sandbox-exec, once it was seen to work.
import type { Launcher, LauncherFinder } from "../launcher.ts";
import { findStat } from "../../host/files.ts";
import { createSeatbeltLauncher, type SeatbeltLauncherOptions } from "./launch.ts";
import { missingSandboxExec, probeSeatbelt } from "./probe.ts";
import { SANDBOX_EXEC } from "./seatbelt_text.ts";

export interface SeatbeltFinderOptions extends SeatbeltLauncherOptions {
  /** Whether there is a program at a path; the disk's answer unless a test gives one. */
  readonly exists?: (path: string) => Promise<boolean>;
  readonly probe?: () => Promise<void>;
}

/** Only what works is kept: an outer sandbox does not go away, but a full process table does. */
export function createSeatbeltFinder(options: SeatbeltFinderOptions): LauncherFinder {
  const exists = options.exists ?? (async (path: string) => (await findStat(path))?.kind === "file");
  const probe = options.probe ?? (() => probeSeatbelt());
  const launcher = createSeatbeltLauncher(options);
  let running: Promise<void> | null = null;
  return {
    async find(): Promise<Launcher> {
      if (!(await exists(SANDBOX_EXEC))) throw missingSandboxExec();
      running ??= probe();
      try {
        await running;
      } catch (error) {
        running = null;
        throw error;
      }
      return launcher;
    },
  };
}
