// One look at a command that answers everything later steps ask: its parts, what it does, how far it can be trusted.
// The parser behind it is loaded at the first look and kept.
import type { CommandAction } from "../protocol/types/item.ts";
import { commandActions } from "./command_actions.ts";
import { joinShellWords } from "../base/shell_words.ts";
import { shellScript } from "./command_line.ts";
import { isDangerous, isKnownSafe } from "./command_safety.ts";
import {
  loadShellParser,
  type PlainCommand,
  type PlainScript,
  type ReadAsset,
  type ShellParser,
} from "./shell_parser.ts";

export interface CommandInspection {
  readonly argv: readonly string[];
  /** As the wire shows it. */
  readonly command: string;
  readonly actions: CommandAction[];
  /** The plain commands in it; null when there is more to it (redirections, expansions, control flow). */
  readonly commands: readonly PlainCommand[] | null;
  /** Only looks: may run unasked. */
  readonly knownSafe: boolean;
  /** Destroys without asking back: is always asked about. */
  readonly dangerous: boolean;
}

export interface CommandInspector {
  inspect(argv: readonly string[]): Promise<CommandInspection>;
}

export function createCommandInspector(readAsset: ReadAsset): CommandInspector {
  let parser: Promise<ShellParser> | null = null;
  return {
    async inspect(argv): Promise<CommandInspection> {
      const script = shellScript(argv);
      parser ??= loadShellParser(readAsset);
      const plain = script === null ? plainArgv(argv) : (await parser).parse(script);
      const commands = plain?.commands ?? null;
      return {
        argv,
        command: joinShellWords(argv),
        actions: commandActions(script ?? joinShellWords(argv), plain),
        commands,
        knownSafe: isKnownSafe(commands),
        dangerous: isDangerous(commands),
      };
    },
  };
}

/** A command without a shell is one plain command. */
function plainArgv(argv: readonly string[]): PlainScript | null {
  return argv.length === 0 ? null : { commands: [{ words: argv, expands: false }], isPipeline: false };
}
