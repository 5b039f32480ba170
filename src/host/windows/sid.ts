// Security identifiers between their text (`S-1-5-32-544`) and the bytes that Win32 takes. Pure.
// Source: MS-DTYP 2.4.2.

const HEADER_BYTES = 8;
const MAX_PARTS = 15;
const U32_MAX = 0xffff_ffff;

export const EVERYONE_SID = "S-1-1-0";
export const ADMINISTRATORS_SID = "S-1-5-32-544";
export const SYSTEM_SID = "S-1-5-18";

/** @throws TypeError for what is no SID. */
export function encodeSid(text: string): Uint8Array<ArrayBuffer> {
  const match = /^S-1-(\d+)((?:-\d+)*)$/i.exec(text);
  const parts = (match?.[2] ?? "").split("-").slice(1).map(Number);
  const authority = BigInt(match?.[1] ?? -1);
  if (match === null || parts.length > MAX_PARTS || parts.some((part) => part > U32_MAX) || authority >= 1n << 48n) {
    throw new TypeError(`Cannot read ${JSON.stringify(text)} as a security identifier`);
  }
  const bytes = new Uint8Array(HEADER_BYTES + 4 * parts.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, authority, false);
  bytes[0] = 1;
  bytes[1] = parts.length;
  parts.forEach((part, index) => view.setUint32(HEADER_BYTES + 4 * index, part, true));
  return bytes;
}

/** The SID that `bytes` begins with. @throws TypeError when it is cut short. */
export function decodeSid(bytes: Uint8Array): string {
  const size = sidBytes(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const authority = view.getBigUint64(0, false) & 0xffff_ffff_ffffn;
  const parts = Array.from({ length: (size - HEADER_BYTES) / 4 }, (_, n) => view.getUint32(HEADER_BYTES + 4 * n, true));
  return ["S-1", authority, ...parts].join("-");
}

/** The length of the SID that `bytes` begins with. @throws TypeError when it is cut short. */
export function sidBytes(bytes: Uint8Array): number {
  const count = bytes[1] ?? 0;
  const size = HEADER_BYTES + 4 * count;
  if (bytes[0] !== 1 || count > MAX_PARTS || size > bytes.length) {
    throw new TypeError("Cannot read a security identifier: bytes are missing");
  }
  return size;
}
