// Which users the login screen leaves out: numbers in the machine's registry, 0 for hidden.
import { type AccountsApi, firstU32, win32ErrorOf } from "./api.ts";
import { wideText } from "./command_line.ts";

const LOCAL_MACHINE = 0x8000_0002n;
const KEY = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\\SpecialAccounts\\UserList";
const ONLY_DWORD = 0x10;
const REG_DWORD = 4;
const ERROR_FILE_NOT_FOUND = 2;

export function isHiddenAtLogin(api: AccountsApi, user: string): boolean {
  const [value, size] = [new Uint8Array(4), new Uint8Array(Uint32Array.of(4).buffer)];
  const failure = api.RegGetValueW(LOCAL_MACHINE, wideText(KEY), wideText(user), ONLY_DWORD, null, value, size);
  return failure === 0 && firstU32(value) === 0;
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function setHiddenAtLogin(api: AccountsApi, user: string, hidden: boolean): void {
  const failure = hidden
    ? api.RegSetKeyValueW(LOCAL_MACHINE, wideText(KEY), wideText(user), REG_DWORD, new Uint8Array(4), 4)
    : api.RegDeleteKeyValueW(LOCAL_MACHINE, wideText(KEY), wideText(user));
  if (failure === 0 || (!hidden && failure === ERROR_FILE_NOT_FOUND)) return;
  throw win32ErrorOf(failure, `change what the login screen shows of "${user}" (registry)`);
}
