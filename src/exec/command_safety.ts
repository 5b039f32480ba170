// Judges plain commands: which ones only look (they run unasked even where trust is low) and which ones destroy (they
// are always asked about). A table by program; what is not in it is neither. Judges words, never a whole script.
import { baseName } from "../base/absolute_path.ts";
import type { PlainCommand } from "./shell_parser.ts";

/** Only look, whatever their arguments are. */
const READ_ONLY = new Set(
  ("basename cat cd cmp cut dirname echo expr false grep egrep fgrep head id ls nl numfmt paste pwd readlink realpath " +
    "rev seq stat tac tail test tr true uname wc which whoami").split(" "),
);

/** Only look, unless one of these arguments is there. */
const UNLESS: Readonly<Record<string, (args: readonly string[]) => boolean>> = {
  base64: (args) => args.some((arg) => arg.startsWith("-o") || arg.startsWith("--output")),
  find: (args) => args.some((arg) => /^-(exec|execdir|ok|okdir|delete|fls|fprint|fprint0|fprintf)$/.test(arg)),
  rg: (args) => args.some((arg) => /^(--pre|--hostname-bin)(=|$)|^--search-zip$|^-[a-zA-Z]*z/.test(arg)),
  // A second operand is a file to write.
  uniq: (args) => args.filter((arg) => !arg.startsWith("-")).length > 1,
};

const GIT_LOOKS = new Set(["status", "log", "diff", "show"]);
const GIT_BRANCH_LOOKS = /^(-a|-r|-v|-vv|--all|--remotes|--list|-l|--show-current|--verbose)$/;
/** These write a file or run a program that the repository or the user names. */
const GIT_ACTS = /^(--output|--ext-diff|--textconv|--exec|--open-files-in-pager|-O)(=|$)|^-O./;
const SED_PRINT = /^(\d+|\d+,\d+)p$/;

/** True when the command can be run without asking: it writes nothing, sends nothing and runs no other program. */
export function isReadOnlyCommand(command: PlainCommand): boolean {
  const [program, ...args] = command.words;
  if (program === undefined) return false;
  const name = programName(program);
  if (name === null) return false;
  if (READ_ONLY.has(name)) return true;
  // What a glob or a brace becomes could be an option that acts.
  if (command.expands) return false;
  const acts = UNLESS[name];
  if (acts !== undefined) return !acts(args);
  if (name === "git") return isReadOnlyGit(args);
  if (name === "sed") return args.length <= 3 && args[0] === "-n" && SED_PRINT.test(args[1] ?? "");
  return false;
}

/** Every command only looks. */
export function isKnownSafe(commands: readonly PlainCommand[] | null): boolean {
  return commands !== null && commands.length > 0 && commands.every(isReadOnlyCommand);
}

/** Some command destroys without asking back. */
export function isDangerous(commands: readonly PlainCommand[] | null): boolean {
  return commands !== null && commands.some((command) => destroys(command.words));
}

function destroys(words: readonly string[]): boolean {
  const [program, ...args] = words;
  switch (baseName(program ?? "")) {
    case "rm":
      return args.some((arg) => arg === "--force" || /^-[a-zA-Z]*f/.test(arg));
    case "dd":
      return args.some((arg) => arg.startsWith("of="));
    case "sudo":
    case "doas":
      return destroys(args.slice(args.findIndex((arg) => !arg.startsWith("-"))));
    default:
      return baseName(program ?? "").startsWith("mkfs");
  }
}

/** The program's own name; null when it is named by a path outside of the system's folders (it could be anything). */
function programName(program: string): string | null {
  if (!program.includes("/")) return program;
  return /^(\/usr)?(\/local)?\/s?bin\/[^/]+$/.test(program) ? baseName(program) : null;
}

function isReadOnlyGit(args: readonly string[]): boolean {
  // Options before the subcommand can name a program or another repository.
  const [subcommand, ...rest] = args;
  if (subcommand === undefined || rest.some((arg) => GIT_ACTS.test(arg))) return false;
  if (GIT_LOOKS.has(subcommand)) return true;
  return subcommand === "branch" && rest.every((arg) => GIT_BRANCH_LOOKS.test(arg));
}
