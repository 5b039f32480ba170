// The access control lists of files and folders, read and replaced as a whole. Which entries belong there is decided
// elsewhere. Source: GetNamedSecurityInfoW, SetNamedSecurityInfoW.
import { type AnyEntry, decodeAcl, encodeAcl } from "./acl.ts";
import { firstU64, win32ErrorOf, type WindowsApi } from "./api.ts";
import { wideText } from "./command_line.ts";
import { bytesAt, pointerAt } from "./memory.ts";

const SE_FILE_OBJECT = 1;
const DACL_SECURITY_INFORMATION = 4;
const ACL_HEADER_BYTES = 8;

/**
 * The entries of a path's list, or null when it has none at all, which lets everybody do everything.
 * @throws CodexError SANDBOX_UNAVAILABLE
 */
export function readDacl(api: WindowsApi, path: string): readonly AnyEntry[] | null {
  const [dacl, descriptor] = [new Uint8Array(8), new Uint8Array(8)];
  const failure = api.GetNamedSecurityInfoW(
    wideText(path),
    SE_FILE_OBJECT,
    DACL_SECURITY_INFORMATION,
    null,
    null,
    dacl,
    null,
    descriptor,
  );
  if (failure !== 0) throw win32ErrorOf(failure, `read the access list of "${path}"`);
  try {
    const address = firstU64(dacl);
    if (address === 0n) return null;
    const size = new DataView(bytesAt(address, ACL_HEADER_BYTES).buffer).getUint16(2, true);
    return decodeAcl(bytesAt(address, size));
  } finally {
    api.LocalFree(pointerAt(firstU64(descriptor)));
  }
}

/** What is below inherits it anew, which takes time in a large tree. @throws CodexError SANDBOX_UNAVAILABLE */
export function writeDacl(api: WindowsApi, path: string, entries: readonly AnyEntry[]): void {
  const failure = api.SetNamedSecurityInfoW(
    wideText(path),
    SE_FILE_OBJECT,
    DACL_SECURITY_INFORMATION,
    null,
    null,
    encodeAcl(entries),
    null,
  );
  if (failure !== 0) throw win32ErrorOf(failure, `set the access list of "${path}"`);
}
