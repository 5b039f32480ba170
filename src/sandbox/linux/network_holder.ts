// A network of a sandbox, made before the sandbox: an empty namespace (with only its own loopback) that a small process
// holds open, and listening sockets in it that are ours. No process of it is inside the sandbox, so that nothing there
// sees or ends it; it goes with this process. Source: bwrap(1), nsenter(1), network_namespaces(7).
import { CodexError, systemMessageOf } from "../../base/errors.ts";
import { stageCommand } from "../../host/own_program.ts";
import { type HostProcess, sendSignal, spawnProcess } from "../../host/process.ts";
import type { RawListenTarget } from "../../host/raw_listen.ts";
import { type SocketCalls, takeDescriptor } from "../../host/socket_calls.ts";
import type { ListenReport } from "./listen_stage.ts";

export interface NetworkHolder {
  /** Goes before a command line that is to run in the network. */
  readonly enter: readonly string[];
  /** Descriptors of this process, with their ports, in the order of the targets. @throws CodexError SANDBOX_UNAVAILABLE */
  listen(targets: readonly RawListenTarget[]): Promise<readonly { readonly fd: number; readonly port: number }[]>;
  close(): Promise<void>;
}

export interface NetworkHolderOptions {
  readonly bwrap: string;
  readonly nsenter: string;
  readonly calls: SocketCalls;
}

/** The first line lets commands in the network listen on low ports, where the kernel lets us say so. */
const HOLD = "{ echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; } 2>/dev/null; echo ready; read -r end";
const HELPER_ENVIRONMENT = { PATH: "/usr/bin:/bin", LC_ALL: "C" };
const TIMEOUT_MS = 20_000;
const MAX_TEXT = 16 * 1024;

/** @throws CodexError SANDBOX_UNAVAILABLE when there is no such network to be had. */
export async function holdNetwork({ bwrap, nsenter, calls }: NetworkHolderOptions): Promise<NetworkHolder> {
  const argv = [
    bwrap,
    ...["--die-with-parent", "--unshare-user", "--unshare-net", "--cap-drop", "ALL", "--cap-add", "CAP_NET_ADMIN"],
    ...["--dev-bind", "/", "/", "--info-fd", "3", "--", "/bin/sh", "-c", HOLD],
  ];
  const { child, told } = await startHelper(argv, true);
  const pid = Number(/"child-pid"\s*:\s*(\d+)/.exec(told.info())?.[1] ?? 0);
  if (told.line() !== "ready" || pid === 0) {
    await end(child);
    throw unavailable(`there is no network namespace: ${told.trouble() || "bubblewrap gave no answer"}`);
  }
  const enter = [nsenter, `--target=${pid}`, "--user", "--net", "--preserve-credentials", "--"];

  return {
    enter,
    async listen(targets): Promise<readonly { fd: number; port: number }[]> {
      const stage = await startHelper([...enter, ...stageCommand("listen"), JSON.stringify(targets)], false);
      try {
        const report = parseReport(stage.told.line());
        if (report === null) throw unavailable(`there is no listener in its network: ${stage.told.trouble()}`);
        return takeAll(calls, stage.child.pid, targets, report);
      } finally {
        await end(stage.child);
      }
    },
    close: () => end(child),
  };
}

function takeAll(
  calls: SocketCalls,
  pid: number,
  targets: readonly RawListenTarget[],
  report: ListenReport,
): readonly { fd: number; port: number }[] {
  const taken: { fd: number; port: number }[] = [];
  try {
    for (const [index, outcome] of report.entries()) {
      const { address, port } = targets[index] ?? { address: "", port: 0 };
      if ("problem" in outcome) {
        const why = outcome.problem === "in use" ? "the port is in use" : `error ${outcome.errno} of the system`;
        throw unavailable(`nothing can listen on ${address} port ${port} of its network: ${why}`);
      }
      const fd = takeDescriptor(calls, pid, outcome.fd);
      if (fd < 0) {
        throw unavailable(
          `its listener cannot be taken over (pidfd_getfd: error ${-fd})`,
          "This needs Linux 5.6, and kernel.yama.ptrace_scope below 3",
        );
      }
      taken.push({ fd, port: outcome.port });
    }
    return taken;
  } catch (error) {
    for (const { fd } of taken) calls.close(fd);
    throw error;
  }
}

interface HelperWords {
  /** Its first line of output; empty when it ended without one. */
  line(): string;
  info(): string;
  trouble(): string;
}

/** Starts a helper and waits for its first line, or its end. It ends with its standard input. */
async function startHelper(
  argv: readonly string[],
  hasInfo: boolean,
): Promise<{ child: HostProcess; told: HelperWords }> {
  let output = "";
  let errors = "";
  let info = "";
  let said: () => void = () => {};
  const spoke = new Promise<void>((resolve) => said = resolve);
  let informed: () => void = () => {};
  const hasInformed = new Promise<void>((resolve) => informed = resolve);
  let child: HostProcess;
  try {
    child = await spawnProcess(argv, {
      cwd: "/",
      env: HELPER_ENVIRONMENT,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      extraFds: hasInfo ? ["read"] : [],
      onOutput: (chunk, stream) => {
        const text = new TextDecoder().decode(chunk);
        if (stream === "stdout") output = (output + text).slice(0, MAX_TEXT);
        else errors = (errors + text).slice(0, MAX_TEXT);
        if (output.includes("\n")) said();
      },
      onExtraOutput: (_fd, text) => {
        info = text;
        informed();
      },
      background: true,
    });
  } catch (error) {
    throw unavailable(systemMessageOf(error));
  }
  const timer = setTimeout(() => sendSignal(-child.pid, "SIGKILL"), TIMEOUT_MS);
  const ended = child.exited.then(() => child.outputEnded);
  await Promise.race([Promise.all([spoke, hasInfo ? hasInformed : spoke]), ended]);
  clearTimeout(timer);
  return {
    child,
    told: {
      line: () => output.includes("\n") ? output.slice(0, output.indexOf("\n")) : "",
      info: () => info,
      trouble: () => errors.trim().split("\n")[0] ?? "",
    },
  };
}

async function end(child: HostProcess): Promise<void> {
  child.closeStdin();
  const timer = setTimeout(() => sendSignal(-child.pid, "SIGKILL"), TIMEOUT_MS);
  await child.exited;
  clearTimeout(timer);
  child.abandonOutput();
}

function parseReport(line: string): ListenReport | null {
  // Our own stage wrote it, or nobody did.
  return line === "" ? null : JSON.parse(line) as ListenReport;
}

function unavailable(problem: string, hint = "Check that bubblewrap and nsenter (util-linux) work here"): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot give the sandbox its own network: ${problem}`, { hint });
}
