// Tokens as a test wants them, right or wrong: every part is given, nothing is checked.

const encoder = new TextEncoder();

export function base64Url(bytes: Uint8Array | string): string {
  const raw = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
  return btoa(String.fromCharCode(...raw)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export interface JwtParts {
  readonly header?: unknown;
  /** Text is taken as it is. */
  readonly claims: unknown;
  readonly secret: string;
  readonly hash?: "SHA-256" | "SHA-384" | "SHA-512";
}

export async function makeJwt({ header, claims, secret, hash = "SHA-256" }: JwtParts): Promise<string> {
  const head = base64Url(JSON.stringify(header === undefined ? { alg: "HS256", typ: "JWT" } : header));
  const body = base64Url(typeof claims === "string" ? claims : JSON.stringify(claims));
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(`${head}.${body}`)));
  return `${head}.${body}.${base64Url(signature)}`;
}
