// Text from the wire made harmless: a model or a command must not be able to move the cursor, change colours or talk to
// the terminal. What is left is printable characters and line breaks.
import { stripTerminalSequences } from "@earendil-works/pi-tui";

const TAB = "    ";
// Control characters of both blocks, line breaks aside, and the marks that turn the direction of text around.
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function cleanText(text: string): string {
  return stripTerminalSequences(text.replaceAll("\r\n", "\n")).replaceAll("\t", TAB).replace(CONTROL, "");
}

/** The same for one line: breaks become spaces. */
export function cleanLine(text: string): string {
  return cleanText(text).replaceAll("\n", " ");
}

/** What a command printed: a carriage return overwrites its line, as on a terminal. */
export function cleanOutput(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  return cleanText(lines.map((line) => line.slice(line.trimEnd().lastIndexOf("\r") + 1)).join("\n"));
}
