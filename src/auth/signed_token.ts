// A JWT that was signed with a secret which signer and server share: HS256 and nothing else. jose checks the signature
// (in constant time, by WebCrypto); critical headers are refused, because none is understood (RFC 7515, section 4.1.11);
// the rules for the claims are this file's, because their edges are the wire's: a token still counts in the second
// `exp` + skew. Loaded only when this mode is asked for.
import { base64url, compactVerify, SignJWT } from "jose";
import { CodexError } from "../base/errors.ts";
import { hasTwinMembers } from "./twin_members.ts";
import type { Verdict, Verifier } from "./verifier.ts";

export interface ClaimRules {
  /** The `iss` that a token must have; blank or null: any, or none. */
  readonly issuer: string | null;
  /** One of a token's `aud`; blank or null: any, or none. */
  readonly audience: string | null;
  readonly maxClockSkewSeconds: bigint;
}

export interface SignedTokenOptions {
  readonly rules: ClaimRules;
  /** Unix milliseconds. */
  nowMs(): number;
}

export const MIN_SECRET_BYTES = 32;
/** Longer ones are not looked at. */
const MAX_TOKEN_CHARS = 16 * 1024;
/** 32 bytes of signature in base64url, whose last character carries two bits that must be zero: one spelling only. */
const SHAPE = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const MAX_I64 = 2n ** 63n - 1n;
const MIN_I64 = -(2n ** 63n);

// wire: the reasons are the reference's.
const INVALID: Verdict = { valid: false, reason: "invalid websocket jwt" };
const EXPIRED: Verdict = { valid: false, reason: "expired websocket jwt" };
const EARLY: Verdict = { valid: false, reason: "websocket jwt is not valid yet" };
const WRONG_ISSUER: Verdict = { valid: false, reason: "websocket jwt issuer mismatch" };
const WRONG_AUDIENCE: Verdict = { valid: false, reason: "websocket jwt audience mismatch" };

/** @throws CodexError AUTH_SETUP for a secret that is too short; the text names no byte of it. */
export async function createSignedTokenVerifier(secret: string, options: SignedTokenOptions): Promise<Verifier> {
  const key = await importSecret(secret, "verify");
  return {
    async check(presented: string): Promise<Verdict> {
      if (presented.length > MAX_TOKEN_CHARS || !SHAPE.test(presented)) return INVALID;
      let payload: string;
      try {
        const verified = await compactVerify(presented, key, { algorithms: ["HS256"] });
        if (verified.protectedHeader.crit !== undefined) return INVALID;
        const header = decodeText(base64url.decode(presented.slice(0, presented.indexOf("."))));
        // jose reads a header with a byte order mark too, which is no JSON.
        if (header.startsWith("\ufeff") || hasTwinMembers(header)) return INVALID;
        payload = decodeText(verified.payload);
      } catch {
        return INVALID;
      }
      const claims = readClaims(payload);
      return claims === null ? INVALID : checkClaims(claims, options.rules, BigInt(Math.floor(options.nowMs() / 1000)));
    },
  };
}

export interface MintOptions {
  /** Unix seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly issuer: string | null;
  readonly audience: string | null;
  readonly subject: string | null;
}

/** A token that a server with this secret accepts until it expires. @throws CodexError AUTH_SETUP */
export async function mintSignedToken(secret: string, options: MintOptions): Promise<string> {
  const key = await importSecret(secret, "sign");
  const token = new SignJWT({}).setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt(options.issuedAt).setExpirationTime(options.expiresAt);
  if (options.issuer !== null) token.setIssuer(options.issuer);
  if (options.audience !== null) token.setAudience(options.audience);
  if (options.subject !== null) token.setSubject(options.subject);
  return await token.sign(key);
}

/** Not extractable: nothing can read the secret back out of the key. */
async function importSecret(secret: string, usage: "sign" | "verify"): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  if (bytes.length < MIN_SECRET_BYTES) {
    throw new CodexError("AUTH_SETUP", `must be at least ${MIN_SECRET_BYTES} bytes`);
  }
  return await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [usage]);
}

/** @throws TypeError for bytes that are no UTF-8. A byte order mark is not taken away: JSON has none. */
function decodeText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

interface Claims {
  readonly exp: bigint;
  readonly nbf: bigint | null;
  readonly iss: string | null;
  /** Null: there is none. */
  readonly aud: readonly string[] | null;
  readonly sub: string | null;
}

function readClaims(text: string): Claims | null {
  let value: unknown;
  try {
    value = JSON.parse(text, exactInteger);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || hasTwinMembers(text)) return null;
  const { exp, nbf = null, iss = null, aud = null, sub = null } = value as Record<string, unknown>; // is an object
  if (typeof exp !== "bigint") return null;
  if (nbf !== null && typeof nbf !== "bigint") return null;
  if (iss !== null && typeof iss !== "string") return null;
  const audiences = typeof aud === "string" ? [aud] : aud;
  if (audiences !== null && !isTexts(audiences)) return null;
  return { exp, nbf, iss, aud: audiences, sub: typeof sub === "string" ? sub : null };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/**
 * Numbers that were written as integers of 64 bits become bigints, exactly; all others stay what they are and are no
 * times. The third argument is a newer part of the language that the types do not know yet.
 */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined || !/^-?(0|[1-9][0-9]{0,18})$/.test(source)) return value;
  const integer = BigInt(source);
  return integer >= MIN_I64 && integer <= MAX_I64 ? integer : value;
}

function checkClaims(claims: Claims, rules: ClaimRules, now: bigint): Verdict {
  const skew = rules.maxClockSkewSeconds;
  if (now > claims.exp + skew) return EXPIRED;
  if (claims.nbf !== null && claims.nbf > now + skew) return EARLY;
  const issuer = rules.issuer?.trim() ?? "";
  if (issuer !== "" && claims.iss !== issuer) return WRONG_ISSUER;
  const audience = rules.audience?.trim() ?? "";
  if (audience !== "" && !(claims.aud ?? []).includes(audience)) return WRONG_AUDIENCE;
  return { valid: true, subject: claims.sub };
}
