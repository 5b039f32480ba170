// Raw handles of streams: our own three, duplicated for a child to inherit; anonymous pipes; blocking reads and writes
// on another thread. Source: GetStdHandle, DuplicateHandle, CreatePipe, ReadFile, WriteFile.
import { firstU32, firstU64, INVALID_HANDLE, win32Error, type WindowsApi } from "./api.ts";
import { wideText } from "./command_line.ts";
import { securityAttributes } from "./structs.ts";

export type StandardStream = "input" | "output" | "error";

const STD_HANDLES: Readonly<Record<StandardStream, number>> = {
  input: 0xffff_fff6,
  output: 0xffff_fff5,
  error: 0xffff_fff4,
};
const DUPLICATE_SAME_ACCESS = 2;
const GENERIC_READ = 0x8000_0000;
const GENERIC_WRITE = 0x4000_0000;
const SHARE_READ_WRITE = 3;
const OPEN_EXISTING = 3;
const READ_BYTES = 65_536;

const INHERITABLE = { nLength: securityAttributes.size, bInheritHandle: 1 };

/** This process's own stream as a handle that a child inherits; the NUL device where there is none. */
export function inheritableStream(api: WindowsApi, stream: StandardStream): bigint {
  const own = api.GetStdHandle(STD_HANDLES[stream]);
  if (own === 0n || own === INVALID_HANDLE) return openNul(api, stream);
  const copy = new Uint8Array(8);
  const process = api.GetCurrentProcess();
  const copied = api.DuplicateHandle(process, own, process, copy, 0, 1, DUPLICATE_SAME_ACCESS);
  return copied === 0 ? openNul(api, stream) : firstU64(copy);
}

export function ownStream(api: WindowsApi, stream: StandardStream): bigint {
  return api.GetStdHandle(STD_HANDLES[stream]);
}

function openNul(api: WindowsApi, stream: StandardStream): bigint {
  const access = stream === "input" ? GENERIC_READ : GENERIC_WRITE;
  const attributes = securityAttributes.write(INHERITABLE);
  const nul = api.CreateFileW(wideText("NUL"), access, SHARE_READ_WRITE, attributes, OPEN_EXISTING, 0, 0n);
  if (nul === INVALID_HANDLE) throw win32Error(api, "open the NUL device");
  return nul;
}

export interface Pipe {
  readonly readEnd: bigint;
  readonly writeEnd: bigint;
}

/** @throws CodexError SANDBOX_UNAVAILABLE */
export function createPipe(api: WindowsApi, options: { readonly inheritable: boolean }): Pipe {
  const [readEnd, writeEnd] = [new Uint8Array(8), new Uint8Array(8)];
  const attributes = securityAttributes.write({ ...INHERITABLE, bInheritHandle: options.inheritable ? 1 : 0 });
  if (api.CreatePipe(readEnd, writeEnd, attributes, 0) === 0) throw win32Error(api, "make a pipe");
  return { readEnd: firstU64(readEnd), writeEnd: firstU64(writeEnd) };
}

/** The next bytes, or null at the end. */
export async function readHandle(api: WindowsApi, handle: bigint): Promise<Uint8Array<ArrayBuffer> | null> {
  const [bytes, count] = [new Uint8Array(READ_BYTES), new Uint8Array(4)];
  const read = await api.ReadFile(handle, bytes, bytes.length, count, null);
  const length = firstU32(count);
  return read === 0 || length === 0 ? null : bytes.slice(0, length);
}

/** False when the other end is gone. */
export async function writeHandle(api: WindowsApi, handle: bigint, bytes: Uint8Array): Promise<boolean> {
  let rest = bytes.slice();
  while (rest.length > 0) {
    const count = new Uint8Array(4);
    if (await api.WriteFile(handle, rest, rest.length, count, null) === 0) return false;
    rest = rest.slice(firstU32(count));
  }
  return true;
}
