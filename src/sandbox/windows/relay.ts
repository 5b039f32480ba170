// The elevated level, seen from the person's side: the helper starts the runner as a sandbox user and passes frames
// between its own standard streams and it. When either goes, the command goes.
import { CodexError } from "../../base/errors.ts";
import { readEnvironment } from "../../host/env.ts";
import { stageCommand } from "../../host/own_program.ts";
import { openProtectionApi, type WindowsApi } from "../../host/windows/api.ts";
import { spawnWithLogon } from "../../host/windows/logon_spawn.ts";
import { acceptPeer, servePipe } from "../../host/windows/named_pipe.ts";
import { unprotectBytes } from "../../host/windows/protected_data.ts";
import { type SpawnedProcess, waitForExit } from "../../host/windows/spawn.ts";
import { ownStream, readHandle, writeHandle } from "../../host/windows/streams.ts";
import { openOwnToken, readToken } from "../../host/windows/token.ts";
import { allowEntry, FILE_ALL } from "./access_rules.ts";
import type { ConfinedExit } from "./confined_process.ts";
import { encodeFrame, type Frame, FrameReader, type LaunchRequest } from "./contract.ts";

type Logon = NonNullable<LaunchRequest["logon"]>;

/** The two pipes, by the runner's view: it reads from the first. */
export interface RunnerPipes {
  readonly pipeIn: string;
  readonly pipeOut: string;
}

export function runnerArguments({ pipeIn, pipeOut }: RunnerPipes): readonly string[] {
  return [...stageCommand("windows-runner"), `--pipe-in=${pipeIn}`, `--pipe-out=${pipeOut}`];
}

/** @throws CodexError SANDBOX_UNAVAILABLE | EXEC_FAILED */
export async function runAsSandboxUser(api: WindowsApi, request: LaunchRequest, logon: Logon): Promise<ConfinedExit> {
  return await relay(api, request, {
    groupSid: logon.groupSid,
    startRunner(pipes): SpawnedProcess {
      const password = unprotectBytes(openProtectionApi(), logon.secret);
      try {
        const cwd = readEnvironment()["SystemRoot"] ?? "C:\\Windows";
        return spawnWithLogon(api, { user: logon.user, password, argv: runnerArguments(pipes), cwd });
      } finally {
        password.fill(0);
      }
    },
  });
}

export interface RelayOptions {
  /** Who may open the pipes beside this user. */
  readonly groupSid: string;
  readonly startRunner: (pipes: RunnerPipes) => SpawnedProcess;
}

export async function relay(api: WindowsApi, request: LaunchRequest, options: RelayOptions): Promise<ConfinedExit> {
  const id = crypto.randomUUID();
  const pipes: RunnerPipes = { pipeIn: `codex-sandbox-${id}-in`, pipeOut: `codex-sandbox-${id}-out` };
  const token = openOwnToken(api);
  const { user } = readToken(api, token);
  api.CloseHandle(token);
  const access = [user, options.groupSid].map((sid) => ({ ...allowEntry(sid, FILE_ALL), flags: 0 }));
  const toRunner = servePipe(api, pipes.pipeIn, { direction: "outbound", access });
  const fromRunner = servePipe(api, pipes.pipeOut, { direction: "inbound", access });
  const runner = options.startRunner(pipes);
  const gone = waitForExit(api, runner.handle);
  const joined = Promise.all([acceptPeer(api, toRunner), acceptPeer(api, fromRunner)]);
  const first = await Promise.race([joined, gone.then((code) => code)]);
  if (typeof first === "number") throw runnerGone(first);
  const { logon: _logon, launcherPid: _pid, confinement, ...start } = request;
  if (confinement === null) throw new TypeError("Cannot run a command without a sandbox as a sandbox user");
  await writeHandle(api, toRunner, encodeFrame("spawn_request", { ...start, confinement }));
  // It ends with our input, or with us.
  sendInput(api, toRunner);
  const exit = await showOutput(api, fromRunner);
  if (exit === null) throw runnerGone(await gone);
  return exit;
}

async function sendInput(api: WindowsApi, toRunner: bigint): Promise<void> {
  const input = ownStream(api, "input");
  for (let bytes = await readHandle(api, input); bytes !== null; bytes = await readHandle(api, input)) {
    if (!await writeHandle(api, toRunner, encodeFrame("stdin", { data_b64: bytes.toBase64() }))) return;
  }
  await writeHandle(api, toRunner, encodeFrame("stdin_end", {}));
}

/** Null when the runner went without saying how the command ended. */
async function showOutput(api: WindowsApi, fromRunner: bigint): Promise<ConfinedExit | null> {
  const reader = new FrameReader();
  for (let bytes = await readHandle(api, fromRunner); bytes !== null; bytes = await readHandle(api, fromRunner)) {
    for (const frame of reader.push(bytes)) {
      const exit = await takeFrame(api, frame);
      if (exit !== null) return exit;
    }
  }
  reader.end();
  return null;
}

async function takeFrame(api: WindowsApi, frame: Frame): Promise<ConfinedExit | null> {
  switch (frame.type) {
    case "output": {
      const stream = frame.payload.stream === "stdout" ? "output" : "error";
      await writeHandle(api, ownStream(api, stream), Uint8Array.fromBase64(frame.payload.data_b64));
      return null;
    }
    case "exit":
      return { exitCode: frame.payload.exit_code, timedOut: frame.payload.timed_out };
    case "error": {
      const code = frame.payload.code === "EXEC_FAILED" ? "EXEC_FAILED" : "SANDBOX_UNAVAILABLE";
      throw new CodexError(code, frame.payload.message);
    }
    case "spawn_ready":
      return null;
    default:
      throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot follow the sandbox runner: it sent "${frame.type}"`);
  }
}

function runnerGone(code: number): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot run the command: the sandbox runner ended with ${code}`, {
    hint:
      "See that the sandbox users may read and run the folder of codex.exe; then `codex sandbox windows setup` again",
  });
}
