// Does this bubblewrap work on this machine? A small sandbox with the same namespaces as real ones, but only a few
// mounts: binding all of `/` can hang on network file systems. Tells apart why it does not.
import { CodexError } from "../../base/errors.ts";
import { sendSignal, spawnProcess } from "../../host/process.ts";

export const PROBE_TIMEOUT_MS = 10_000;
const MAX_PROBE_OUTPUT = 4096;

const PROBE_ARGUMENTS = [
  ...["--new-session", "--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-net"],
  ...["--cap-drop", "ALL", "--tmpfs", "/", "--ro-bind", "/usr", "/usr"],
  ...["/bin", "/sbin", "/lib", "/lib64", "/lib32", "/etc", "/nix/store"].flatMap((
    path,
  ) => ["--ro-bind-try", path, path]),
  ...["--dev", "/dev", "--proc", "/proc", "--perms", "0555", "--tmpfs", "/probe", "--remount-ro", "/probe"],
  ...["--", "/bin/sh", "-c", "echo works"],
];

export interface ProbeResult {
  readonly exitCode: number;
  readonly output: string;
  readonly timedOut: boolean;
}

/** @throws CodexError SANDBOX_UNAVAILABLE with what to do about it. */
export async function probeBwrap(bwrap: string): Promise<void> {
  const result = await runProbe(bwrap);
  if (result.exitCode === 0 && result.output.trim() === "works") return;
  throw probeError(bwrap, result);
}

async function runProbe(bwrap: string): Promise<ProbeResult> {
  let output = "";
  let timedOut = false;
  const child = await spawnProcess([bwrap, ...PROBE_ARGUMENTS], {
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

const NO_NAMESPACES =
  /No permissions to create (a )?new namespace|setting up uid map|Creating new namespace failed|loopback: Failed RTM_NEW(ADDR|LINK)|user namespaces? .*not|kernel does not allow/i;
const NO_PROC = /Can't mount proc/i;

/** What a failed probe means. Pure. */
function probeError(bwrap: string, { exitCode, output, timedOut }: ProbeResult): CodexError {
  const said = output.trim().split("\n")[0] ?? "";
  if (timedOut) {
    return unavailable(
      `"${bwrap}" gave no answer within ${PROBE_TIMEOUT_MS} ms`,
      "Check that bubblewrap runs: bwrap --version",
    );
  }
  if (NO_NAMESPACES.test(output)) {
    return unavailable(
      `bubblewrap may not create user namespaces here: ${said}`,
      "Allow them: sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000, and on Ubuntu " +
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0; in a container start it with --privileged",
    );
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
