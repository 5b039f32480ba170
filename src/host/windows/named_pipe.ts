// Named pipes of one instance, for one peer on this machine. Source: CreateNamedPipeW, ConnectNamedPipe.
import { type AclEntry, encodeAcl } from "./acl.ts";
import { INVALID_HANDLE, win32Error, type WindowsApi } from "./api.ts";
import { wideText } from "./command_line.ts";
import { Pinned } from "./memory.ts";
import { securityAttributes, securityDescriptor } from "./structs.ts";

/** From the server's side: `inbound` is read here. */
export type PipeDirection = "inbound" | "outbound";

const DIRECTIONS: Readonly<Record<PipeDirection, number>> = { inbound: 1, outbound: 2 };
const FIRST_PIPE_INSTANCE = 0x0008_0000;
const REJECT_REMOTE_CLIENTS = 8;
const BUFFER_BYTES = 65_536;
const DACL_PRESENT = 4;
const GENERIC_READ = 0x8000_0000;
const GENERIC_WRITE = 0x4000_0000;
const OPEN_EXISTING = 3;

/** @throws CodexError SANDBOX_UNAVAILABLE, also when somebody has a pipe of this name already. */
export function servePipe(
  api: WindowsApi,
  name: string,
  options: { readonly direction: PipeDirection; readonly access: readonly AclEntry[] },
): bigint {
  const pinned = new Pinned();
  const descriptor = securityDescriptor.write({
    Revision: 1,
    Control: DACL_PRESENT,
    Dacl: pinned.address(encodeAcl(options.access)),
  });
  const attributes = securityAttributes.write({
    nLength: securityAttributes.size,
    lpSecurityDescriptor: pinned.address(descriptor),
  });
  const open = DIRECTIONS[options.direction] | FIRST_PIPE_INSTANCE;
  const pipe = api.CreateNamedPipeW(
    pathOf(name),
    open,
    REJECT_REMOTE_CLIENTS,
    1,
    BUFFER_BYTES,
    BUFFER_BYTES,
    0,
    attributes,
  );
  if (pipe === INVALID_HANDLE) throw win32Error(api, "make a named pipe");
  pinned.release();
  return pipe;
}

/** Settles when the peer is there. */
export async function acceptPeer(api: WindowsApi, pipe: bigint): Promise<void> {
  await api.ConnectNamedPipe(pipe, null);
}

/** `direction` is the server's. @throws CodexError SANDBOX_UNAVAILABLE */
export function joinPipe(api: WindowsApi, name: string, direction: PipeDirection): bigint {
  const access = direction === "inbound" ? GENERIC_WRITE : GENERIC_READ;
  const pipe = api.CreateFileW(pathOf(name), access, 0, null, OPEN_EXISTING, 0, 0n);
  if (pipe === INVALID_HANDLE) throw win32Error(api, "open the named pipe of the sandbox helper");
  return pipe;
}

function pathOf(name: string): Uint8Array<ArrayBuffer> {
  return wideText(`\\\\.\\pipe\\${name}`);
}
