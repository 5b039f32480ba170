// The process's environment, read once by the composition root and passed on as plain values.

export function readEnvironment(): Record<string, string> {
  return Deno.env.toObject();
}

export function currentFolder(): string {
  return Deno.cwd();
}

/** Where programs put temporary files by the environment's word; null when it has none. */
export function temporaryFolder(environment: Readonly<Record<string, string>>): string | null {
  const names = Deno.build.os === "windows" ? ["TEMP", "TMP"] : ["TMPDIR"];
  return names.map((name) => environment[name]).find((path) => path !== undefined) ?? null;
}

export function homeFolder(environment: Readonly<Record<string, string>>): string | null {
  return environment["HOME"] ?? environment["USERPROFILE"] ?? null;
}
