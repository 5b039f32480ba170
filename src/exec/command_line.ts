// Command lines: the shell that runs a model's command text, and back. Pure; knows nothing of what commands mean.
import { baseName, HAS_WINDOWS_PATHS, isAbsolutePath, joinPath } from "../base/absolute_path.ts";

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

const WINDOWS_SHELL = "System32\\WindowsPowerShell\\v1.0\\powershell.exe";
const WINDOWS_SHELLS: Readonly<Record<string, readonly string[]>> = {
  cmd: ["/d", "/c"],
  powershell: ["-NoLogo", "-NonInteractive", "-Command"],
  pwsh: ["-NoLogo", "-NonInteractive", "-Command"],
};

/** argv that runs `cmd` through a shell: `["/bin/bash", "-lc", cmd]`. A user shell of another kind is not used. */
export function shellCommand(request: ShellRequest): readonly string[] {
  const { cmd, shell, login, environment } = request;
  const program = shell ?? userShell(environment);
  const windows = WINDOWS_SHELLS[windowsName(program)];
  if (HAS_WINDOWS_PATHS && windows !== undefined) return windowsShellCommand(request, program, windows);
  return [program, login ? "-lc" : "-c", cmd];
}

/** A profile of the person's is read by a login shell only. */
function windowsShellCommand(
  { cmd, login }: ShellRequest,
  program: string,
  flags: readonly string[],
): readonly string[] {
  const plain = flags.includes("-Command") && !login ? ["-NoProfile"] : [];
  return [program, ...plain, ...flags, cmd];
}

function windowsName(program: string): string {
  return program.replaceAll("/", "\\").split("\\").at(-1)?.toLowerCase().replace(/\.exe$/, "") ?? "";
}

/** The user's own shell when it speaks the POSIX language, else bash; on Windows PowerShell. */
export function userShell(environment: Readonly<Record<string, string>>): string {
  // By its absolute path: a workspace could hold a program of that name.
  if (HAS_WINDOWS_PATHS) return joinPath(environment["SystemRoot"] ?? "C:\\Windows", WINDOWS_SHELL);
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
