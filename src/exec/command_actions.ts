// What a command does, as clients show it: reads a file, lists files, searches, or unknown. Display only: no decision
// hangs on it. Specified by the recorded items of the reference; one unknown part makes the whole unknown.
import { baseName, isAbsolutePath, joinPath } from "../base/absolute_path.ts";
import type { CommandAction } from "../protocol/types/item.ts";
import { joinShellWords } from "../base/shell_words.ts";
import { isReadOnlyCommand } from "./command_safety.ts";
import type { PlainCommand, PlainScript } from "./shell_parser.ts";

/** `script` is the text as typed; `plain` what the parser made of it, or null. */
export function commandActions(script: string, plain: PlainScript | null): CommandAction[] {
  const unknown: CommandAction[] = [{ type: "unknown", command: script }];
  if (plain === null) return unknown;
  const steps = meaningfulCommands(plain.commands);
  const actions: CommandAction[] = [];
  let folder: string | null = null;
  for (const command of steps) {
    if (command.words[0] === "cd") {
      folder = enterFolder(folder, command.words);
      continue;
    }
    const action = actionOf(command, folder);
    if (action === null) return unknown;
    actions.push(action);
  }
  if (steps.length === 0) return plain.commands.every((command) => command.words[0] === "true") ? [] : unknown;
  const only = actions[0];
  if (actions.length === 1 && only?.type === "read" && plain.isPipeline && plain.commands.some(printsLines)) {
    // Which lines were read is in the part that was left out.
    return [{ ...only, command: script }];
  }
  return actions;
}

/** Without what only announces or shapes output; a command on its own is always kept. */
function meaningfulCommands(commands: readonly PlainCommand[]): readonly PlainCommand[] {
  if (commands.length === 1) return commands;
  const firstReal = commands.findIndex(({ words }) => words[0] !== "echo");
  return commands.slice(Math.max(firstReal, 0)).filter((command) => !shapesOutput(command));
}

const SHAPERS = new Set(["wc", "tr", "cut", "sort", "uniq", "column", "yes", "printf", "true"]);

function shapesOutput(command: PlainCommand): boolean {
  const [program = "", ...args] = command.words;
  if (SHAPERS.has(program)) return true;
  switch (program) {
    case "head":
    case "tail":
      return fileOfHead(args) === null && operands(args, "-n -c --lines --bytes").length === 0;
    case "sed":
      return operands(args, "-e -f").length <= (args.includes("-e") ? 0 : 1) &&
        !args.some((arg) => arg.startsWith("-i"));
    case "nl":
      return operands(args, VALUE_OPTIONS["nl"]).length === 0;
    case "awk":
      return operands(args, VALUE_OPTIONS["awk"]).length <= 1 && !args.includes("-f");
    case "xargs": {
      const inner = operands(args, "-I -n -P -L -d -s -E");
      return inner.length === 0 || isReadOnlyCommand({ words: inner, expands: false });
    }
    default:
      return false;
  }
}

function printsLines({ words }: PlainCommand): boolean {
  return words[0] === "sed" && words[1] === "-n";
}

function enterFolder(from: string | null, words: readonly string[]): string | null {
  const target = words.slice(1).find((word) => !word.startsWith("-"));
  if (target === undefined) return from;
  return from === null || isAbsolutePath(target) ? target : `${from}/${target}`;
}

/** Options that take the next word as their value, by program. */
const VALUE_OPTIONS: Readonly<Record<string, string>> = {
  ls: "-I -w --ignore --block-size --format --time-style --color --quoting-style",
  eza: "-I -L -s -t --ignore-glob --color --sort --time-style --time --level",
  tree: "-L -P -I --charset --filelimit --sort",
  du: "-d -B -t --max-depth --block-size --exclude --time-style",
  fd: "-t -e -E -d -c -j --type --extension --exclude --max-depth --color --threads",
  rg: "-g -A -B -C -m -t -T -j -M -d -E -r --glob --iglob --context --after-context --before-context --max-count " +
    "--type --type-not --threads --max-columns --max-depth --encoding --replace --color --sort",
  grep: "-A -B -C -m -d -D --include --exclude --exclude-dir --context --max-count --color",
  bat: "-r -l -H --theme --language --style --terminal-width --tabs --line-range --highlight-line --map-syntax",
  less: "-p -P -x -y -z -j -b -k -o -O -t -T --pattern --prompt --tabs",
  nl: "-b -d -f -h -i -l -n -s -v -w",
  awk: "-F -v -f --field-separator --assign --file",
  "git grep": "-A -B -C -m --context --max-count",
  "git ls-files": "-x -X --exclude --exclude-from",
};

/** Words that are neither options nor values of options. `--` ends the options. */
function operands(args: readonly string[], valueOptions = ""): string[] {
  const takesValue = new Set(valueOptions.split(" "));
  const found: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") return [...found, ...args.slice(index + 1)];
    if (takesValue.has(arg)) index++;
    else if (!arg.startsWith("-") || arg === "-") found.push(arg);
  }
  return found;
}

