// One process under a given token: started suspended, put into its job, then let go, so that nothing it starts can be
// outside. It inherits three handles and no other. Source: CreateProcessAsUserW, UpdateProcThreadAttribute.
import { firstU64, win32Error, type WindowsApi } from "./api.ts";
import { environmentBlock, wideText } from "./command_line.ts";
import { Pinned, pointerAt, pointerTo } from "./memory.ts";
import { processInformation, startupInfoEx } from "./structs.ts";

const CREATE_SUSPENDED = 0x4;
const CREATE_UNICODE_ENVIRONMENT = 0x400;
const EXTENDED_STARTUPINFO_PRESENT = 0x80000;
const STARTF_USESTDHANDLES = 0x100;
const ATTRIBUTE_HANDLE_LIST = 0x20002n;
const ATTRIBUTE_PSEUDOCONSOLE = 0x20016n;
const STILL_FAILED = 0xffff_ffff;
const SYNCHRONIZE = 0x0010_0000;
const INFINITE = 0xffff_ffff;

export interface StandardHandles {
  readonly input: bigint;
  readonly output: bigint;
  readonly error: bigint;
}

export interface TokenSpawn {
  readonly token: bigint;
  readonly job: bigint;
  /** See command_line.ts. */
  readonly commandLine: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Inheritable handles, or the pseudo-console that the process talks to. */
  readonly streams: StandardHandles | { readonly pseudoConsole: bigint };
  /** Null: this process's own. */
  readonly desktop: string | null;
}

export interface SpawnedProcess {
  readonly processId: number;
  readonly handle: bigint;
}

/** @throws CodexError EXEC_FAILED; the message begins with what Windows said. */
export function spawnWithToken(api: WindowsApi, spawn: TokenSpawn): SpawnedProcess {
  const pinned = new Pinned();
  const attributes = attributeList(api, spawn.streams, pinned);
  const streams = "pseudoConsole" in spawn.streams ? null : spawn.streams;
  const startup = startupInfoEx.write({
    cb: startupInfoEx.size,
    lpDesktop: spawn.desktop === null ? 0 : pinned.address(wideText(spawn.desktop)),
    // Also without streams: else a process on a pseudo-console would get ours in place of the console's.
    dwFlags: STARTF_USESTDHANDLES,
    hStdInput: streams?.input ?? 0,
    hStdOutput: streams?.output ?? 0,
    hStdError: streams?.error ?? 0,
    lpAttributeList: pinned.address(attributes),
  });
  const made = new Uint8Array(processInformation.size);
  try {
    const started = api.CreateProcessAsUserW(
      spawn.token,
      null,
      wideText(spawn.commandLine),
      null,
      null,
      streams === null ? 0 : 1,
      CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT,
      environmentBlock(spawn.env),
      wideText(spawn.cwd),
      startup,
      made,
    );
    if (started === 0) throw win32Error(api, "start the command", { code: "EXEC_FAILED" });
  } finally {
    api.DeleteProcThreadAttributeList(attributes);
    pinned.release();
  }
  const handle = processInformation.read(made, "hProcess");
  const thread = processInformation.read(made, "hThread");
  try {
    if (api.AssignProcessToJobObject(spawn.job, handle) === 0) throw win32Error(api, "put the command into its job");
    if (api.ResumeThread(thread) === STILL_FAILED) throw win32Error(api, "let the command run");
  } catch (error) {
    api.TerminateProcess(handle, 1);
    api.CloseHandle(handle);
    throw error;
  } finally {
    api.CloseHandle(thread);
  }
  return { processId: Number(processInformation.read(made, "dwProcessId")), handle };
}

function attributeList(api: WindowsApi, streams: TokenSpawn["streams"], pinned: Pinned): Uint8Array<ArrayBuffer> {
  const size = new Uint8Array(8);
  api.InitializeProcThreadAttributeList(null, 1, 0, size);
  const list = new Uint8Array(Number(firstU64(size)));
  if (api.InitializeProcThreadAttributeList(list, 1, 0, size) === 0) {
    throw win32Error(api, "prepare the start of a command");
  }
  const isConsole = "pseudoConsole" in streams;
  // The console goes by value where the handles go by address.
  const handles = isConsole ? null : handleList(streams);
  if (handles !== null) pinned.address(handles);
  const updated = api.UpdateProcThreadAttribute(
    list,
    0,
    isConsole ? ATTRIBUTE_PSEUDOCONSOLE : ATTRIBUTE_HANDLE_LIST,
    isConsole ? pointerAt(streams.pseudoConsole) : handles && pointerTo(handles),
    BigInt(handles?.length ?? 8),
    null,
    null,
  );
  if (updated === 0) {
    const error = win32Error(api, "choose the handles of a command");
    api.DeleteProcThreadAttributeList(list);
    throw error;
  }
  return list;
}

/** Each once: the system refuses a list that names one twice. */
function handleList({ input, output, error }: StandardHandles): Uint8Array<ArrayBuffer> {
  const handles = [...new Set([input, output, error])].filter((handle) => handle !== 0n);
  return new Uint8Array(BigUint64Array.from(handles).buffer);
}

/** Settles when that process is gone; at once when it is gone already. */
export async function waitForProcess(api: WindowsApi, processId: number): Promise<void> {
  const handle = api.OpenProcess(SYNCHRONIZE, 0, processId);
  if (handle === 0n) return;
  await api.WaitForSingleObject(handle, INFINITE);
  api.CloseHandle(handle);
}

/** The exit code, once the process is gone. Closes its handle. */
export async function waitForExit(api: WindowsApi, handle: bigint): Promise<number> {
  await api.WaitForSingleObject(handle, INFINITE);
  const code = new Uint8Array(4);
  api.GetExitCodeProcess(handle, code);
  api.CloseHandle(handle);
  return new DataView(code.buffer).getUint32(0, true);
}
