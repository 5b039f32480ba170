// Reads the tokens of one command with commander, from the flag table, and turns its complaints into this program's own
// usage errors. Nothing is decided here: what comes out is what was typed.
import { Command, CommanderError, Option } from "commander";
import { type CommandName, commandOf, restArgumentOf } from "./commands.ts";
import { laterFlags } from "./later.ts";
import { type Flag, type FlagName, flagOf, type LowFlags, shownFlag } from "./shared_flags.ts";
import { possibleValues } from "./split_argv.ts";
import { UsageError } from "./usage_error.ts";

export interface LevelArgs {
  readonly flags: LowFlags;
  readonly operands: readonly string[];
}

/** `tokens` as `splitArgv` writes them. @throws UsageError */
export function parseLevel(command: CommandName, tokens: readonly string[]): LevelArgs {
  const row = commandOf(command);
  const typed: Typed = {};
  let operands: readonly string[] = [];

  const parser = new Command();
  parser.exitOverride().helpOption(false).configureOutput({ writeErr: () => {}, outputError: () => {} });
  for (const name of row.flags) {
    const flag = flagOf(name);
    const option = new Option(flag.valueName === undefined ? flag.long : `${flag.long} <value>`);
    parser.addOption(option);
    parser.on(`option:${option.name()}`, (value: string | null) => record(typed, name, value, command));
  }
  parser.argument("[operands...]").action((words: string[]) => {
    operands = words;
  });
  try {
    parser.parse([...tokens], { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? translate(error, command) : error;
  }
  checkConflicts(typed, command);
  const extra = restArgumentOf(command) === undefined ? operands[row.args.length] : undefined;
  if (extra !== undefined) throw unexpectedArgument(extra, command);
  // `record` stores true for switches, text for values and a list for repeatable flags: what LowFlags says of each.
  return { flags: typed as LowFlags, operands };
}

type Typed = Partial<Record<FlagName, true | string | string[]>>;

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

function checkConflicts(typed: Partial<Record<FlagName, unknown>>, usageOf: CommandName): void {
  const given = (Object.keys(typed) as FlagName[]).map(flagOf); // keys were stored by `record`
  for (const flag of given) {
    const other = given.find((candidate) => flag.conflicts?.includes(candidate.long));
    if (other !== undefined) throw conflict(flag, other, usageOf);
  }
}

function conflict(flag: Flag, other: Flag, usageOf: CommandName): UsageError {
  return new UsageError(`the argument '${shownFlag(flag)}' cannot be used with '${shownFlag(other)}'`, { usageOf });
}

function translate(error: CommanderError, command: CommandName): Error {
  if (error.code !== "commander.unknownOption") return new UsageError(error.message.replace(/^error: /, ""));
  const token = (/'([\s\S]*)'/.exec(error.message)?.[1] ?? "").replace(/=[\s\S]*$/, "");
  if (laterFlags.includes(token)) {
    return new UsageError(`the argument '${token}' is not part of this version yet`, { usageOf: command });
  }
  const similar = /\(Did you mean (?:one of )?(--[a-z-]+)/.exec(error.message)?.[1];
  return unexpectedArgument(token, command, similar);
}

function unexpectedArgument(token: string, usageOf: CommandName, similar?: string): UsageError {
  const message = `unexpected argument '${token}' found`;
  if (similar !== undefined) {
    return new UsageError(message, { usageOf, tip: `a similar argument exists: '${similar}'` });
  }
  const takesValues = commandOf(usageOf).args.length > 0;
  if (!takesValues || !token.startsWith("-")) return new UsageError(message, { usageOf });
  return new UsageError(message, { usageOf, tip: `to pass '${token}' as a value, use '-- ${token}'` });
}
