// What a shell would say of a command's first word before it runs it: not found (127), or not to be executed (126).
import { isAbsolutePath, joinPath } from "../base/absolute_path.ts";
import { findStat } from "./files.ts";
import { readPlatform } from "./platform.ts";
import { openProcessCalls, toCString } from "./process_calls.ts";
import { findInterpreter, MAX_INTERPRETERS } from "./program_interpreter.ts";

export type ProgramLookup =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "missing" | "notExecutable"; readonly why: string };

export interface LookupOptions {
  readonly cwd: string;
  readonly searchPath: string;
}

const X_OK = 1;
const NOT_THERE = "No such file or directory";

export async function lookUpProgram(word: string, { cwd, searchPath }: LookupOptions): Promise<ProgramLookup> {
  if (word.includes("/")) return await lookAt(joinPath(cwd, word), cwd);
  let refused: ProgramLookup | null = null;
  for (const folder of searchPath.split(":")) {
    const found = await lookAt(joinPath(isAbsolutePath(folder) ? folder : joinPath(cwd, folder), word), cwd);
    if (found.kind === "found") return found;
    if (found.kind === "notExecutable" || found.why !== NOT_THERE) refused ??= found;
  }
  return refused ?? { kind: "missing", why: "command not found" };
}

async function lookAt(path: string, cwd: string): Promise<ProgramLookup> {
  let program = path;
  let isLast = false;
  for (let depth = 0; depth <= MAX_INTERPRETERS; depth++) {
    const found = await lookAtFile(program);
    if (found.kind !== "found") {
      return depth === 0 ? found : { ...found, why: `bad interpreter "${program}": ${found.why}` };
    }
    if (isLast) break;
    const interpreter = await findInterpreter(program, cwd);
    if (interpreter === null) break;
    ({ path: program, isLast } = interpreter);
  }
  return { kind: "found", path };
}

async function lookAtFile(path: string): Promise<ProgramLookup> {
  // What is not UTF-8 cannot be asked about: the kernel decides at the start.
  if (!path.isWellFormed()) return { kind: "found", path };
  const stat = await findStat(path).catch(() => null);
  if (stat === null) return { kind: "missing", why: NOT_THERE };
  if (stat.kind === "directory") return { kind: "notExecutable", why: "Is a directory" };
  const isExecutable = readPlatform().os === "linux" ? askKernel(path) : await mayExecute(path);
  return isExecutable ? { kind: "found", path } : { kind: "notExecutable", why: "Permission denied" };
}

function askKernel(path: string): boolean {
  return openProcessCalls().access(toCString(path), X_OK) === 0;
}

/** The same where the C library is another one: the runtime's answer, from owner, group and mode. */
export async function mayExecute(path: string): Promise<boolean> {
  const { accessSync } = await import("node:fs");
  try {
    accessSync(path, X_OK);
    return true;
  } catch {
    return false;
  }
}
