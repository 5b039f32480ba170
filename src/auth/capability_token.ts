// A shared secret that whoever connects must present. Only its SHA-256 is kept, and digests are compared in constant
// time, so that neither memory nor timing tells the token.
import type { Verdict, Verifier } from "./verifier.ts";

const GOOD: Verdict = { valid: true, subject: null };
/** wire: the reference's words. */
const BAD: Verdict = { valid: false, reason: "invalid websocket bearer token" };

export async function createCapabilityToken(secret: string): Promise<Verifier> {
  const expected = await digest(secret);
  return { check: async (presented) => sameBytes(expected, await digest(presented)) ? GOOD : BAD };
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** Looks at every byte, whatever the first ones are. Digests are of one length. */
function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  left.forEach((byte, index) => difference |= byte ^ (right[index] ?? 0));
  return difference === 0;
}
