// The process's environment, read once by the composition root and passed on as plain values.

export function readEnvironment(): Record<string, string> {
  return Deno.env.toObject();
}

export function currentFolder(): string {
  return Deno.cwd();
}

export function homeFolder(environment: Readonly<Record<string, string>>): string | null {
  return environment["HOME"] ?? environment["USERPROFILE"] ?? null;
}
