// May this upgrade pass? A pure question about one header; the refusals are fixed texts that tell nothing of the secret.
import { readBearer } from "./bearer.ts";
import type { AuthPolicy } from "./policy.ts";

export type Authorization =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly status: 401; readonly reason: string };

const ALLOWED: Authorization = { allowed: true };

/** `authorization` is the header's value, null when it is not there; several headers joined by a comma never match. */
export async function authorizeUpgrade(policy: AuthPolicy, authorization: string | null): Promise<Authorization> {
  if (policy.kind === "open") return ALLOWED;
  const bearer = readBearer(authorization);
  // wire: the reasons are the reference's.
  if (bearer.kind === "missing") return refused("missing websocket bearer token");
  if (bearer.kind === "invalid") return refused("invalid authorization header");
  return await policy.token.matches(bearer.token) ? ALLOWED : refused("invalid websocket bearer token");
}

function refused(reason: string): Authorization {
  return { allowed: false, status: 401, reason };
}
