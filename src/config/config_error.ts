// What is wrong with the configuration, where, and what to do about it.
import { CodexError } from "../base/errors.ts";

export interface ConfigProblem {
  /** Without the place. */
  readonly reason: string;
  /** The file, or null for a value that came from the command line or a request. */
  readonly file: string | null;
  /** 1-based, in characters; null when the whole file is meant. */
  readonly line: number | null;
  readonly column: number | null;
  /** The text of the line. */
  readonly lineText: string | null;
  /** Dotted, or null for text that is not TOML. */
  readonly key: string | null;
  readonly hint?: string;
}

export class ConfigError extends CodexError {
  override readonly name = "ConfigError";
  readonly problem: ConfigProblem;
  /** One line, as the reference words it: `file:line:column: reason`, or the reason and the key. */
  readonly summary: string;

  constructor(problem: ConfigProblem) {
    const summary = summarize(problem);
    super("CONFIG_INVALID", summary + excerpt(problem), { hint: problem.hint ?? standardHint(problem) });
    this.problem = problem;
    this.summary = summary;
  }

  /** The message of a failed `config/read`. */
  readFailure(): string {
    const { key, reason } = this.problem;
    // wire: both prefixes.
    return key === null
      ? `failed to read configuration layers: ${this.summary}`
      : `invalid configuration: ${reason}\nin \`${key}\`\n`;
  }
}

function summarize({ file, line, column, reason, key }: ConfigProblem): string {
  if (file === null) return key === null ? reason : `${reason}\nin \`${key}\`\n`;
  return line === null ? `${file}: ${reason}` : `${file}:${line}:${column}: ${reason}`;
}

/** The line with a caret under the column. */
function excerpt({ line, column, lineText, file }: ConfigProblem): string {
  if (file === null || line === null || column === null || lineText === null) return "";
  const margin = " ".repeat(String(line).length);
  // A tab stays a tab, so that the caret stands under its character however wide tabs are.
  const indent = Array.from(lineText).slice(0, column - 1).map((character) => character === "\t" ? "\t" : " ").join("");
  return `\n${margin} |\n${line} | ${lineText}\n${margin} | ${indent}^`;
}

function standardHint({ file, key }: ConfigProblem): string {
  if (file === null) return "Correct the value that was given.";
  return key === null ? "Correct the TOML at that place." : `Correct "${key}" there, or remove it to get its default.`;
}
