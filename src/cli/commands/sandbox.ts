// `codex sandbox …`: plan, launcher, and then this process becomes the launch. Only configuration, sandbox and host are
// loaded. A launch that needs us (a proxy of ours) is attended instead.
import { isAbsolutePath, joinPath } from "../../base/absolute_path.ts";
import { CodexError } from "../../base/errors.ts";
import { resolveCodexHome } from "../../config/codex_home.ts";
import { attendPlainProcess, attendProcess } from "../../host/attended_process.ts";
import { findStat } from "../../host/files.ts";
import { openLibcOnce } from "../../host/libc.ts";
import { type OperatingSystem, type Platform, readPlatform } from "../../host/platform.ts";
import { replaceProcess } from "../../host/process_replace.ts";
import { lookUpProgram } from "../../host/program_lookup.ts";
import { changedEnvironment, lastArguments, startEnvironment } from "../../host/raw_start.ts";
import { describeLaunch, environmentChanges } from "../../sandbox/describe_launch.ts";
import { createLauncherFinder } from "../../sandbox/find_launcher.ts";
import type { PreparedLaunch } from "../../sandbox/launcher.ts";
import type { SandboxPlan } from "../../sandbox/plan.ts";
import type { CliContext } from "../command.ts";
import { EXIT_OK } from "../exit_codes.ts";
import type { SandboxArgs } from "../sandbox_args.ts";
import { type SandboxChoice, sandboxChoice } from "../sandbox_choice.ts";

const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;
const ENOENT = 2;

export async function runSandbox(args: SandboxArgs, context: CliContext): Promise<number> {
  const platform = readPlatform();
  const wanted = args.platform ?? platform.os;
  const cwd = await workingFolder(args, context);
  const codexHome = await resolveCodexHome(context.environment, context.folder);
  const choice = await sandboxChoice(args, { codexHome, cwd, environment: context.environment });
  if (args.printPlan) return await printPlan(choice, { args, context, platform, wanted, cwd, home: codexHome });
  if (wanted !== platform.os) throw wrongPlatform(wanted, platform.os);
  // The runtime's own view of the words is not exact.
  const argv = lastArguments(args.words.length);
  const problem = await commandProblem(argv, cwd, context);
  if (problem !== null) return problem;
  return await runCommand(choice, { argv, context, platform, cwd, home: codexHome });
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
async function commandProblem(argv: readonly string[], cwd: string, context: CliContext): Promise<number | null> {
  const [word = ""] = argv;
  const found = await lookUpProgram(word, { cwd, searchPath: context.environment["PATH"] ?? "/usr/bin:/bin" });
  if (found.kind === "found") return null;
  context.printStderr(`codex sandbox: ${word}: ${found.why}\n`);
  return found.kind === "missing" ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

interface RunOptions {
  readonly argv: readonly string[];
  readonly context: CliContext;
  readonly platform: Platform;
  readonly cwd: string;
  readonly home: string;
}

async function runCommand({ plan }: SandboxChoice, options: RunOptions): Promise<number> {
  const { argv, context, platform, cwd } = options;
  if (plan === null) return become({ argv, cwd, environment: startEnvironment(), fds: [] }, context);
  const launch = await prepareLaunch(plan, options);
  const { spec } = launch;
  const changes = environmentChanges(context.environment, spec.env);
  const environment = changedEnvironment(startEnvironment(), changes);
  try {
    if (platform.os !== "linux") {
      return await attendPlainProcess({ argv: spec.argv, cwd: spec.cwd, environment: spec.env });
    }
    if (launch.inPlace) {
      const fds = [...spec.extraFds, ...launch.inPlace.fds];
      return become({ argv: spec.argv, cwd: spec.cwd, environment, fds }, context);
    }
    const status = spec.statusFd === null ? [] : [null];
    return await attendProcess({ argv: spec.argv, cwd: spec.cwd, environment, fds: [...spec.extraFds, ...status] });
  } finally {
    await launch.release();
  }
}

async function prepareLaunch(plan: SandboxPlan, options: RunOptions): Promise<PreparedLaunch> {
  const { argv, context, platform, cwd, home } = options;
  const finder = createLauncherFinder({ platform, environment: context.environment, libc: openLibcOnce(), home });
  const launcher = await finder.find(plan);
  return await launcher.prepare(plan, { argv, cwd, env: context.environment, ownTerminal: false, inPlace: true });
}

/** Comes back only when the program cannot be started. */
function become(options: Parameters<typeof replaceProcess>[0], context: CliContext): number {
  const { errno, message } = replaceProcess(options);
  context.printStderr(`codex sandbox: ${options.argv[0]}: ${message}\n`);
  return errno === ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

interface PrintOptions {
  readonly args: SandboxArgs;
  readonly context: CliContext;
  readonly platform: Platform;
  readonly wanted: OperatingSystem;
  readonly cwd: string;
  readonly home: string;
}

async function printPlan(choice: SandboxChoice, options: PrintOptions): Promise<number> {
  const { args, context, wanted, cwd } = options;
  const launch = choice.plan === null ? null : await describePlan(choice.plan, options);
  const answer = { platform: wanted, source: choice.source, plan: choice.plan, command: args.words, cwd, launch };
  context.printStdout(`${JSON.stringify(answer, null, 2)}\n`);
  return EXIT_OK;
}

async function describePlan(
  plan: SandboxPlan,
  { args, context, platform, wanted, cwd, home }: PrintOptions,
): Promise<unknown> {
  if (wanted !== platform.os) return null;
  const finder = createLauncherFinder({ platform, environment: context.environment, libc: openLibcOnce(), home });
  const launcher = await finder.find(plan);
  const command = { argv: args.words, cwd, env: context.environment, ownTerminal: false };
  const launch = await launcher.prepare(plan, command);
  await launch.release();
  return describeLaunch(launch.spec, { environment: context.environment, architecture: platform.arch });
}