function actionOf(command: PlainCommand, folder: string | null): CommandAction | null {
  const { words } = command;
  const [program = "", ...args] = words;
  const text = joinShellWords(words);
  const read = (file: string | null | undefined): CommandAction | null => file ? readAction(text, file, folder) : null;
  const list = (path: string | undefined): CommandAction => ({
    type: "listFiles",
    command: text,
    path: path === undefined ? null : shortPath(path),
  });
  const search = (query: string | undefined, path: string | undefined): CommandAction => ({
    type: "search",
    command: text,
    query: query ?? null,
    path: path === undefined ? null : shortPath(path),
  });
  switch (program) {
    case "cat": {
      const files = operands(args);
      return files.length === 1 ? read(files[0]) : null;
    }
    case "head":
    case "tail":
      return read(fileOfHead(args));
    case "sed":
      return read(fileOfSed(args));
    case "nl":
    case "less":
      return read(operands(args, VALUE_OPTIONS[program])[0]);
    case "more": {
      const files = operands(args);
      return files.length === 1 ? read(files[0]) : null;
    }
    case "bat":
    case "batcat":
      return read(operands(args, VALUE_OPTIONS["bat"])[0]);
    case "awk": {
      const rest = operands(args, VALUE_OPTIONS["awk"]);
      return read(args.includes("-f") ? rest[0] : rest[1]);
    }
    case "ls":
    case "tree":
    case "du":
      return list(operands(args, VALUE_OPTIONS[program])[0]);
    case "eza":
    case "exa":
      return list(operands(args, VALUE_OPTIONS["eza"])[0]);
    case "find":
      return findAction(command, list, search);
    case "fd": {
      const [query, path] = operands(args, VALUE_OPTIONS["fd"]);
      return query === undefined ? list(undefined) : search(query, path);
    }
    case "rg":
    case "rga":
    case "ripgrep":
      if (args.includes("--files")) return list(operands(args, VALUE_OPTIONS["rg"])[0]);
      return search(...patternAndPath(args, VALUE_OPTIONS["rg"]));
    case "grep":
    case "egrep":
    case "fgrep":
    case "ag":
    case "ack":
    case "pt":
      return search(...patternAndPath(args, VALUE_OPTIONS["grep"]));
    case "git":
      if (args[0] === "grep") return search(...patternAndPath(args.slice(1), VALUE_OPTIONS["git grep"]));
      return args[0] === "ls-files" ? list(operands(args.slice(1), VALUE_OPTIONS["git ls-files"])[0]) : null;
    case "python":
    case "python3":
      return args[0] === "-c" && /\bos\.(walk|listdir|scandir)\b|\bglob\.i?glob\b/.test(args[1] ?? "")
        ? list(undefined)
        : null;
    default:
      return null;
  }
}

function readAction(text: string, file: string, folder: string | null): CommandAction {
  const path = folder === null || isAbsolutePath(file) ? file : `${folder}/${file}`;
  return { type: "read", command: text, name: baseName(joinPath("/", file)), path };
}

/** `-e`/`--regexp` names the pattern; else the first operand does. */
function patternAndPath(args: readonly string[], valueOptions = ""): [string | undefined, string | undefined] {
  const at = args.findIndex((arg) => arg === "-e" || arg === "--regexp");
  const rest = operands(args, `${valueOptions} -e --regexp`);
  return at >= 0 ? [args[at + 1], rest[0]] : [rest[0], rest[1]];
}

function findAction(
  command: PlainCommand,
  list: (path: string | undefined) => CommandAction,
  search: (query: string | undefined, path: string | undefined) => CommandAction,
): CommandAction | null {
  if (!isReadOnlyCommand({ words: command.words, expands: false })) return null;
  const args = command.words.slice(1);
  const path = args[0] !== undefined && !/^[-(!]/.test(args[0]) ? args[0] : undefined;
  const at = args.findIndex((arg) => /^-i?(name|path|regex)$/.test(arg));
  return at < 0 ? list(path) : search(args[at + 1], path);
}

/** The file of `head`/`tail`, with a plain line count or none. */
function fileOfHead(args: readonly string[]): string | null {
  const [first = "", second = "", third] = args;
  if (first === "-n") return /^\+?\d+$/.test(second) ? third ?? null : null;
  if (/^-n\+?\d+$/.test(first)) return args[1] ?? null;
  return first !== "" && !first.startsWith("-") ? first : null;
}

/** The file of `sed -n N,Mp`. */
function fileOfSed(args: readonly string[]): string | null {
  const [quiet, ...rest] = args;
  const words = rest[0] === "-e" ? rest.slice(1) : rest;
  return quiet === "-n" && /^\d+(,\d+)?p$/.test(words[0] ?? "") ? words[1] ?? null : null;
}

const UNTELLING_NAMES = new Set(["build", "dist", "node_modules", "src"]);

/** The last part of a path that says something. */
function shortPath(path: string): string {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  return trimmed.split("/").findLast((part) => part !== "" && !UNTELLING_NAMES.has(part)) ?? trimmed;
}
