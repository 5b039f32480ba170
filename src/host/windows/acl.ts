// Access control lists between a list of entries and the bytes that Win32 takes. Pure; what an entry is for is decided
// elsewhere. Entries of a kind that we never write (object, callback, audit) are kept as they are. Source: MS-DTYP 2.4.4.
import { decodeSid, encodeSid } from "./sid.ts";

export interface AclEntry {
  readonly kind: "allow" | "deny";
  /** OBJECT_INHERIT_ACE and so on. */
  readonly flags: number;
  readonly mask: number;
  readonly sid: string;
}

export interface ForeignEntry {
  readonly kind: "other";
  readonly flags: number;
  readonly bytes: Uint8Array;
}

export type AnyEntry = AclEntry | ForeignEntry;

/** Files and folders below get it too. */
export const INHERITED_BY_ALL = 0x01 | 0x02;
/** It came from the folder above. */
export const INHERITED = 0x10;
/** It is for what is below only. */
export const INHERIT_ONLY = 0x08;

const ACL_HEADER_BYTES = 8;
const ACE_HEADER_BYTES = 8;
const ACL_REVISION = 2;
const ACL_REVISION_DS = 4;
const ALLOW_TYPE = 0;
const DENY_TYPE = 1;
const MAX_ACL_BYTES = 0xffff;

/** @throws TypeError when bytes are missing. */
export function decodeAcl(bytes: Uint8Array): readonly AnyEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < ACL_HEADER_BYTES) throw new TypeError("Cannot read an access control list: bytes are missing");
  const count = view.getUint16(4, true);
  const entries: AnyEntry[] = [];
  let at = ACL_HEADER_BYTES;
  for (let index = 0; index < count; index++) {
    const size = at + 4 <= bytes.length ? view.getUint16(at + 2, true) : 0;
    if (size < ACE_HEADER_BYTES || at + size > bytes.length) {
      throw new TypeError("Cannot read an access control list: bytes are missing");
    }
    entries.push(decodeEntry(bytes.subarray(at, at + size)));
    at += size;
  }
  return entries;
}

function decodeEntry(bytes: Uint8Array): AnyEntry {
  const [type = 0, flags = 0] = bytes;
  if (type !== ALLOW_TYPE && type !== DENY_TYPE) return { kind: "other", flags, bytes: bytes.slice() };
  const mask = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return {
    kind: type === ALLOW_TYPE ? "allow" : "deny",
    flags,
    mask,
    sid: decodeSid(bytes.subarray(ACE_HEADER_BYTES)),
  };
}

/** In the order given. @throws RangeError when the list is longer than a list may be. */
export function encodeAcl(entries: readonly AnyEntry[]): Uint8Array<ArrayBuffer> {
  const parts = entries.map(encodeEntry);
  const size = parts.reduce((sum, part) => sum + part.length, ACL_HEADER_BYTES);
  if (size > MAX_ACL_BYTES) throw new RangeError(`Cannot write an access control list of ${size} bytes`);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes[0] = entries.some(({ kind }) => kind === "other") ? ACL_REVISION_DS : ACL_REVISION;
  view.setUint16(2, size, true);
  view.setUint16(4, entries.length, true);
  let at = ACL_HEADER_BYTES;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encodeEntry(entry: AnyEntry): Uint8Array {
  if (entry.kind === "other") return entry.bytes;
  const sid = encodeSid(entry.sid);
  const bytes = new Uint8Array(ACE_HEADER_BYTES + sid.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = entry.kind === "allow" ? ALLOW_TYPE : DENY_TYPE;
  bytes[1] = entry.flags;
  view.setUint16(2, bytes.length, true);
  view.setUint32(4, entry.mask, true);
  bytes.set(sid, ACE_HEADER_BYTES);
  return bytes;
}
