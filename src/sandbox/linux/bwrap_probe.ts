// Does this bubblewrap work on this machine? A small sandbox with the same namespaces as real ones, but only a few
// mounts: binding all of `/` can hang on network file systems. Tells apart why it does not.
import { CodexError } from "../../base/errors.ts";
import { sendSignal, spawnProcess } from "../../host/process.ts";
import { describeNamespaceLimits, type KernelLimits } from "./kernel_limits.ts";

export const PROBE_TIMEOUT_MS = 2_000;
const MAX_PROBE_OUTPUT = 4096;

/**
 * `fresh`: a /proc of the sandbox's own. `shared`: the kernel refuses one (in many containers), so the sandbox gets
 * this one, read-only: command lines of other processes can be seen there, nothing else of them.
 */
export type ProcMount = "fresh" | "shared";

export function procArguments(proc: ProcMount): readonly string[] {
  return proc === "fresh" ? ["--proc", "/proc"] : ["--ro-bind", "/proc", "/proc"];
}

function probeArguments(proc: ProcMount): readonly string[] {
  return [
    ...["--new-session", "--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-net"],
    ...["--cap-drop", "ALL", "--tmpfs", "/", "--ro-bind", "/usr", "/usr"],
    ...["/bin", "/sbin", "/lib", "/lib64", "/lib32", "/etc", "/nix/store"].flatMap((
      path,
    ) => ["--ro-bind-try", path, path]),
    ...["--dev", "/dev", ...procArguments(proc), "--perms", "0555", "--tmpfs", "/probe", "--remount-ro", "/probe"],
    ...["--", "/bin/sh", "-c", "echo works"],
  ];
}

interface ProbeResult {
  readonly exitCode: number | null;
  readonly output: string;
}

/** @throws CodexError SANDBOX_UNAVAILABLE with what to do about it; within the timeout, whatever hangs. */
export async function probeBwrap(
  bwrap: string,
  limits: () => Promise<KernelLimits>,
  timeoutMs: number = PROBE_TIMEOUT_MS,
): Promise<ProcMount> {
  const result = await runProbe(bwrap, "fresh", timeoutMs);
  if (works(result)) return "fresh";
  if (NO_PROC.test(result.output) && works(await runProbe(bwrap, "shared", timeoutMs))) return "shared";
  throw probeError(bwrap, result, { limits: await limits(), timeoutMs });
}

function works({ exitCode, output }: ProbeResult): boolean {
  return exitCode === 0 && output.trim() === "works";
}

async function runProbe(bwrap: string, proc: ProcMount, timeoutMs: number): Promise<ProbeResult> {
  let output = "";
  const child = await spawnProcess([bwrap, ...probeArguments(proc)], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    stdin: "null",
    stdout: "pipe",
    stderr: "pipe",
    extraFds: [],
    onOutput: (chunk) => {
      output = (output + new TextDecoder().decode(chunk)).slice(0, MAX_PROBE_OUTPUT);
    },
    // One that hangs in the kernel cannot be killed; this program must be able to end all the same.
    background: true,
  });
  const ended = child.exited.then(async (exitCode) => {
    await child.outputEnded;
    return { exitCode, output };
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<ProbeResult>((resolve) => {
    timer = setTimeout(() => {
      sendSignal(-child.pid, "SIGKILL");
      child.abandonOutput();
      resolve({ exitCode: null, output });
    }, timeoutMs);
  });
  try {
    return await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
  }
}

const NO_NAMESPACES =
  /No permissions to create (a )?new namespace|setting up uid map|Creating new namespace failed|loopback: Failed RTM_NEW(ADDR|LINK)|user namespaces? .*not|kernel does not allow/i;
const NO_PROC = /Can't mount proc/i;

/** What a failed probe means. Pure. */
export function probeError(
  bwrap: string,
  { exitCode, output }: ProbeResult,
  machine: { readonly limits: KernelLimits; readonly timeoutMs: number },
): CodexError {
  const said = output.trim().split("\n")[0] ?? "";
  if (exitCode === null) {
    return unavailable(
      `"${bwrap}" gave no answer within ${machine.timeoutMs} ms`,
      "Check that bubblewrap runs: bwrap --version",
    );
  }
  if (NO_NAMESPACES.test(output)) {
    const { problem, remedy } = describeNamespaceLimits(machine.limits);
    return unavailable(`bubblewrap may not create user namespaces here: ${problem} (${said})`, remedy);
  }
  if (NO_PROC.test(output)) {
    return unavailable(`bubblewrap may not mount /proc here: ${said}`, "In a container, start it with --privileged");
  }
  return unavailable(
    `"${bwrap}" does not work: ${said === "" ? `exit code ${exitCode}` : said}`,
    "Install bubblewrap 0.8 or later: apt-get install bubblewrap",
  );
}

export function missingBwrap(): CodexError {
  return unavailable("bubblewrap (bwrap) is not on PATH", "Install it: apt-get install bubblewrap");
}

function unavailable(problem: string, hint: string): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot sandbox commands: ${problem}`, { hint });
}
