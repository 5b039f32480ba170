// A desktop of its own for a command: it sees no other windows and can send them nothing. Source: CreateDesktopW.
import { type AclEntry, encodeAcl } from "./acl.ts";
import { win32Error, type WindowsApi } from "./api.ts";
import { wideText } from "./command_line.ts";
import { Pinned } from "./memory.ts";
import { securityAttributes, securityDescriptor } from "./structs.ts";

const GENERIC_ALL = 0x1000_0000;
const DACL_PRESENT = 4;

export interface PrivateDesktop {
  /** As STARTUPINFO names it: `winsta0\…`. */
  readonly name: string;
  close(): void;
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function createPrivateDesktop(api: WindowsApi, name: string, access: readonly AclEntry[]): PrivateDesktop {
  const pinned = new Pinned();
  const descriptor = securityDescriptor.write({
    Revision: 1,
    Control: DACL_PRESENT,
    Dacl: pinned.address(encodeAcl(access)),
  });
  const attributes = securityAttributes.write({
    nLength: securityAttributes.size,
    lpSecurityDescriptor: pinned.address(descriptor),
  });
  const desktop = api.CreateDesktopW(wideText(name), null, null, 0, GENERIC_ALL, attributes);
  if (desktop === 0n) throw win32Error(api, "make a private desktop");
  pinned.release();
  return { name: `winsta0\\${name}`, close: () => void api.CloseDesktop(desktop) };
}
