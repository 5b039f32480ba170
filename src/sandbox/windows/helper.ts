// The helper of the Windows sandbox: a stage of this program that reads one launch request, opens and closes what the
// command may touch, runs it confined with our own standard streams, and ends with its exit code.
import { CodexError } from "../../base/errors.ts";
import { readBytes, removeFile } from "../../host/files.ts";
import { onEndSignal } from "../../host/signals.ts";
import { printStderr } from "../../host/stdio.ts";
import { openWindowsApi, type WindowsApi } from "../../host/windows/api.ts";
import { createPseudoConsole } from "../../host/windows/pseudo_console.ts";
import { waitForProcess } from "../../host/windows/spawn.ts";
import { inheritableStream, ownStream, readHandle, writeHandle } from "../../host/windows/streams.ts";
import { applyAccess } from "./apply_access.ts";
import { type ConfinedExit, startConfined } from "./confined_process.ts";
import { decodeOnly, type LaunchRequest } from "./contract.ts";
import { helperFailure } from "./helper_failure.ts";

/** Nobody is there to see it. */
const ORPHANED = 125;

export async function runWindowsHelper(words: readonly string[]): Promise<number> {
  try {
    const api = openWindowsApi();
    const request = await takeRequest(words);
    // Our end, in whatever way, closes the job and every path we hold.
    const orphaned = waitForProcess(api, request.launcherPid).then(() => ORPHANED);
    return await Promise.race([carryOut(api, request).then(({ exitCode }) => exitCode), orphaned]);
  } catch (error) {
    const { text, exitCode } = helperFailure(error);
    printStderr(text);
    return exitCode;
  }
}

async function takeRequest([path, ...others]: readonly string[]): Promise<LaunchRequest> {
  if (path === undefined || others.length > 0) {
    throw new CodexError("USAGE", "The sandbox helper is started by codex alone, with one request");
  }
  const bytes = await readBytes(path);
  await removeFile(path);
  return decodeOnly("launch", bytes);
}

async function carryOut(api: WindowsApi, request: LaunchRequest): Promise<ConfinedExit> {
  const held = await applyAccess(api, request.confinement, request.logon);
  // The console sends Ctrl-C to the command too: what it makes of it decides.
  const stopListening = onEndSignal(() => {});
  try {
    if (request.logon !== null) {
      const { runAsSandboxUser } = await import("./relay.ts");
      return await runAsSandboxUser(api, request, request.logon);
    }
    return request.terminal === null ? await runOnStreams(api, request) : await runOnTerminal(api, request);
  } finally {
    stopListening();
    held.release();
  }
}

async function runOnStreams(api: WindowsApi, request: LaunchRequest): Promise<ConfinedExit> {
  const input = inheritableStream(api, "input");
  const output = inheritableStream(api, "output");
  const error = request.mergeOutput ? output : inheritableStream(api, "error");
  try {
    return await startConfined(api, { ...request, streams: { input, output, error } }).exited;
  } finally {
    for (const handle of new Set([input, output, error])) api.CloseHandle(handle);
  }
}

/** A pseudo-console between the command and our own streams. */
async function runOnTerminal(api: WindowsApi, request: LaunchRequest): Promise<ConfinedExit> {
  const console = createPseudoConsole(api, request.terminal ?? { rows: 24, columns: 80 });
  const child = startConfined(api, { ...request, streams: { pseudoConsole: console.handle } });
  // Nobody waits for this one: it ends with the input, or with us.
  copy(api, ownStream(api, "input"), console.input);
  const shown = copy(api, console.output, ownStream(api, "output"));
  const exit = await child.exited;
  await console.close();
  await shown;
  return exit;
}

async function copy(api: WindowsApi, from: bigint, to: bigint): Promise<void> {
  for (let bytes = await readHandle(api, from); bytes !== null; bytes = await readHandle(api, from)) {
    if (!await writeHandle(api, to, bytes)) return;
  }
}
