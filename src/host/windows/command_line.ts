// What CreateProcess takes as text: one command line that CommandLineToArgvW splits into the same words again, and a
// block of environment variables. Pure. Source: CommandLineToArgvW, CreateProcessW (environment block).
import { CodexError } from "../../base/errors.ts";

/** Of CreateProcessW: 32,767 characters with the zero at the end. */
const MAX_COMMAND_LINE_CHARS = 32_766;

/** @throws CodexError EXEC_FAILED when the words cannot be one command line. */
export function commandLineOf(argv: readonly string[]): string {
  const [program = "", ...words] = argv;
  if (argv.some((word) => word.includes("\0"))) {
    throw new CodexError("EXEC_FAILED", "Cannot run a command with a NUL character in it");
  }
  // The first word is split by other rules: no escapes, so that a quote cannot be part of it.
  if (program === "" || program.includes('"')) {
    throw new CodexError("EXEC_FAILED", `Cannot run ${JSON.stringify(program)}: no program has such a name`);
  }
  const first = /[\s]/.test(program) ? `"${program}"` : program;
  const line = [first, ...words.map(quoteWord)].join(" ");
  if (line.length > MAX_COMMAND_LINE_CHARS) {
    throw new CodexError(
      "EXEC_FAILED",
      `Cannot run the command: its ${line.length} characters are more than the ${MAX_COMMAND_LINE_CHARS} of Windows`,
      { hint: "Write the long part into a file" },
    );
  }
  return line;
}

/** Backslashes mean themselves unless a quote follows: then each is doubled, and the quote gets one more. */
export function quoteWord(word: string): string {
  if (word !== "" && !/[\s"]/.test(word)) return word;
  return `"${
    word.replace(/(\\*)("|$)/g, (_all, slashes: string, quote: string) => slashes + slashes + (quote && '\\"'))
  }"`;
}

/**
 * `cmd /c TEXT` reads TEXT by rules of its own: one word is a command line as somebody typed it and goes as it is, more
 * are words to be quoted. With `/s` and a pair of quotes around it cmd removes exactly those.
 */
export function shellAwareCommandLine(argv: readonly string[]): string {
  const [program = "", ...words] = argv;
  const at = words.findIndex((word) => /^\/[ck]$/i.test(word));
  const before = words.slice(0, at).filter((word) => !/^\/s$/i.test(word));
  const isCmd = /(?:^|[\\/])cmd(?:\.exe)?$/i.test(program) && at >= 0 && before.every((word) => /^\/\S+$/.test(word));
  if (!isCmd) return commandLineOf(argv);
  // Its length and its characters are judged on the way.
  commandLineOf(argv);
  const typed = words.slice(at + 1);
  const [only = ""] = typed;
  const text = typed.length === 1 ? only : typed.map(quoteWord).join(" ");
  return `${commandLineOf([program, ...before])} /s ${words[at] ?? ""} "${text}"`;
}

/** Sorted without regard to case, as the system wants it; UTF-16 with two zeros at the end. */
export function environmentBlock(env: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const rows = Object.entries(env).filter(([name, value]) => name !== "" && !`${name}${value}`.includes("\0"));
  rows.sort(([a], [b]) => (a.toUpperCase() < b.toUpperCase() ? -1 : 1));
  const text = rows.map(([name, value]) => `${name}=${value}\0`).join("");
  return wideText(`${text === "" ? "\0" : text}`);
}

/** UTF-16 with a zero at the end. */
export function wideText(text: string): Uint8Array<ArrayBuffer> {
  const units = new Uint16Array(text.length + 1);
  for (let at = 0; at < text.length; at++) units[at] = text.charCodeAt(at);
  return new Uint8Array(units.buffer);
}
