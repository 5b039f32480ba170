// Would the command start? bubblewrap ends with 1 when it would not; a shell says 127 (not found) or 126 (found, not
// executable). Told apart before the start, with the sandbox's own view of the disk.
import { joinPath } from "../../base/absolute_path.ts";
import { fileTroubleOf, findRealPath, findStat } from "../../host/files.ts";
import { findInterpreter, MAX_INTERPRETERS } from "../../host/program_interpreter.ts";
import { isVisible, type ResolvedPlan } from "./resolve_plan.ts";

export interface StartTrouble {
  readonly exitCode: 126 | 127;
  readonly message: string;
}

const EXECUTABLE_BITS = 0o111;
/** What `execvp` searches without a PATH. */
const DEFAULT_PATH = "/bin:/usr/bin";

export async function findStartTrouble(
  program: string,
  searchPath: string | undefined,
  plan: ResolvedPlan,
): Promise<StartTrouble | null> {
  const places = program.includes("/")
    ? [joinPath(plan.cwd, program)]
    : (searchPath ?? DEFAULT_PATH).split(":").map((folder) => joinPath(plan.cwd, folder, program));
  let unusable: StartTrouble | null = null;
  for (const place of program === "" ? [] : places) {
    const state = await stateOf(place, plan);
    if (state === "runs") {
      const trouble = await findInterpreterTrouble(program, place, plan);
      if (trouble === null) return null;
      unusable ??= trouble;
    } else if (state !== "absent") unusable ??= { exitCode: 126, message: `${program}: ${state}` };
  }
  return unusable ?? { exitCode: 127, message: `${program}: command not found` };
}

/** The kernel says of a program what it means of its interpreter. */
async function findInterpreterTrouble(
  program: string,
  place: string,
  plan: ResolvedPlan,
): Promise<StartTrouble | null> {
  let path = place;
  for (let depth = 0; depth < MAX_INTERPRETERS; depth++) {
    const interpreter = await findInterpreter(path, plan.cwd);
    if (interpreter === null) return null;
    const state = await stateOf(interpreter.path, plan);
    const message = `${program}: bad interpreter "${interpreter.path}"`;
    if (state === "absent") return { exitCode: 127, message: `${message}: No such file or directory` };
    if (state !== "runs") return { exitCode: 126, message: `${message}: ${state}` };
    if (interpreter.isLast) return null;
    path = interpreter.path;
  }
  return null;
}

async function stateOf(place: string, plan: ResolvedPlan): Promise<"runs" | "absent" | string> {
  try {
    const path = await findRealPath(place);
    if (path === null || !isSeen(path, plan)) return "absent";
    const stat = await findStat(path);
    if (stat === null) return "absent";
    if (stat.kind === "directory") return "Is a directory";
    return ((stat.mode ?? 0) & EXECUTABLE_BITS) === 0 ? "Permission denied" : "runs";
  } catch (error) {
    if (fileTroubleOf(error) === "denied") return "Permission denied";
    throw error;
  }
}

/** The sandbox makes these two itself, so what the host has there says nothing: let the system decide. */
function isSeen(path: string, plan: ResolvedPlan): boolean {
  return /^\/(proc|dev)\//.test(path) || isVisible(path, plan);
}

/** A command that says so and ends so. Null where the sandbox shows no shell. */
export function commandThatFails({ exitCode, message }: StartTrouble, plan: ResolvedPlan): readonly string[] | null {
  if (!isVisible("/usr/bin/sh", plan) && !isVisible("/bin/sh", plan)) return null;
  return ["/bin/sh", "-c", `printf '%s\\n' "$1" >&2; exit ${exitCode}`, "sh", message];
}
