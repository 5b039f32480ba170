// Command lines: the shell that runs a model's command text, and back. Pure; knows nothing of what commands mean.
import { baseName, isAbsolutePath } from "../base/absolute_path.ts";

export interface ShellRequest {
  /** The text that the shell runs. */
  readonly cmd: string;
  /** The shell's program; null for the user's own. */
  readonly shell: string | null;
  /** Run it as a login shell. */
  readonly login: boolean;
  /** The environment that names the user's own shell (`SHELL`). */
  readonly environment: Readonly<Record<string, string>>;
}

const FALLBACK_SHELL = "/bin/bash";
const POSIX_SHELLS = ["bash", "zsh", "sh", "dash", "ksh", "ash"];

/** argv that runs `cmd` through a shell: `["/bin/bash", "-lc", cmd]`. A user shell of another kind is not used. */
export function shellCommand({ cmd, shell, login, environment }: ShellRequest): readonly string[] {
  return [shell ?? userShell(environment), login ? "-lc" : "-c", cmd];
}

/** The user's own shell when it speaks the POSIX language, else bash. */
export function userShell(environment: Readonly<Record<string, string>>): string {
  const named = environment["SHELL"] ?? "";
  return isAbsolutePath(named) && ["bash", "zsh"].includes(baseName(named)) ? named : FALLBACK_SHELL;
}

/** The text that a shell was asked to run (`sh -c TEXT`, `bash -lc TEXT`), or null when argv is something else. */
export function shellScript(argv: readonly string[]): string | null {
  const [program, flag, script] = argv;
  if (argv.length !== 3 || program === undefined || script === undefined) return null;
  if (flag !== "-c" && flag !== "-lc") return null;
  return POSIX_SHELLS.includes(baseName(program)) ? script : null;
}
