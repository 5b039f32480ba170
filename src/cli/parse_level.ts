// Reads the tokens of one command by the flag table. Nothing is decided here: what comes out is what was typed, and a
// token that has no place is told. (A parser library would add 8 ms to each start and know no more than the table.)
import { type CommandName, commandOf } from "./commands.ts";
import { laterFlags } from "./later.ts";
import { findFlag, type Flag, type FlagName, flagOf, type LowFlags, shownFlag } from "./shared_flags.ts";
import { findSimilar } from "./similar.ts";
import { possibleValues } from "./split_argv.ts";
import { UsageError } from "./usage_error.ts";

export interface LevelArgs {
  readonly flags: LowFlags;
  readonly operands: readonly string[];
}

type Typed = Partial<Record<FlagName, true | string | string[]>>;

/** `tokens` as `splitArgv` writes them: flags by their long name, values behind `=`. @throws UsageError */
export function parseLevel(command: CommandName, tokens: readonly string[]): LevelArgs {
  const row = commandOf(command);
  const typed: Typed = {};
  const operands: string[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token === "--") {
      operands.push(...tokens.slice(at + 1));
      break;
    }
    if (!token.startsWith("-") || token === "-") {
      operands.push(token);
      continue;
    }
    const equals = token.indexOf("=");
    const spelling = token.startsWith("--") ? token.slice(0, equals < 0 ? undefined : equals) : token.slice(0, 2);
    const name = findFlag(spelling);
    if (name === undefined || !row.flags.includes(name)) throw unknownFlag(spelling, command);
    record(typed, name, equals < 0 ? null : token.slice(equals + 1), command);
  }
  checkConflicts(typed, command);
  const extra = operands[row.args.length];
  if (extra !== undefined) throw new UsageError(`unexpected argument '${extra}' found`, { usageOf: command });
  // `record` stores true for switches, text for values and a list for repeatable flags: what LowFlags says of each.
  return { flags: typed as LowFlags, operands };
}

function record(typed: Typed, name: FlagName, value: string | null, usageOf: CommandName): void {
  const flag = flagOf(name);
  const earlier = typed[name];
  if (value !== null && flag.choices?.includes(value) === false) {
    throw new UsageError(`invalid value '${value}' for '${shownFlag(flag)}'${possibleValues(flag)}`);
  }
  if (flag.repeat) {
    typed[name] = [...(Array.isArray(earlier) ? earlier : []), value ?? ""];
  } else if (earlier !== undefined) {
    throw new UsageError(`the argument '${shownFlag(flag)}' cannot be used multiple times`, { usageOf });
  } else {
    typed[name] = value ?? true;
  }
}

function checkConflicts(typed: Typed, usageOf: CommandName): void {
  const given = (Object.keys(typed) as FlagName[]).map(flagOf); // keys were stored by `record`
  for (const flag of given) {
    const other = given.find((candidate) => flag.conflicts?.includes(candidate.long));
    if (other !== undefined) throw conflict(flag, other, usageOf);
  }
}

function conflict(flag: Flag, other: Flag, usageOf: CommandName): UsageError {
  return new UsageError(`the argument '${shownFlag(flag)}' cannot be used with '${shownFlag(other)}'`, { usageOf });
}

function unknownFlag(spelling: string, usageOf: CommandName): UsageError {
  if (laterFlags.includes(spelling)) {
    return new UsageError(`the argument '${spelling}' is not part of this version yet`, { usageOf });
  }
  const message = `unexpected argument '${spelling}' found`;
  const { args, flags } = commandOf(usageOf);
  const similar = findSimilar(spelling, [...flags.map((name) => flagOf(name).long), "--help"]);
  if (similar !== null) return new UsageError(message, { usageOf, tip: `a similar argument exists: '${similar}'` });
  if (args.length === 0) return new UsageError(message, { usageOf });
  return new UsageError(message, { usageOf, tip: `to pass '${spelling}' as a value, use '-- ${spelling}'` });
}
