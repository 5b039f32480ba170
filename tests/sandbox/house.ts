// What the sandbox tests share: this machine's sessions, a workspace of its own for each test, and one way to say that
// a test cannot run here. SANDBOX_TESTS=required turns such a skip into a failure.
import { ensureTools } from "../support/tools.ts";
import { run } from "../support/process.ts";
import { openLibcOnce } from "../../src/host/libc.ts";
import { spawnProcess } from "../../src/host/process.ts";
import { readPlatform } from "../../src/host/platform.ts";
import { createLauncherFinder } from "../../src/sandbox/find_launcher.ts";
import type { Launcher, PreparedLaunch } from "../../src/sandbox/launcher.ts";
import { planSandbox, type SandboxPlan } from "../../src/sandbox/plan.ts";
import { createExecSessions } from "../../src/exec/sessions.ts";
import type { ExecExit, ExecSession, ExecSessions } from "../../src/exec/session.ts";
import type { SandboxPolicy } from "../../src/protocol/types/policy.ts";

export const NOBODY = 65_534;
const PATH = "/usr/local/bin:/usr/bin:/bin";

/** One for all tests of a file, as a process has one; it is opened and warmed up outside of them. */
export const libc = openLibcOnce();
const finder = makeFinder();

/** Null when bubblewrap works here, else why it does not. Call it before the tests. */
export async function whyNoSandbox(): Promise<string | null> {
  if (Deno.build.os !== "linux") return "bubblewrap is for Linux";
  try {
    libc();
    await ensureTools(["bwrap"], () => {});
    // Starts the caretaker of mount points, which stays.
    await using house = new House();
    await house.run("true");
    return null;
  } catch (error) {
    if (Deno.env.get("SANDBOX_TESTS") === "required") throw error;
    return String(error);
  }
}

export function makeFinder(searchPath = PATH): ReturnType<typeof createLauncherFinder> {
  return createLauncherFinder({ platform: readPlatform(), environment: { PATH: searchPath } });
}

export function planFor(cwd: string, policy: SandboxPolicy = { type: "workspaceWrite" }): SandboxPlan {
  const plan = planSandbox(policy, { cwd, tmpdir: null, codexHome: "/nonexistent/codex", home: "/nonexistent" });
  if (plan === null) throw new TypeError("this policy has no plan");
  return plan;
}

export interface Outcome extends ExecExit {
  readonly output: string;
}

export interface StartOptions {
  readonly policy?: SandboxPolicy;
  /** Instead of what the policy means. */
  readonly plan?: SandboxPlan;
  readonly bare?: boolean;
  readonly tty?: boolean;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A folder outside of /tmp, so that only it is what a plan opens, and the sessions that run in it. */
export class House implements AsyncDisposable {
  readonly folder: string;
  readonly workspace: string;
  readonly sessions: ExecSessions;
  readonly finder: ReturnType<typeof createLauncherFinder>;

  constructor() {
    this.folder = Deno.realPathSync(Deno.makeTempDirSync({ dir: "/var/tmp", prefix: "codex-sandbox-test-" }));
    Deno.chmodSync(this.folder, 0o755);
    this.workspace = `${this.folder}/ws`;
    Deno.mkdirSync(this.workspace);
    this.finder = finder;
    this.sessions = createExecSessions({
      launchers: this.finder,
      libc,
      nowMs: () => performance.now(),
    });
  }

  start(script: string, options: StartOptions = {}): Promise<ExecSession> {
    const cwd = options.cwd ?? this.workspace;
    return this.sessions.start({
      argv: ["/bin/bash", "-c", script],
      cwd,
      env: { PATH, HOME: this.folder, TERM: "xterm", LC_ALL: "C", ...options.env },
      tty: options.tty ?? false,
      sandbox: options.bare === true ? null : options.plan ?? planFor(cwd, options.policy),
    }, () => {});
  }

  async run(script: string, options: StartOptions = {}): Promise<Outcome> {
    const session = await this.start(script, options);
    return { ...await session.exited, output: session.aggregatedOutput() };
  }

  /** Names in the workspace, or in a folder of it. */
  names(folder = ""): string[] {
    return [...Deno.readDirSync(`${this.workspace}/${folder}`)].map(({ name }) => name).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sessions.terminateAll();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Makes the program that follows one of a user without any rights. Only root can ask for that. */
export const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

/** Runs a script under the launcher as a user without any rights. */
export async function runAsNobody(
  launcher: Launcher,
  plan: SandboxPlan,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const launch = await launcher.prepare(plan, {
    argv: ["/bin/bash", "-c", script],
    cwd: plan.cwd,
    env: { PATH, LC_ALL: "C", HOME: "/nonexistent", ...env },
    ownTerminal: false,
  });
  return await runLaunch(launch, AS_NOBODY);
}

/** Runs what was prepared, after the words of a program that starts it, and undoes the preparation. */
export async function runLaunch(launch: PreparedLaunch, starter: readonly string[] = []): Promise<Outcome> {
  const started = performance.now();
  let output = "";
  const child = await spawnProcess([...starter, ...launch.spec.argv], {
    cwd: launch.spec.cwd,
    env: launch.spec.env,
    stdin: "null",
    stdout: "pipe",
    stderr: "pipe",
    extraFds: [...launch.spec.extraFds, "read"],
    onOutput: (chunk) => void (output += new TextDecoder().decode(chunk)),
  });
  const exitCode = await child.exited;
  await child.outputEnded;
  await launch.release();
  return { exitCode, durationMs: performance.now() - started, sandboxDenied: false, output };
}

/** Waits, looking again and again, for something that no event tells of; fails after a generous time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`Gave up waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Is there a process with this text in its command line? */
export async function isRunning(marker: string): Promise<boolean> {
  const { stdout } = await run({ command: "ps", args: ["-eo", "stat,args"] }, { timeoutMs: 20_000 });
  return stdout.split("\n").some((line) => line.includes(marker) && !line.startsWith("Z"));
}

/** Links are not followed. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
