// Which HTTP requests become connections: probes are answered, a browser's page (anything with an Origin) is refused
// before all else, then the upgrade must be well formed, then it must be authorized. The order and the texts are those
// of the reference.
import { authorizeUpgrade } from "../auth/authorize.ts";
import type { AuthPolicy } from "../auth/policy.ts";

const PROBES = new Set(["/readyz", "/healthz"]);

/** A response that answers or refuses the request, or null: upgrade it. */
export async function decideUpgrade(request: Request, policy: AuthPolicy): Promise<Response | null> {
  const { headers, method } = request;
  if (headers.has("origin")) return new Response(null, { status: 403 });
  if (PROBES.has(new URL(request.url).pathname)) return answerProbe(method);
  const problem = upgradeProblem(request);
  if (problem !== null) return new Response(problem.reason, { status: problem.status });
  const decision = await authorizeUpgrade(policy, headers.get("authorization"));
  return decision.allowed ? null : new Response(decision.reason, { status: decision.status });
}

function answerProbe(method: string): Response {
  if (method === "GET" || method === "HEAD") return new Response(null, { status: 200 });
  return new Response(null, { status: 405, headers: { allow: "GET,HEAD" } });
}

function upgradeProblem({ headers, method }: Request): { status: number; reason: string } | null {
  // wire: the reasons are the reference's.
  if (method !== "GET") return { status: 405, reason: "Request method must be `GET`" };
  if (!mentions(headers.get("connection"), "upgrade")) {
    return { status: 400, reason: "Connection header did not include 'upgrade'" };
  }
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return { status: 400, reason: "`Upgrade` header did not include 'websocket'" };
  }
  if (headers.get("sec-websocket-version") !== "13") {
    return { status: 400, reason: "`Sec-WebSocket-Version` header did not include '13'" };
  }
  if (!headers.has("sec-websocket-key")) return { status: 400, reason: "`Sec-WebSocket-Key` header missing" };
  return null;
}

function mentions(header: string | null, word: string): boolean {
  return header?.split(",").some((part) => part.trim().toLowerCase() === word) ?? false;
}
