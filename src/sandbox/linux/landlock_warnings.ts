// What a person who chose Landlock should hear at the start: that this kernel cannot do it, or how much less it is.
import { CodexError } from "../../base/errors.ts";
import { landlockVersion } from "../../host/landlock.ts";
import { openRestrictCalls } from "../../host/restrict_calls.ts";
import { refuseLandlock } from "./landlock_rules.ts";

interface LandlockWarning {
  readonly summary: string;
  readonly details: string | null;
}

/** Since this version signals can be kept inside. */
const SIGNALS_VERSION = 6;

/** `version`: what the kernel offers; asked when left out. */
export function landlockWarnings(version = landlockVersion(openRestrictCalls())): readonly LandlockWarning[] {
  try {
    refuseLandlock(version);
  } catch (error) {
    if (error instanceof CodexError) return [{ summary: error.message, details: error.hint ?? null }];
    throw error;
  }
  const signals = version < SIGNALS_VERSION ? " and sent signals (not from Linux 6.12 on)" : "";
  return [{
    summary: "Commands are held by Landlock instead of bubblewrap (features.use_legacy_landlock), which holds less",
    details:
      `Other processes can be seen${signals}; what a command leaves in the background outlives it; where a folder ` +
      "is writable, modes, groups and times of the user's files elsewhere can be changed",
  }];
}
