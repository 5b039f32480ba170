/**
 * Recognises a patch that a model gives to the shell instead of the patch tool, so that it is applied, shown and
 * approved as a patch. Only a command that is nothing but the patch counts; anything more is an ordinary command.
 */
import { splitShellWords } from "../base/shell_words.ts";

export interface ApplyPatchCommand {
  /** The patch's text. */
  readonly patch: string;
  /** The folder of a `cd` in front, as written; null without one. */
  readonly workdir: string | null;
}

const HEREDOC =
  /^\s*(?:cd\s+(?<folder>'[^']*'|"[^"$`]*"|[^\s'"$`&|;<>()]+)\s*&&\s*)?(?:apply_patch|applypatch)\s*<<(?<dash>-?)\s*(?<quote>['"]?)(?<mark>\w+)\k<quote>[ \t]*\r?\n(?<body>[\s\S]*?)\r?\n(?<tabs>\t*)\k<mark>\s*$/;

const ARGUMENT = /^\s*(?:apply_patch|applypatch)\s+(?<argument>'[^']*'|"[^"$`]*")\s*$/;

/**
 * The patch in `command` (the text given to the shell, or an argument vector), or null when it is anything else.
 * Forms: `apply_patch <<'EOF' … EOF`, the same after `cd folder &&`, `apply_patch '…'`, and `bash -lc` around them.
 */
export function findApplyPatchCommand(command: string | readonly string[]): ApplyPatchCommand | null {
  if (typeof command !== "string") return findInArguments(command);
  const heredoc = HEREDOC.exec(command)?.groups;
  if (heredoc?.["body"] !== undefined) {
    const { folder, body, dash, tabs = "" } = heredoc;
    if (dash !== "-" && tabs !== "") return null;
    // The shell ends the text at the first line that is the mark alone; a second one would be another command.
    if (body.split("\n").some((line) => line.replace(/\r$/, "") === heredoc["mark"])) return null;
    const workdir = folder === undefined ? null : splitShellWords(folder)?.[0] ?? null;
    return { patch: dash === "-" ? body.replace(/^\t+/gm, "") : body, workdir };
  }
  const argument = ARGUMENT.exec(command)?.groups?.["argument"];
  if (argument === undefined) return null;
  return patchArgument(splitShellWords(argument)?.[0]);
}

function findInArguments(words: readonly string[]): ApplyPatchCommand | null {
  const [program, first, second] = words;
  if (words.length === 2 && (program === "apply_patch" || program === "applypatch")) return patchArgument(first);
  const isShell = program !== undefined && /(^|\/)(ba|z|da|k)?sh$/.test(program);
  if (words.length === 3 && isShell && (first === "-lc" || first === "-c") && second !== undefined) {
    return findApplyPatchCommand(second);
  }
  return null;
}

function patchArgument(text: string | undefined): ApplyPatchCommand | null {
  return text?.trimStart().startsWith("*** Begin Patch") ? { patch: text, workdir: null } : null;
}
