// A user and a password that only the commands of one plan know, where a proxy listens on a port that other users and
// programs of the machine reach too. Compared over digests, so that the time taken tells nothing.

export interface ProxyCredentials {
  readonly user: string;
  readonly password: string;
}

const RANDOM_BYTES = 24;

export function makeProxyCredentials(): ProxyCredentials {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return { user: "codex", password: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
}

/** The value of a `Proxy-Authorization` line. */
export async function isAuthorized(credentials: ProxyCredentials, value: string | undefined): Promise<boolean> {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(value ?? "")?.[1] ?? "";
  let text = "";
  try {
    text = atob(encoded);
  } catch {
    // Not base64: the comparison below fails, in the same time.
  }
  return await isSame(text, `${credentials.user}:${credentials.password}`);
}

export async function isSame(given: string, wanted: string): Promise<boolean> {
  const [a, b] = await Promise.all([given, wanted].map(digest));
  let difference = 0;
  for (let at = 0; at < 32; at++) difference |= (a?.[at] ?? 0) ^ (b?.[at] ?? 0);
  return difference === 0;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
