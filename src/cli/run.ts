// The command line from first token to exit code: split, parse, decide, then load the one module that does it.
import { VERSION } from "../protocol/version.ts";
import { type CommandName, commandOf, findCommand } from "./commands.ts";
import type { CliContext } from "./command.ts";
import { EXIT_OK, EXIT_USAGE } from "./exit_codes.ts";
import { helpText } from "./help.ts";
import { decide, type HighArgs, refuseRemote } from "./high_args.ts";
import { findLaterCommand, laterSubcommands } from "./later.ts";
import { type LevelArgs, parseLevel } from "./parse_level.ts";
import { reportError } from "./report.ts";
import { type SplitArgv, splitArgv } from "./split_argv.ts";
import { makeStyle } from "./style.ts";
import { UsageError } from "./usage_error.ts";

export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  try {
    const split = splitArgv(argv);
    const before = parseLevel("tui", split.before);
    if (split.asks === "version") {
      context.printStdout(`codex-cli ${VERSION}\n`);
      return EXIT_OK;
    }
    const command = commandNamed(split, before);
    const after = split.word === null ? null : parseOwn(command, split.after);
    if (split.asks !== null) return printHelp(command, split.asks === "longHelp", context);
    if (command === "help") return printHelp(helpSubject(after?.operands ?? []), true, context);
    if (commandOf(command).isGroup) return refuseGroup(command, context);
    if (commandOf(command).helpsWhenBare && split.after.length === 0) return refuseGroup(command, context);
    return await carryOut(decide({ command, before, after }, context.environment), context);
  } catch (error) {
    const { text, exitCode } = reportError(error);
    context.printStderr(text);
    return exitCode;
  }
}

async function carryOut(args: HighArgs, context: CliContext): Promise<number> {
  switch (args.kind) {
    case "session": {
      const { runSession } = await import("./commands/session.ts");
      return await runSession(args, context);
    }
    case "appServer": {
      const { runAppServer } = await import("./commands/app_server.ts");
      return await runAppServer(args, context);
    }
    case "tokenNew": {
      const { runTokenNew } = await import("./commands/app_server_token.ts");
      return await runTokenNew(args, context);
    }
    case "tokenMint": {
      const { runTokenMint } = await import("./commands/app_server_token.ts");
      return await runTokenMint(args, context);
    }
    case "sandbox": {
      const { runSandbox } = await import("./commands/sandbox.ts");
      return await runSandbox(args, context);
    }
    case "windowsSetup": {
      const { runWindowsSetup } = await import("./commands/sandbox_windows_setup.ts");
      return await runWindowsSetup(args, context);
    }
    case "installService": {
      const { runInstallService } = await import("./commands/install_service.ts");
      return await runInstallService(args, context);
    }
  }
}

function commandNamed(split: SplitArgv, before: LevelArgs): CommandName {
  if (split.word === null) return "tui";
  const command = findCommand(split.word);
  if (command !== undefined) {
    const extra = before.operands[0];
    if (extra !== undefined) throw new UsageError(`unexpected argument '${extra}' found`, { usageOf: command });
    return command;
  }
  throw refuseLater(split.word, split.after, before);
}

function refuseLater(word: string, after: readonly string[], before: LevelArgs): Error {
  const later = findLaterCommand(word);
  const second = after.find((token) => !token.startsWith("-"));
  const words = later?.words === 2 && second !== undefined ? `${word} ${second}` : word;
  if (later?.session !== true) refuseRemote(before.flags, words);
  return notYet(`the command '${words}'`, `to start a session with this word as the request, use 'codex -- ${word}'`);
}

function notYet(what: string, tip: string): UsageError {
  return new UsageError(`${what} is not part of this version yet`, { usageOf: "tui", tip });
}

function parseOwn(command: CommandName, tokens: readonly string[]): LevelArgs {
  const words = commandOf(command).words;
  const later = laterSubcommands.find(([first, second]) => first === words && second === tokens[0]);
  if (later !== undefined) throw notYet(`the command '${later.join(" ")}'`, `see 'codex ${words} --help'`);
  const [first] = tokens;
  if (commandOf(command).args.length === 0 && first !== undefined && !first.startsWith("-")) {
    throw new UsageError(`unrecognized subcommand '${first}'`, { usageOf: command });
  }
  return parseLevel(command, tokens);
}

function helpSubject(words: readonly string[]): CommandName {
  const [word] = words;
  if (word === undefined) return "tui";
  const command = findCommand(words.join(" "));
  if (command !== undefined) return command;
  const known = findCommand(word);
  if (known !== undefined) {
    throw new UsageError(`unrecognized subcommand '${words.slice(1).join(" ")}'`, { usageOf: known });
  }
  if (findLaterCommand(word) !== undefined) {
    throw notYet(`the command '${word}'`, "see 'codex --help' for those that are");
  }
  throw new UsageError(`unrecognized subcommand '${word}'`, { usageOf: "tui" });
}

/** A name for other commands alone: which ones, as an error. */
function refuseGroup(command: CommandName, context: CliContext): number {
  const style = makeStyle(context.isStderrTerminal, context.environment);
  context.printStderr(helpText(command, { long: false, style }));
  return EXIT_USAGE;
}

function printHelp(command: CommandName, long: boolean, context: CliContext): number {
  const style = makeStyle(context.isStdoutTerminal, context.environment);
  context.printStdout(helpText(command, { long, style }));
  return EXIT_OK;
}
