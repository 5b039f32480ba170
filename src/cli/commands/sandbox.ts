// `codex sandbox …`: what was typed and configured becomes a plan, and the command runs with it. Only configuration,
// sandbox and host are loaded.
import { isAbsolutePath, joinPath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { resolveCodexHome } from "../../config/codex_home.ts";
import { blockOnFiles, findStat } from "../../host/files.ts";
import { type OperatingSystem, readPlatform } from "../../host/platform.ts";
import { lookUpProgram } from "../../host/program_lookup.ts";
import { lastArguments } from "../../host/raw_start.ts";
import type { CliContext } from "../command.ts";
import { EXIT_OK } from "../exit_codes.ts";
import type { SandboxArgs } from "../sandbox_args.ts";
import { sandboxChoice } from "../sandbox_choice.ts";
import { launchSandboxed } from "./sandbox_launch.ts";

const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;

export async function runSandbox(args: SandboxArgs, context: CliContext): Promise<number> {
  blockOnFiles();
  const platform = readPlatform();
  const wanted = args.platform ?? platform.os;
  if (wanted !== platform.os && !args.printPlan) throw wrongPlatform(wanted, platform.os);
  const cwd = await workingFolder(args, context);
  const codexHome = await resolveCodexHome(context.environment, context.folder);
  const choice = await sandboxChoice(args, { codexHome, cwd, environment: context.environment });
  // The runtime's own view of the words is not exact.
  const argv = lastArguments(args.words.length);
  if (args.printPlan) {
    const { printSandboxPlan } = await import("./sandbox_print.ts");
    await printSandboxPlan({ choice, argv, cwd, wanted, platform, context, home: codexHome });
    return EXIT_OK;
  }
  // Windows looks programs up by rules of its own: there the helper says what a shell would.
  const problem = platform.os === "windows" ? null : await startProblem(argv, cwd, context);
  if (problem !== null) return problem;
  return await launchSandboxed({ choice, argv, cwd, platform, context, home: codexHome, logDenials: args.logDenials });
}

async function workingFolder({ folder }: SandboxArgs, context: CliContext): Promise<string> {
  if (folder === null) return context.folder;
  const path = isAbsolutePath(folder) ? folder : joinPath(context.folder, folder);
  const stat = await findStat(path);
  if (stat?.kind === "directory") return path;
  const why = stat === null ? "there is no such folder" : "it is no folder";
  throw new CodexError("EXEC_FAILED", `Cannot work in "${path}": ${why}`, {
    hint: "Name a folder that exists with -C",
  });
}

function wrongPlatform(wanted: OperatingSystem, here: OperatingSystem): CodexError {
  const names = { linux: "Linux", macos: "macOS", windows: "Windows" };
  return new CodexError(
    "SANDBOX_UNSUPPORTED",
    `The sandbox of ${names[wanted]} is only available on ${names[wanted]}`,
    {
      hint: `Here it is: codex sandbox ${here} -- COMMAND; --print-plan shows plans for any platform`,
    },
  );
}

/** An exit code as a shell has it, when the command cannot be started at all. */
async function startProblem(argv: readonly string[], cwd: string, context: CliContext): Promise<number | null> {
  const [word = ""] = argv;
  const found = await lookUpProgram(word, { cwd, searchPath: context.environment["PATH"] ?? "/usr/bin:/bin" });
  if (found.kind === "found") return null;
  context.printStderr(`codex sandbox: ${word}: ${found.why}\n`);
  return found.kind === "missing" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
