// What a signed token (JWT) says of its own time, for a person whose token was refused. Nothing is verified here, and
// nothing but the times is read.

/** Why a token is out of its time, e.g. "it expired 2 hours ago"; null when it is not, or has no times. */
export function describeTokenTime(token: string, nowMs: number): string | null {
  const claims = readClaims(token);
  if (claims === null) return null;
  const nowSeconds = nowMs / 1000;
  const { exp, nbf } = claims;
  if (typeof exp === "number" && exp < nowSeconds) return `it expired ${duration(nowSeconds - exp)} ago`;
  if (typeof nbf === "number" && nbf > nowSeconds) return `it is not valid for another ${duration(nbf - nowSeconds)}`;
  return null;
}

function readClaims(token: string): { readonly exp?: unknown; readonly nbf?: unknown } | null {
  const parts = token.split(".");
  const [, middle] = parts;
  if (parts.length !== 3 || middle === undefined) return null;
  try {
    const claims: unknown = JSON.parse(atob(middle.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof claims === "object" && claims !== null ? claims : null;
  } catch {
    return null; // no JWT after all
  }
}

function duration(seconds: number): string {
  const steps = [[86_400, "day"], [3_600, "hour"], [60, "minute"]] as const;
  for (const [size, name] of steps) {
    const count = Math.floor(seconds / size);
    if (count > 0) return `${count} ${name}${count === 1 ? "" : "s"}`;
  }
  const count = Math.max(1, Math.floor(seconds));
  return `${count} second${count === 1 ? "" : "s"}`;
}
