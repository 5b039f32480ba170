// Command lines: the shell that runs a model's command text, and argv written as one line that a shell reads back
// as the same words (the form in which commands travel on the wire). Pure; knows nothing of what commands mean.
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

/** argv as one line that a POSIX shell splits into the same words. */
export function joinCommand(argv: readonly string[]): string {
  return argv.map(quoteWord).join(" ");
}

/**
 * One word, quoted as the wire has it: the longest start that one kind of quotes can hold, then the rest the same way.
 * Backslash, `^` and `!` are kept out of quotes where some shell would read them.
 */
export function quoteWord(word: string): string {
  if (word === "") return "''";
  let quoted = "";
  for (let rest = word; rest !== "";) {
    const lengths = QUOTE_KINDS.map((kind) => kind.holds.exec(rest)?.[0].length ?? 0);
    const longest = Math.max(...lengths);
    const kind = QUOTE_KINDS[lengths.indexOf(longest)];
    if (kind === undefined || longest === 0) throw new RangeError(`Cannot quote a word: ${JSON.stringify(word)}`);
    quoted += kind.quote(rest.slice(0, longest));
    rest = rest.slice(longest);
  }
  return quoted;
}

/** The first of the kinds that hold the most is taken. */
const QUOTE_KINDS: readonly { readonly holds: RegExp; readonly quote: (text: string) => string }[] = [
  { holds: /^[A-Za-z0-9+\-./:@\]_]+/, quote: (text) => text },
  { holds: /^[^'\\][^'\\^]*/, quote: (text) => `'${text}'` },
  { holds: /^[^`$!^]+/, quote: (text) => `"${text.replaceAll(/["\\]/g, "\\$&")}"` },
];
