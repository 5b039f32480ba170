// Bytes that only this user of this machine can read again (DPAPI). Source: CryptProtectData.
import { CodexError } from "../../base/errors.ts";
import { type ProtectionApi } from "./api.ts";
import { bytesAt, Pinned } from "./memory.ts";
import { dataBlob } from "./structs.ts";

/** No window may ask anything. */
const UI_FORBIDDEN = 1;

/** As base64. @throws CodexError SANDBOX_UNAVAILABLE */
export function protectBytes(api: ProtectionApi, bytes: Uint8Array<ArrayBuffer>): string {
  return convert(bytes, (from, to) => api.CryptProtectData(from, null, null, null, null, UI_FORBIDDEN, to)).toBase64();
}

/** @throws CodexError SANDBOX_UNAVAILABLE, for one when another user protected them. */
export function unprotectBytes(api: ProtectionApi, text: string): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.fromBase64(text);
  return convert(bytes, (from, to) => api.CryptUnprotectData(from, null, null, null, null, UI_FORBIDDEN, to));
}

function convert(
  bytes: Uint8Array<ArrayBuffer>,
  call: (from: Uint8Array<ArrayBuffer>, to: Uint8Array<ArrayBuffer>) => number,
): Uint8Array<ArrayBuffer> {
  const pinned = new Pinned();
  const from = dataBlob.write({ cbData: bytes.length, pbData: pinned.address(bytes) });
  const to = new Uint8Array(dataBlob.size);
  if (call(from, to) === 0) {
    throw new CodexError("SANDBOX_UNAVAILABLE", "Cannot use the passwords of the sandbox users", {
      hint: "Run `codex sandbox windows setup` as administrator and as the user who runs codex",
    });
  }
  pinned.release();
  return bytesAt(dataBlob.read(to, "pbData"), Number(dataBlob.read(to, "cbData")));
}
