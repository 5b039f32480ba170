// First reading of the command line: where the command's word stands, and every flag in one spelling, so that the
// parser below cannot misread it. Covers what commander reads otherwise than the reference: `-m=x`, a value that is
// missing before the next flag, `-- resume` as a request, and help for any command.
import { type CommandName, commandOf, findCommand, restArgumentOf } from "./commands.ts";
import { findLaterCommand } from "./later.ts";
import { findFlag, type Flag, flagOf, shownFlag } from "./shared_flags.ts";
import { UsageError } from "./usage_error.ts";

export interface SplitArgv {
  /** Tokens before the command's word; all of them when there is none. */
  readonly before: readonly string[];
  /** The command's words, or the first one when it names a command of a later version. */
  readonly word: string | null;
  /** Tokens after the word; as they were typed for a command of a later version. */
  readonly after: readonly string[];
  /** Help or the version was asked for: nothing behind that was read. */
  readonly asks: "shortHelp" | "longHelp" | "version" | null;
}

interface Level {
  readonly tokens: string[];
  readonly asks: SplitArgv["asks"];
  /** How many tokens of the input were read. */
  readonly read: number;
  /** The input went on with this command's word. */
  readonly word: string | null;
}

export function splitArgv(argv: readonly string[]): SplitArgv {
  const root = readLevel(argv, "tui", { isWord: isCommandWord });
  if (root.word === null) return { before: root.tokens, word: null, after: [], asks: root.asks };
  const rest = argv.slice(root.read);
  const first = findCommand(root.word);
  if (first === undefined) return { before: root.tokens, word: root.word, after: rest, asks: null };
  const { command, depth } = descend(first, rest);
  const own = readLevel(rest.slice(depth), command, { isWord: () => false });
  return { before: root.tokens, word: commandOf(command).words, after: own.tokens, asks: own.asks };
}

/** `app-server token new …`: the words of subcommands follow each other with nothing in between. */
function descend(command: CommandName, tokens: readonly string[]): { command: CommandName; depth: number } {
  const below = findCommand(`${commandOf(command).words} ${tokens[0]}`);
  if (below === undefined) return { command, depth: 0 };
  const further = descend(below, tokens.slice(1));
  return { command: further.command, depth: further.depth + 1 };
}

function isCommandWord(word: string): boolean {
  return findCommand(word) !== undefined || findLaterCommand(word) !== undefined;
}

function readLevel(argv: readonly string[], command: CommandName, options: { isWord(word: string): boolean }): Level {
  const known = commandOf(command).flags;
  const endsAtOperand = restArgumentOf(command) !== undefined;
  const tokens: string[] = [];
  let sawOperand = false;
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at] ?? "";
    if (token === "--") return { tokens: [...tokens, ...argv.slice(at)], asks: null, read: argv.length, word: null };
    if (token === "-h") return { tokens, asks: "shortHelp", read: at + 1, word: null };
    if (token === "--help") return { tokens, asks: "longHelp", read: at + 1, word: null };
    if (command === "tui" && (token === "-V" || token === "--version")) {
      return { tokens, asks: "version", read: at + 1, word: null };
    }
    if (!token.startsWith("-") || token === "-") {
      if (endsAtOperand) {
        return { tokens: [...tokens, "--", ...argv.slice(at)], asks: null, read: argv.length, word: null };
      }
      if (!sawOperand && options.isWord(token)) return { tokens, asks: null, read: at + 1, word: token };
      sawOperand = true;
      tokens.push(token);
      continue;
    }
    const { name, inline } = takeApart(token);
    const found = findFlag(name);
    if (found === undefined || !known.includes(found)) {
      tokens.push(token);
      continue;
    }
    const flag = flagOf(found);
    if (flag.valueName === undefined) {
      if (inline !== null) throw unexpectedValue(flag, inline, command);
      tokens.push(flag.long);
      continue;
    }
    const value = inline ?? valueAfter(argv, at, flag);
    if (value === "" && flag.emptyAllowed !== true) throw missingValue(flag);
    if (inline === null) at++;
    tokens.push(`${flag.long}=${value}`);
  }
  return { tokens, asks: null, read: argv.length, word: null };
}

/** `--model=x` → `--model`, `x`; `-mx` and `-m=x` → `-m`, `x`; `--oss` → `--oss`, null. */
function takeApart(token: string): { name: string; inline: string | null } {
  if (token.startsWith("--")) {
    const equals = token.indexOf("=");
    return equals < 0
      ? { name: token, inline: null }
      : { name: token.slice(0, equals), inline: token.slice(equals + 1) };
  }
  const rest = token.slice(2);
  return { name: token.slice(0, 2), inline: rest === "" ? null : rest.replace(/^=/, "") };
}

/** The next token, unless it is a flag itself: a forgotten value must not swallow it. */
function valueAfter(argv: readonly string[], at: number, flag: Flag): string {
  const next = argv[at + 1];
  if (next === undefined || (next.startsWith("-") && next !== "-")) throw missingValue(flag);
  return next;
}

function missingValue(flag: Flag): UsageError {
  return new UsageError(
    `a value is required for '${shownFlag(flag)}' but none was supplied${possibleValues(flag)}`,
  );
}

function unexpectedValue(flag: Flag, value: string, usageOf: CommandName): UsageError {
  return new UsageError(`unexpected value '${value}' for '${flag.long}' found; no more were expected`, { usageOf });
}

export function possibleValues(flag: Flag): string {
  return flag.choices === undefined ? "" : `\n  [possible values: ${flag.choices.join(", ")}]`;
}
