// Handles that keep a path as it is for as long as we hold them: an existing one cannot be renamed or removed, nor any
// folder above it; a missing one is an empty folder that the system itself removes with its last handle, in whatever
// way this process ends. Source: CreateFileW (share modes, FILE_FLAG_DELETE_ON_CLOSE).
import { INVALID_HANDLE, win32Error, type WindowsApi } from "./api.ts";
import { wideText } from "./command_line.ts";

const FILE_READ_ATTRIBUTES = 0x80;
const DELETE = 0x10000;
const SHARE_READ = 1;
const SHARE_WRITE = 2;
const SHARE_DELETE = 4;
const OPEN_EXISTING = 3;
const BACKUP_SEMANTICS = 0x0200_0000;
const OPEN_REPARSE_POINT = 0x0020_0000;
const DELETE_ON_CLOSE = 0x0400_0000;
const ERROR_ALREADY_EXISTS = 183;
const ERROR_SHARING_VIOLATION = 32;

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function holdExisting(api: WindowsApi, path: string): bigint {
  const flags = BACKUP_SEMANTICS | OPEN_REPARSE_POINT;
  const share = SHARE_READ | SHARE_WRITE;
  let handle = api.CreateFileW(wideText(path), FILE_READ_ATTRIBUTES, share, null, OPEN_EXISTING, flags, 0n);
  // Another run of ours made it and will remove it: it stays until our handle is closed too.
  if (handle === INVALID_HANDLE && api.GetLastError() === ERROR_SHARING_VIOLATION) {
    handle = api.CreateFileW(
      wideText(path),
      FILE_READ_ATTRIBUTES,
      share | SHARE_DELETE,
      null,
      OPEN_EXISTING,
      flags,
      0n,
    );
  }
  if (handle === INVALID_HANDLE) throw win32Error(api, `hold "${path}"`);
  return handle;
}

/** Makes the empty folder; false when something is there by now. @throws CodexError SANDBOX_UNAVAILABLE */
export function makeHeldFolder(api: WindowsApi, path: string): boolean {
  if (api.CreateDirectoryW(wideText(path), null) !== 0) return true;
  if (api.GetLastError() === ERROR_ALREADY_EXISTS) return false;
  throw win32Error(api, `keep "${path}" from coming into being`);
}

/** The folder goes with this handle. @throws CodexError SANDBOX_UNAVAILABLE */
export function holdUntilClosed(api: WindowsApi, path: string): bigint {
  const handle = api.CreateFileW(
    wideText(path),
    FILE_READ_ATTRIBUTES | DELETE,
    SHARE_READ | SHARE_WRITE | SHARE_DELETE,
    null,
    OPEN_EXISTING,
    BACKUP_SEMANTICS | OPEN_REPARSE_POINT | DELETE_ON_CLOSE,
    0n,
  );
  if (handle === INVALID_HANDLE) throw win32Error(api, `hold "${path}"`);
  return handle;
}
