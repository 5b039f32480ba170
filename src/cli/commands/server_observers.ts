// What the operator of a server asked to see: metrics and the audit log. Neither is loaded unless its flag is given.
import { joinPath } from "../../base/absolute_path.ts";
import type { Log } from "../../base/log.ts";
import { systemClock } from "../../host/clock.ts";
import type { AppServer } from "../../server/app_server.ts";
import { type Audit, NO_AUDIT } from "../../server/audit.ts";
import { type Metrics, NO_METRICS } from "../../server/metrics.ts";
import type { AuditFile } from "../audit_file.ts";
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
    async close(): Promise<void> {
      audit?.record({ event: "stopped" });
      await audit?.close();
    },
  };
}

async function openAudit(path: string, serverLog: Log): Promise<AuditFile> {
  const log = serverLog.for("audit");
  const [{ openAuditFile }, { AUDIT_DISK }, { findStat }, { looseMode }, { processId }, { VERSION }] = await Promise
    .all([
      import("../audit_file.ts"),
      import("../audit_disk.ts"),
      import("../../host/files.ts"),
      import("../../auth/secret_file.ts"),
      import("../../host/platform.ts"),
      import("../../protocol/version.ts"),
    ]);
  const audit = await openAuditFile({ path, log, disk: AUDIT_DISK, nowMs: systemClock.nowMs });
  const problem = await looseMode(path, { findStat });
  if (problem !== null) log.warn(`The audit log is not private: ${problem}`);
  audit.record({ event: "started", version: VERSION, processId: processId() });
  return audit;
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
