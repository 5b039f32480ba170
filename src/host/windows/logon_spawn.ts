// A program of ours as another user of this machine. Source: CreateProcessWithLogonW.
import { win32Error, type WindowsApi } from "./api.ts";
import { commandLineOf, wideText } from "./command_line.ts";
import type { SpawnedProcess } from "./spawn.ts";
import { processInformation, startupInfo } from "./structs.ts";

const LOGON_WITH_PROFILE = 1;
const CREATE_NO_WINDOW = 0x0800_0000;

export interface LogonSpawn {
  readonly user: string;
  /** UTF-16 with a zero at the end; the caller wipes it. */
  readonly password: Uint8Array<ArrayBuffer>;
  readonly argv: readonly string[];
  readonly cwd: string;
}

/** With the user's own environment. @throws CodexError SANDBOX_UNAVAILABLE */
export function spawnWithLogon(api: WindowsApi, { user, password, argv, cwd }: LogonSpawn): SpawnedProcess {
  const made = new Uint8Array(processInformation.size);
  const started = api.CreateProcessWithLogonW(
    wideText(user),
    wideText("."),
    password,
    LOGON_WITH_PROFILE,
    null,
    wideText(commandLineOf(argv)),
    CREATE_NO_WINDOW,
    null,
    wideText(cwd),
    startupInfo.write({ cb: startupInfo.size }),
    made,
  );
  if (started === 0) throw win32Error(api, `start a program as "${user}"`);
  api.CloseHandle(processInformation.read(made, "hThread"));
  return {
    processId: Number(processInformation.read(made, "dwProcessId")),
    handle: processInformation.read(made, "hProcess"),
  };
}
