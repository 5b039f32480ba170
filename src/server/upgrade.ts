// The door: which HTTP requests become connections. A browser's page (anything with an Origin) is refused before all
// else, probes are answered, then the upgrade must be well formed, come from a user that may, and be authorized. The
// order and the texts are those of the reference. Credentials are looked at before anything is upgraded.
import type { AuthGate, Authorization } from "../auth/gate.ts";
import type { TcpAddress } from "../host/socket_table.ts";
import type { ClientOrigin } from "./client_origin.ts";
import { hostAndPort } from "./listen_address.ts";
import type { HandshakeOutcome, Metrics } from "./metrics.ts";
import type { Refusals } from "./refusal_audit.ts";

/** Whether a client of this machine is a program of the server's own user. */
export type OwnerCheck = (peer: TcpAddress) => Promise<boolean>;

export interface Door {
  readonly transport: "ws" | "wss" | "unix";
  readonly gate: AuthGate;
  /** Null: whoever reaches the listener may come in. */
  readonly isOwnUser: OwnerCheck | null;
  readonly metrics: Metrics;
  /** Hears of those who may not come in. */
  readonly refusals: Pick<Refusals, "refused">;
  /** What `GET /metrics` answers; null: there is no such thing. */
  readonly metricsText: (() => string) | null;
  /** The server ends: it takes no new clients. */
  isClosing(): boolean;
}

export type Decision =
  | { readonly response: Response }
  /** Upgrade it. */
  | { readonly origin: ClientOrigin };

const OTHER_USER = "this server serves only programs of its own user";

/** Never rejects. */
export async function decideUpgrade(request: Request, peer: TcpAddress | null, door: Door): Promise<Decision> {
  const { headers, method } = request;
  const answer = (outcome: HandshakeOutcome, response: Response): Decision => {
    door.metrics.handshake(outcome);
    return { response };
  };
  const refuse = (outcome: HandshakeOutcome, response: Response, reason: string): Decision => {
    door.refusals.refused({
      transport: door.transport,
      address: peer?.hostname ?? null,
      status: response.status,
      reason,
    });
    return answer(outcome, response);
  };
  if (headers.has("origin")) return refuse("origin", new Response(null, { status: 403 }), "Origin header");
  const { pathname } = new URL(request.url);
  if (pathname === "/healthz") return answer("probe", probeResponse(method, 200));
  if (pathname === "/readyz") return answer("probe", probeResponse(method, door.isClosing() ? 503 : 200));
  const asksMetrics = pathname === "/metrics" && door.metricsText !== null && method === "GET";
  const problem = asksMetrics ? null : upgradeProblem(request);
  if (problem !== null) return answer("malformed", textResponse(problem.status, problem.reason));
  if (door.isClosing()) return answer("closing", textResponse(503, "server is shutting down"));
  if (door.isOwnUser !== null && (peer === null || !await door.isOwnUser(peer))) {
    return refuse("other_user", textResponse(403, OTHER_USER), OTHER_USER);
  }
  const authorization = await door.gate.authorize(headers.get("authorization"), peer?.hostname ?? null);
  if (!authorization.allowed) {
    const outcome = authorization.status === 429 ? "rate_limited" : "unauthorized";
    return refuse(outcome, refusal(authorization), authorization.reason);
  }
  if (asksMetrics && door.metricsText !== null) {
    const text = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
    return { response: new Response(door.metricsText(), { headers: text }) };
  }
  door.metrics.handshake("accepted");
  const address = peer === null ? null : hostAndPort(peer.hostname, peer.port);
  return { origin: { transport: door.transport, address, auth: door.gate.mode, subject: authorization.subject } };
}

function probeResponse(method: string, status: number): Response {
  if (method === "GET") return new Response(null, { status });
  // wire: the length of what a GET is answered, which the runtime leaves out here.
  if (method === "HEAD") return new Response(null, { status, headers: { "content-length": "0" } });
  return new Response(null, { status: 405, headers: { allow: "GET,HEAD" } });
}

function refusal({ status, reason, retryAfterSeconds }: Extract<Authorization, { allowed: false }>): Response {
  return textResponse(status, reason, retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) });
}

function textResponse(status: number, reason: string, headers: Readonly<Record<string, string>> = {}): Response {
  // wire: with the space, which the runtime's own value does not have.
  return new Response(reason, { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers } });
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
