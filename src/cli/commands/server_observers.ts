// What the operator of a server asked to see: metrics and the audit log. Neither is loaded unless its flag is given.
import { joinPath } from "../../base/absolute_path.ts";
import type { Log } from "../../base/log.ts";
import { systemClock } from "../../host/clock.ts";
import type { AppServer } from "../../server/app_server.ts";
import { type Audit, NO_AUDIT } from "../../server/audit.ts";
import { type Metrics, NO_METRICS } from "../../server/metrics.ts";
import type { ServerArgs } from "../server_args.ts";

export interface Observers {
  readonly metrics: Metrics;
  readonly audit: Audit;
  /** What `GET /metrics` answers; null without `--metrics`. */
  textOf(server: AppServer): (() => string) | null;
  /** Settles when everything is written. */
  close(): Promise<void>;
}

export interface ObserverOptions {
  readonly log: Log;
  /** Relative paths start here. */
  readonly folder: string;
}

/** @throws CodexError AUTH_SETUP for an audit log that cannot be written. */
export async function makeObservers(args: ServerArgs, options: ObserverOptions): Promise<Observers> {
  const audit = args.auditLog === null ? null : await openAudit(joinPath(options.folder, args.auditLog), options.log);
  const counted = args.metrics ? await countMetrics() : null;
  return {
    metrics: counted?.metrics ?? NO_METRICS,
    audit: audit ?? NO_AUDIT,
    textOf: (server) => counted === null ? null : () => counted.textOf(server),
    close: async () => await audit?.flush(),
  };
}

async function openAudit(path: string, log: Log): Promise<Audit & { flush(): Promise<void> }> {
  const [{ openAuditFile }, { openAppend }] = await Promise.all([
    import("../audit_file.ts"),
    import("../../host/files.ts"),
  ]);
  return await openAuditFile({
    path,
    log: log.for("audit"),
    nowMs: systemClock.nowMs,
    async append(file, text): Promise<void> {
      const opened = await openAppend(file, { mode: 0o600 });
      try {
        await opened.write(new TextEncoder().encode(text));
      } finally {
        await opened.close();
      }
    },
  });
}

async function countMetrics(): Promise<{ metrics: Metrics; textOf(server: AppServer): string }> {
  const [{ createMetrics }, { clientRequests }, { heapBytes, residentBytes }, { VERSION }] = await Promise.all([
    import("../../server/metrics_text.ts"),
    import("../../protocol/client_requests.ts"),
    import("../../host/platform.ts"),
    import("../../protocol/version.ts"),
  ]);
  const metrics = createMetrics((name) => Object.hasOwn(clientRequests, name));
  const startedAt = Math.floor(systemClock.nowMs() / 1000);
  return {
    metrics,
    textOf: (server) =>
      metrics.text({
        connections: () => server.connections(),
        queueBytes: () => server.queueBytes(),
        runningTurns: () => server.runningTurns(),
        loadedThreads: () => server.agent.loadedIds().length,
        memory: () => ({ residentBytes: residentBytes(), heapBytes: heapBytes() }),
        startedAt,
        version: VERSION,
      }),
  };
}
