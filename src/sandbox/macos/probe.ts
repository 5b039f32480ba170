// Does Seatbelt work here? One small command in a profile that has every kind of rule, before the first real one: so that
// a release of macOS that does not take a rule, or a sandbox around us, is told before a command starts.
import { CodexError } from "../../base/errors.ts";
import { sendSignal, spawnProcess } from "../../host/process.ts";
import type { SandboxPlan } from "../plan.ts";
import { SANDBOX_EXEC, seatbeltArguments, seatbeltProfile } from "./seatbelt_text.ts";

const PROBE_TIMEOUT_MS = 10_000;
const MAX_PROBE_OUTPUT = 4096;

/** Touches nothing: it only makes the profile long enough to hold each form once. */
const PROBE_PLAN: SandboxPlan = {
  readable: { everything: false, platform: true, roots: ["/usr/share"] },
  writable: ["/private/var/empty/root"],
  protected: ["/private/var/empty/root/.git", "/private/var/empty/root/a/.codex"],
  hidden: ["/private/var/empty/root/secret"],
  hiddenPatterns: ["/private/var/empty/root/**/*.[ek]nv", "/private/var/empty/root/?/[!a-c]*"],
  network: {
    access: "proxy",
    unixSockets: ["/private/var/empty/root/socket"],
    loopbackPorts: [1],
    rules: {
      mode: "limited",
      domains: [],
      httpListen: null,
      socksListen: null,
      useUpstreamProxy: false,
      allowLocalBinding: true,
      allowNonLoopbackListen: false,
    },
  },
  cwd: "/",
};

export interface ProbeResult {
  readonly exitCode: number;
  readonly output: string;
  readonly timedOut: boolean;
}

export type ProbeRunner = (argv: readonly string[]) => Promise<ProbeResult>;

/** The command line of the probe. */
export function probeArguments(): readonly string[] {
  return seatbeltArguments(seatbeltProfile(PROBE_PLAN, { proxyPorts: [2] }), ["/usr/bin/true"]);
}

/** @throws CodexError SANDBOX_UNAVAILABLE with what to do about it. */
export async function probeSeatbelt(run: ProbeRunner = runProbe): Promise<void> {
  const result = await run(probeArguments());
  if (result.exitCode !== 0 || result.timedOut) throw probeError(result);
}

/** What a failed probe means. Pure. */
export function probeError({ exitCode, output, timedOut }: ProbeResult): CodexError {
  const said = output.trim().split("\n")[0] ?? "";
  if (timedOut) {
    return unavailable(
      `"${SANDBOX_EXEC}" gave no answer within ${PROBE_TIMEOUT_MS} ms`,
      `Check that it runs: ${CHECK}`,
    );
  }
  if (/sandbox_apply: Operation not permitted/i.test(output)) {
    return unavailable(
      "this program itself runs in a Seatbelt sandbox, and those do not nest (sandbox_apply: Operation not permitted)",
      "Start codex outside of that sandbox; or, where the outer one is enough, with --sandbox danger-full-access",
    );
  }
  if (/unbound variable|syntax error|invalid|parse/i.test(output)) {
    return unavailable(
      `this release of macOS does not take the sandbox profile: ${said}`,
      "Report the message with the output of sw_vers; update macOS or codex",
    );
  }
  return unavailable(
    `"${SANDBOX_EXEC}" does not work: ${said === "" ? `exit code ${exitCode}` : said}`,
    `Check that it runs: ${CHECK}`,
  );
}

const CHECK = `${SANDBOX_EXEC} -p '(version 1)(allow default)' /usr/bin/true`;

export function missingSandboxExec(): CodexError {
  return unavailable(
    `there is no ${SANDBOX_EXEC}`,
    "It is a part of macOS: reinstall the system, or choose --sandbox danger-full-access if something else contains codex",
  );
}

async function runProbe(argv: readonly string[]): Promise<ProbeResult> {
  let output = "";
  let timedOut = false;
  const child = await spawnProcess(argv, {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    stdin: "null",
    stdout: "pipe",
    stderr: "pipe",
    extraFds: [],
    onOutput: (chunk) => {
      output = (output + new TextDecoder().decode(chunk)).slice(0, MAX_PROBE_OUTPUT);
    },
  });
  const timer = setTimeout(() => {
    timedOut = true;
    sendSignal(-child.pid, "SIGKILL");
    child.abandonOutput();
  }, PROBE_TIMEOUT_MS);
  try {
    const exitCode = await child.exited;
    await child.outputEnded;
    return { exitCode, output, timedOut };
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(problem: string, hint: string): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot sandbox commands: ${problem}`, { hint });
}
