// What a person should hear at the start about the sandbox of this machine, before the first command needs it. Nothing
// when the sandbox is as it should be.
import { CodexError } from "../../base/errors.ts";
import { findText } from "../../host/files.ts";
import type { Platform } from "../../host/platform.ts";
import { missingBwrap } from "./bwrap_probe.ts";
import { type BwrapChoice, createBwrapFinder } from "./find_bwrap.ts";
import { isWsl1, wsl1Unsupported } from "./kernel_limits.ts";

export interface SandboxWarning {
  readonly summary: string;
  readonly details: string | null;
}

export interface StartWarningsOptions {
  readonly platform: Platform;
  readonly environment: Readonly<Record<string, string>>;
  /** Programs in it are not used. */
  readonly folder: string;
  /** Our home folder, or null. */
  readonly home: string | null;
  /** Landlock carries the plans out. Default false. */
  readonly legacyLandlock?: boolean;
  /** The text of /proc/version; read when left out. */
  readonly procVersion?: string;
}

export async function sandboxStartWarnings(options: StartWarningsOptions): Promise<readonly SandboxWarning[]> {
  const { platform, environment, folder, home } = options;
  if (platform.os !== "linux") return [];
  const version = options.procVersion ?? await findText("/proc/version") ?? "";
  if (isWsl1(version)) return [toWarning(wsl1Unsupported())];
  if (options.legacyLandlock === true) return (await import("./landlock_warnings.ts")).landlockWarnings();
  try {
    const finder = createBwrapFinder({ home, uid: platform.uid });
    return warningsOf(await finder.find({ searchPath: environment["PATH"] ?? "", excludedRoots: [folder] }));
  } catch (error) {
    if (error instanceof CodexError) return [toWarning(error)];
    throw error;
  }
}

export function warningsOf({ path, proc, isBundled, troubles }: BwrapChoice): readonly SandboxWarning[] {
  const warnings: SandboxWarning[] = [];
  if (isBundled) {
    const [trouble] = troubles;
    warnings.push({
      summary: `bubblewrap (bwrap) ${trouble === undefined ? "is not on PATH" : "on PATH does not work"}: ` +
        "commands use the one that ships with this program",
      details: [trouble?.message, (trouble ?? missingBwrap()).hint].filter((part) => part !== undefined).join(". "),
    });
  }
  if (proc === "shared") {
    warnings.push({
      summary: "This system does not let a sandbox mount a /proc of its own",
      details: `Sandboxed commands see the command lines of other processes here. In a container, start it with ` +
        `--privileged or unmasked paths to change that ("${path}" was tried)`,
    });
  }
  return warnings;
}

function toWarning({ message, hint }: CodexError): SandboxWarning {
  return { summary: message, details: hint ?? null };
}
