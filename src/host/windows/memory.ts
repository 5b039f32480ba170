// Addresses for FFI: of our own buffers inside structs, and bytes at an address that Win32 answered with. A buffer whose
// address stands in a struct must stay referenced until the call is over: `Pinned` holds it.
import { decodeSid, sidBytes } from "./sid.ts";

/** Keeps buffers alive and gives their addresses. */
export class Pinned {
  readonly #held: Uint8Array[] = [];

  address(bytes: Uint8Array<ArrayBuffer>): bigint {
    this.#held.push(bytes);
    return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  }

  /** How many it holds; read after the call, so that the buffers cannot go before. */
  release(): number {
    return this.#held.splice(0).length;
  }
}

export function pointerTo(bytes: Uint8Array<ArrayBuffer>): Deno.PointerValue {
  return Deno.UnsafePointer.of(bytes);
}

export function pointerAt(address: bigint): Deno.PointerValue {
  return Deno.UnsafePointer.create(address);
}

/** A copy of the bytes at an address; empty for null. */
export function bytesAt(address: bigint, length: number): Uint8Array<ArrayBuffer> {
  const pointer = Deno.UnsafePointer.create(address);
  const bytes = new Uint8Array(length);
  if (pointer !== null) new Deno.UnsafePointerView(pointer).copyInto(bytes);
  return bytes;
}

const SID_HEADER_BYTES = 8;
const SID_COUNT_OFFSET = 1;

export function sidAt(address: bigint): string {
  const count = bytesAt(address, SID_HEADER_BYTES)[SID_COUNT_OFFSET] ?? 0;
  const bytes = bytesAt(address, SID_HEADER_BYTES + 4 * count);
  return decodeSid(bytes.subarray(0, sidBytes(bytes)));
}
