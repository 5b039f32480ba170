// Help texts, made from the command table and the flag table: `-h` fits a screen, `--help` and `codex help` explain.
import { REFERENCE_VERSION, VERSION } from "../protocol/version.ts";
import { type CommandArgument, type CommandName, commandOf, type CommandRow, subcommandsOf } from "./commands.ts";
import { type Flag, flagOf } from "./shared_flags.ts";
import type { Style } from "./style.ts";

const WIDTH = 80;
const DETAIL_INDENT = 10;

export interface HelpOptions {
  readonly long: boolean;
  readonly style: Style;
}

/** The `Usage:` lines of a command, without a line break at the end. */
export function usageLines(name: CommandName): string {
  const row = commandOf(name);
  const args = row.args.map((arg) => ` ${shownArgument(arg)}`).join("");
  if (row.isGroup) return `Usage: codex ${row.words} <COMMAND>`;
  const options = row.flags.length > 0 ? " [OPTIONS]" : "";
  const commands = args === "" && subcommandsOf(name).length > 0 ? " [COMMAND]" : "";
  if (row.words !== "") return `Usage: codex ${row.words}${options}${args}${commands}`;
  return `Usage: codex${options}${args}\n       codex${options} <COMMAND> [ARGS]`;
}

export function helpText(name: CommandName, options: HelpOptions): string {
  const row = commandOf(name);
  const { long, style } = options;
  const sections = [
    (long ? row.about : [row.summary]).map((paragraph) => wrapText(paragraph, 0)).join("\n\n"),
    usageLines(name).replace("Usage:", style.strong("Usage:")),
    ...(subcommandsOf(name).length > 0 ? [section("Commands", commandList(name), style)] : []),
    ...(row.args.length > 0 ? [section("Arguments", argumentList(row), style)] : []),
    ...flagSections(row, options),
    ...(long && row.examples.length > 0 ? [section("Examples", exampleList(row), style)] : []),
    ...(long && name === "tui" ? [section("Files and variables", PLACES, style)] : []),
    ...(long ? [] : [style.faint(`More with ${row.words === "" ? "codex" : `codex ${row.words}`} --help`)]),
  ];
  return `${sections.join("\n\n")}\n`;
}

const PLACES: readonly string[] = [
  ...twoColumns([
    ["CODEX_HOME", "the folder of config.toml and sessions; default ~/.codex"],
    ["OPENAI_API_KEY", "the key for the `openai` model provider"],
    ["NO_COLOR", "when set, no colours"],
  ]),
  "",
  `  Version ${VERSION}: speaks the protocol of Codex CLI ${REFERENCE_VERSION}.`,
];

function section(title: string, lines: readonly string[], style: Style): string {
  return [style.strong(`${title}:`), ...lines].join("\n");
}

function commandList(name: CommandName): readonly string[] {
  const above = commandOf(name).words.length;
  const rows = subcommandsOf(name).map(commandOf);
  return twoColumns(rows.map((row) => [row.words.slice(above).trim(), row.summary]));
}

function argumentList(row: CommandRow): readonly string[] {
  return twoColumns(row.args.map((arg) => [shownArgument(arg), arg.help]));
}

function shownArgument({ name, required, rest }: CommandArgument): string {
  const shown = required ? `<${name}>` : `[${name}]`;
  return rest ? `${shown}...` : shown;
}

function exampleList(row: CommandRow): readonly string[] {
  return row.examples.flatMap(([line, meaning]) => [`  ${line}`, `      ${meaning}`]);
}

function flagSections(row: CommandRow, options: HelpOptions): string[] {
  const own = row.flags.map(flagOf).filter((flag) => flag.hidden !== true);
  const categories = [...new Set(own.map((flag) => flag.category))];
  const ask: Flag = { long: "--help", short: "-h", category: "Screen", help: "This text; -h is the short form" };
  const version: Flag = { long: "--version", short: "-V", category: "Screen", help: "Print the version" };
  const groups = categories.map((title) => ({
    title: `${title} options`,
    list: own.filter((f) => f.category === title),
  }));
  groups.push({ title: "Other options", list: row.words === "" ? [ask, version] : [ask] });
  return groups.map(({ title, list }) =>
    section(
      title,
      options.long ? list.flatMap(longFlag) : twoColumns(list.map((f) => [flagHead(f), f.help])),
      options.style,
    )
  );
}

function flagHead(flag: Flag): string {
  const value = flag.valueName === undefined ? "" : ` <${flag.valueName}>`;
  return `${flag.short === undefined ? "    " : `${flag.short}, `}${flag.long}${value}`;
}

function longFlag(flag: Flag): string[] {
  const body = flag.details === undefined ? `${flag.help}.` : `${flag.help}.\n${flag.details}`;
  return [`  ${flagHead(flag)}`, ...body.split("\n").map((line) => wrapText(line, DETAIL_INDENT))];
}

/** Names left, meanings right; a name too long for its column gets a line of its own. */
function twoColumns(rows: readonly (readonly [string, string])[]): string[] {
  const column = Math.min(34, Math.max(...rows.map(([name]) => name.length)) + 4);
  return rows.flatMap(([name, meaning]) => {
    const text = wrapText(meaning, column).trimStart();
    if (name.length + 2 >= column) return [`  ${name}`, `${" ".repeat(column)}${text}`];
    return [`  ${name}`.padEnd(column) + text];
  });
}

function wrapText(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((each) => " ".repeat(indent) + each).join("\n");
}
