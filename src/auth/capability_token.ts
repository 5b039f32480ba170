// A shared secret that whoever connects must present. Only its digest is kept.
import { digestOf, isSameDigest } from "./secret_digest.ts";
import type { Verdict, Verifier } from "./verifier.ts";

const GOOD: Verdict = { valid: true, subject: null };
/** wire: the reference's words. */
const BAD: Verdict = { valid: false, reason: "invalid websocket bearer token" };

export async function createCapabilityToken(secret: string): Promise<Verifier> {
  const expected = await digestOf(secret);
  return { check: async (presented) => isSameDigest(expected, await digestOf(presented)) ? GOOD : BAD };
}
