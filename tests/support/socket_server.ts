// The real door, guard and app server on a free port, with a fake agent behind them.
import { createAuthGate, type GateRequest } from "../../src/auth/create_gate.ts";
import { type AuthGate, OPEN_GATE } from "../../src/auth/gate.ts";
import { type Log, SILENT_LOG } from "../../src/base/log.ts";
import type { ListenTarget } from "../../src/host/listen_target.ts";
import { residentBytes } from "../../src/host/platform.ts";
import { openSocketTable } from "../../src/host/socket_table.ts";
import { type AppServer, createAppServer } from "../../src/server/app_server.ts";
import { type ConnectionGuardOptions, createConnectionGuard } from "../../src/server/connection_guard.ts";
import { type SocketServer, type SocketServerOptions, startSocketServer } from "../../src/server/listen_sockets.ts";
import { type Metrics, NO_METRICS } from "../../src/server/metrics.ts";
import { NO_REFUSALS, type Refusals } from "../../src/server/refusal_audit.ts";
import type { ServerServices } from "../../src/server/services.ts";
import { FakeAgent } from "../conversations/fake_agent.ts";
import { fakeServices } from "../conversations/fake_services.ts";
import { createMemoryFiles } from "./memory_files.ts";

export const LOOPBACK: ListenTarget = { kind: "tcp", hostname: "127.0.0.1", port: 0, tls: null };

export interface SocketServerUnderTest extends AsyncDisposable {
  readonly app: AppServer;
  readonly agent: FakeAgent;
  readonly listening: SocketServer;
  readonly port: number;
  /** Clients that are connected. */
  clients(): number;
}

export interface StartOptions {
  readonly gate?: AuthGate;
  readonly target?: ListenTarget;
  readonly isOwnUser?: SocketServerOptions["isOwnUser"];
  readonly metricsText?: () => string;
  readonly metrics?: Metrics;
  readonly refusals?: Refusals;
  readonly log?: Log;
  readonly services?: Partial<ServerServices>;
  readonly guard?: Partial<ConnectionGuardOptions>;
}

export async function startServer(options: StartOptions = {}): Promise<SocketServerUnderTest> {
  const { metrics = NO_METRICS, log = SILENT_LOG } = options;
  const made: FakeAgent[] = [];
  const services = fakeServices([], (ports) => {
    const agent = new FakeAgent(ports);
    made.push(agent);
    return agent;
  });
  const app = createAppServer({ ...services, metrics, log, ...options.services });
  const guard = createConnectionGuard({
    log,
    metrics,
    openTable: openSocketTable,
    residentBytes,
    trimMemory(): void {},
    nowMs: Date.now,
    ...options.guard,
  });
  const listening = await startSocketServer({
    server: app,
    target: options.target ?? LOOPBACK,
    guard,
    log,
    door: {
      gate: options.gate ?? OPEN_GATE,
      metrics,
      refusals: options.refusals ?? NO_REFUSALS,
      metricsText: options.metricsText ?? null,
    },
    isOwnUser: options.isOwnUser ?? null,
  });
  return {
    app,
    agent: made[0]!,
    listening,
    port: listening.address?.port ?? 0,
    clients: () => [...app.connections().values()].reduce((sum, count) => sum + count, 0),
    async [Symbol.asyncDispose](): Promise<void> {
      await app.shutdown(AbortSignal.abort());
      await listening.stop();
      guard.close();
    },
  };
}

/** A gate with the secret "s3cret" as capability token, or as asked. */
export function makeGate(
  request: GateRequest = { mode: "capability-token", tokenFile: "/t" },
  files = createMemoryFiles({ "/t": "s3cret", "/s": "0123456789abcdef0123456789abcdef" }),
): Promise<AuthGate> {
  return createAuthGate(request, {
    files,
    log: SILENT_LOG,
    failuresPerMinute: 0,
    graceSeconds: 0,
    nowMs: Date.now,
    every: () => () => {},
  });
}
