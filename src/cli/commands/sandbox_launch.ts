// How `codex sandbox` starts a command: this process becomes the launch, unless it has to stay beside it, for a proxy of
// ours or to tell afterwards what was refused.
import { attendPlainProcess, attendProcess } from "../../host/attended_process.ts";
import type { Platform } from "../../host/platform.ts";
import { type ReplaceOptions, replaceProcess } from "../../host/process_replace.ts";
import { changedEnvironment, startEnvironment } from "../../host/raw_start.ts";
import { denialText, explainDecisions, explainDenial } from "../../sandbox/denial.ts";
import { environmentChanges } from "../../sandbox/describe_launch.ts";
import { createLauncherFinder } from "../../sandbox/find_launcher.ts";
import type { CommandToLaunch, LauncherFinder, PreparedLaunch } from "../../sandbox/launcher.ts";
import type { SandboxPlan } from "../../sandbox/plan.ts";
import type { CliContext } from "../command.ts";
import type { SandboxChoice } from "../sandbox_choice.ts";

export interface SandboxRun {
  readonly choice: SandboxChoice;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly platform: Platform;
  readonly context: CliContext;
  /** CODEX_HOME: remembers which bubblewrap worked. */
  readonly home: string;
  readonly logDenials: boolean;
}

const EXIT_NOT_EXECUTABLE = 126;
const EXIT_NOT_FOUND = 127;
const ENOENT = 2;
const E2BIG = 7;
/** Of the command's standard error, what is kept to find refusals in. */
const MAX_KEPT_CHARS = 256 * 1024;

/** Settles with the exit code when this process is still there at the end. */
export async function launchSandboxed(run: SandboxRun): Promise<number> {
  const { choice: { plan }, argv, cwd, platform, context, logDenials } = run;
  if (plan === null) {
    if (logDenials) context.printStderr("codex sandbox: no sandbox, nothing is refused\n");
    if (platform.os === "linux") return become({ argv, cwd, environment: startEnvironment(), fds: [] }, context);
    return await attendPlainProcess({ argv, cwd, environment: context.environment });
  }
  const denialLog = logDenials && platform.os === "macos" ? await import("./sandbox_denial_log.ts") : null;
  const logTag = denialLog?.makeLogTag() ?? null;
  const launch = await prepareLaunch(plan, run, logTag);
  try {
    if (denialLog === null || logTag === null) return await startLaunch(launch, plan, run);
    return await denialLog.runWithDenialLog({
      tag: logTag,
      start: () => startLaunch(launch, plan, run),
      networkDecisions: () => launch.networkDecisions(),
      printStderr: context.printStderr,
    });
  } finally {
    await launch.release();
  }
}

/** The finder of one `codex sandbox` run. */
export function sandboxFinder(
  { choice, platform, context, home }: Pick<SandboxRun, "choice" | "platform" | "context" | "home">,
  logTag: string | null = null,
): LauncherFinder {
  return createLauncherFinder({
    platform,
    environment: context.environment,
    home,
    windows: () => Promise.resolve(choice.windowsSandbox),
    ...(logTag === null ? {} : { logTag }),
  });
}

async function prepareLaunch(plan: SandboxPlan, run: SandboxRun, logTag: string | null): Promise<PreparedLaunch> {
  const { argv, cwd, context, logDenials } = run;
  const finder = sandboxFinder(run, logTag);
  const launcher = await finder.find(plan);
  const command: CommandToLaunch = { argv, cwd, env: context.environment, ownTerminal: false };
  return await launcher.prepare(plan, logDenials ? command : { ...command, inPlace: true });
}

async function startLaunch(launch: PreparedLaunch, plan: SandboxPlan, run: SandboxRun): Promise<number> {
  const { spec } = launch;
  const { platform, context, logDenials } = run;
  if (platform.os !== "linux") {
    return await attendPlainProcess({ argv: spec.argv, cwd: spec.cwd, environment: spec.env });
  }
  const environment = changedEnvironment(startEnvironment(), environmentChanges(context.environment, spec.env));
  const program = { argv: spec.argv, cwd: spec.cwd, environment };
  if (launch.inPlace) return become({ ...program, fds: [...spec.extraFds, ...launch.inPlace.fds] }, context);
  const attended = { ...program, fds: [...spec.extraFds, ...(spec.statusFd === null ? [] : [null])] };
  if (!logDenials) return await attendProcess(attended);
  const decoder = new TextDecoder();
  let output = "";
  const exitCode = await attendProcess({
    ...attended,
    onErrorOutput: (chunk) => output = (output + decoder.decode(chunk, { stream: true })).slice(-MAX_KEPT_CHARS),
  });
  const networkDecisions = launch.networkDecisions();
  const denials = exitCode === 0
    ? explainDecisions(networkDecisions)
    : explainDenial(plan, { exitCode, output, cwd: run.cwd, networkDecisions, means: launch.refusesBy ?? "mounts" });
  context.printStderr(denialReport([...new Set(denials.map(denialText))], exitCode));
  return exitCode;
}

/** The kernel of Linux keeps no list of what a mount or a filter refused: what the command said is all there is. */
function denialReport(denials: readonly string[], exitCode: number): string {
  if (denials.length > 0) return denials.map((text) => `codex sandbox: ${text}\n`).join("");
  const why = exitCode === 0 ? "the command succeeded" : "nothing on its standard error points to the sandbox";
  return `codex sandbox: no refusal found: ${why}\n`;
}

/** Comes back only when the program cannot be started. */
function become(options: ReplaceOptions, context: CliContext): number {
  const { errno, message } = replaceProcess(options);
  // What the sandbox is told counts too, so that a little less fits than without it.
  const advice = errno === E2BIG ? "; pass less in arguments and environment, or in a file or on standard input" : "";
  context.printStderr(`codex sandbox: ${options.argv[0]}: ${message}${advice}\n`);
  return errno === ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
