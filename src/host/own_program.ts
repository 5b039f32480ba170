// How this program starts itself again, for the stages of a sandbox that need a process of their own. Compiled it is one
// file; from source it is the runtime with main.ts.

/** The first word of such a start; main.ts knows it. Not for people. */
export const SANDBOX_STAGE_WORD = "__sandbox-stage";

/** The command line of one stage; its own arguments come after it. */
export function stageCommand(stage: string): readonly string[] {
  const rest = [SANDBOX_STAGE_WORD, stage];
  if (Deno.build.standalone) return [otherSpelling(Deno.execPath()), ...rest];
  const root = new URL("../../", import.meta.url).pathname;
  const run = ["run", "-A", "--quiet", "--no-check", "--config", `${root}deno.json`, `${root}main.ts`];
  return [Deno.execPath(), ...run, ...rest];
}

/**
 * The same file under another spelling. Wherever the runtime's `node:child_process` finds its own path among the words of
 * a command, it takes what follows for words of Node and rewrites them; a compiled program knows none of those.
 */
function otherSpelling(path: string): string {
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  const nameAt = path.lastIndexOf(separator) + 1;
  return `${path.slice(0, nameAt)}.${separator}${path.slice(nameAt)}`;
}

/** The file that is started: this program, or from source the runtime. */
export function ownProgramFile(): string {
  return Deno.execPath();
}
