// The process's environment, read once by the composition root and passed on as plain values.

import { CodexError } from "../base/errors.ts";

export function readEnvironment(): Record<string, string> {
  return Deno.env.toObject();
}

/** @throws CodexError EXEC_FAILED when it was deleted, or may not be looked at. */
export function currentFolder(): string {
  try {
    return Deno.cwd();
  } catch (cause) {
    throw new CodexError("EXEC_FAILED", "Cannot work in the current folder: it is not there any more", {
      cause,
      hint: "Change to a folder that exists",
    });
  }
}

export function homeFolder(environment: Readonly<Record<string, string>>): string | null {
  return environment["HOME"] ?? environment["USERPROFILE"] ?? null;
}
