// How the helper says that it could not run a command: one line on standard error and an exit code as a shell has it.
// Pure; the launcher's side knows the first words.
import { CodexError, messageOf } from "../../base/errors.ts";

/** What every such line begins with. */
export const HELPER_NAME = "codex-windows-sandbox";

const EXIT_UNAVAILABLE = 125;
const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;
/** ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND. */
const NOT_FOUND = /Windows error (?:2|3)\b/;

export function helperFailure(error: unknown): { readonly text: string; readonly exitCode: number } {
  const code = error instanceof CodexError ? error.code : "SANDBOX_UNAVAILABLE";
  const hint = error instanceof CodexError && error.hint !== undefined ? `${HELPER_NAME}: hint: ${error.hint}\n` : "";
  const text = `${HELPER_NAME}: ${code}: ${messageOf(error)}\n${hint}`;
  if (code !== "EXEC_FAILED") return { text, exitCode: EXIT_UNAVAILABLE };
  return { text, exitCode: NOT_FOUND.test(messageOf(error)) ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE };
}
