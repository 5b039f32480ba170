// Tokens as a test wants them, right or wrong: every part is given, nothing is checked.

const encoder = new TextEncoder();

export function base64Url(bytes: Uint8Array | string): string {
  const raw = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
  return btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export interface JwtParts {
  readonly header?: unknown;
  /** The header as JSON text, instead of `header`. */
  readonly headerText?: string;
  /** Text is taken as it is. */
  readonly claims: unknown;
  readonly secret: string;
  readonly hash?: "SHA-256" | "SHA-384" | "SHA-512";
}

export async function makeJwt(parts: JwtParts): Promise<string> {
  const { header = { alg: "HS256", typ: "JWT" }, claims, secret, hash = "SHA-256" } = parts;
  const head = base64Url(parts.headerText ?? JSON.stringify(header));
  const body = base64Url(typeof claims === "string" ? claims : JSON.stringify(claims));
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`${head}.${body}`)));
  return `${head}.${body}.${base64Url(signature)}`;
}
