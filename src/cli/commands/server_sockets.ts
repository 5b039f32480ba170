// The part of `codex app-server` that listens on sockets: the door that the flags describe, one listener for each
// `--listen`, the reading of changed files, and the end in order.
import { createFailureLimit, type FailureLimit } from "../../auth/failure_limit.ts";
import { type AuthGate, OPEN_GATE } from "../../auth/gate.ts";
import type { SecretFiles } from "../../auth/secret_file.ts";
import { isLoopbackAddress } from "../../base/ip_address.ts";
import type { Log } from "../../base/log.ts";
import { systemClock } from "../../host/clock.ts";
import { findSignature } from "../../host/file_signature.ts";
import { findStat, readText } from "../../host/files.ts";
import { raiseOpenFilesLimit } from "../../host/open_files.ts";
import { readPlatform, residentBytes } from "../../host/platform.ts";
import { type EndSignal, onEndSignal } from "../../host/signals.ts";
import type { ListenTarget } from "../../host/listen_target.ts";
import { trimMemory } from "../../host/memory_trim.ts";
import { openSocketTable, type SocketTable } from "../../host/socket_table.ts";
import type { AppServer } from "../../server/app_server.ts";
import { bannerFields, serverBanner } from "../../server/banner.ts";
import type { Audit } from "../../server/audit.ts";
import { createConnectionGuard } from "../../server/connection_guard.ts";
import { type SocketServer, type SocketServerOptions, startSocketServer } from "../../server/listen_sockets.ts";
import type { Metrics } from "../../server/metrics.ts";
import { createOwnUserCheck } from "../../server/own_user.ts";
import { NO_REFUSALS, type Refusals } from "../../server/refusal_audit.ts";
import { serveUntilSignal, type WatchSignals } from "../../server/serve_until_signal.ts";
import type { ServiceStatus } from "../../server/service_status.ts";
import { openTlsFiles, type TlsFiles } from "../../server/tls_files.ts";
import type { CliContext } from "../command.ts";
import type { ListenAddress } from "../listen_address.ts";
import type { AppServerArgs } from "../high_args.ts";
import { hasColour } from "../style.ts";

export interface ServeSocketsOptions {
  readonly args: AppServerArgs;
  readonly context: CliContext;
  readonly log: Log;
  /** Where standard error is for machines: what people are told goes here instead, whatever is logged. */
  readonly notices: Log | null;
  readonly server: AppServer;
  readonly metrics: Metrics;
  readonly audit: Audit;
  readonly metricsText: (() => string) | null;
  readonly service: ServiceStatus;
  /** All addresses are listened on. */
  onListening(): void;
  onReloadSignal(listener: () => void): () => void;
}

/** How long a signal waits for running turns; well under the 90 s after which systemd kills. */
const DRAIN_MS = 30_000;
/** How often files that may have changed are looked at. */
const LOOK_EVERY_MS = 1_000;
/** How often counts of refused clients are looked at, whose minutes may be over. */
const SWEEP_EVERY_MS = 10_000;

const FILES: SecretFiles = { readText, findStat, signatureOf: (path) => findSignature(path)?.text ?? null };

/** Serves until SIGINT or SIGTERM. The result is the exit code. @throws CodexError LISTEN_FAILED, AUTH_SETUP */
export async function serveSockets(options: ServeSocketsOptions): Promise<number> {
  const { args, context, log, server, service } = options;
  // From the first line on that tells somebody that we are there.
  const signals = holdSignals();
  const gate = await openGate(args, log.for("auth"));
  const tls = args.tls === null ? null : await openTlsFiles(args.tls, FILES, log.for("tls"));
  const guard = createConnectionGuard({
    log: log.for("guard"),
    metrics: options.metrics,
    openTable(): SocketTable | null {
      raiseOpenFilesLimit();
      return openSocketTable();
    },
    residentBytes,
    trimMemory,
    nowMs: systemClock.nowMs,
  });
  const listeners: SocketServer[] = [];
  const stops: (() => void)[] = [signals.release, () => guard.close(), () => gate.close(), () => service.close()];
  try {
    const refusals = await openRefusals(args, options.audit);
    stops.push(() => refusals.close(), every(SWEEP_EVERY_MS, () => refusals.sweep()));
    const strangers = createFailureLimit({ perMinute: 0, log: log.for("auth"), nowMs: systemClock.nowMs });
    stops.push(every(SWEEP_EVERY_MS, () => strangers.sweep()));
    const ownUser = ownUserCheck(args, gate, strangers);
    for (const address of args.listen) {
      if (address.kind === "stdio" || address.kind === "off") continue;
      const listener = await startSocketServer({
        server,
        target: targetOf(address, tls),
        guard,
        log,
        door: { gate, refusals, metrics: options.metrics, metricsText: options.metricsText },
        isOwnUser: address.kind === "websocket" && isLoopbackAddress(address.host) ? ownUser : null,
      });
      listeners.push(listener);
      announce(listener, { gate, ownUserOnly: ownUser !== null, options });
    }
    const useTls = (always: boolean): Promise<void> | undefined =>
      tls?.refresh((identity) => listeners.forEach((listener) => listener.replaceTls(identity)), { always });
    if (tls !== null) stops.push(every(LOOK_EVERY_MS, () => void useTls(false)));
    stops.push(options.onReloadSignal(() => {
      log.info("Reading files again");
      void service.reloading(async () => void await Promise.all([gate.reload(), useTls(true)]));
    }));
    if (args.listen.some(({ kind }) => kind === "stdio")) await serveStdio(server);
    options.onListening();
    service.ready();
    await serveUntilSignal(server, {
      watchSignals: signals.watch,
      onStopping: () => service.stopping(DRAIN_MS),
      drain: {
        boundMs: DRAIN_MS,
        onDraining(threads): void {
          if (options.notices !== null) {
            options.notices.info("Waiting for running turns; a second signal ends now", {
              threads,
              seconds: DRAIN_MS / 1000,
            });
            return;
          }
          const turns = threads === 1 ? "a running turn" : `running turns of ${threads} threads`;
          context.printStderr(`waiting up to ${DRAIN_MS / 1000} s for ${turns}; a second signal ends now\n`);
        },
      },
    });
    return 0;
  } finally {
    await Promise.all(listeners.map((listener) => listener.stop()));
    for (const stop of stops) stop();
  }
}

/** Catches signals that end the process before anybody asks for them. */
function holdSignals(): { watch: WatchSignals; release(): void } {
  const early: EndSignal[] = [];
  let hear: (signal: EndSignal) => void = (signal) => void early.push(signal);
  const release = onEndSignal((signal) => hear(signal));
  return {
    release,
    watch(listener): () => void {
      hear = listener;
      early.splice(0).forEach(listener);
      return () => hear = (): void => {};
    },
  };
}

async function openGate({ auth }: AppServerArgs, log: Log): Promise<AuthGate> {
  if (auth === null) return OPEN_GATE;
  const [{ createAuthGate }, { forbidCoreDumps }] = await Promise.all([
    import("../../auth/create_gate.ts"),
    import("../../host/core_dumps.ts"),
  ]);
  forbidCoreDumps();
  return await createAuthGate(auth.request, {
    files: FILES,
    log,
    failuresPerMinute: auth.failuresPerMinute,
    graceSeconds: auth.graceSeconds,
    nowMs: systemClock.nowMs,
    every,
  });
}

async function openRefusals({ auditLog }: AppServerArgs, audit: Audit): Promise<Refusals> {
  if (auditLog === null) return NO_REFUSALS;
  const { createRefusals } = await import("../../server/refusal_audit.ts");
  return createRefusals(audit, systemClock.nowMs);
}

/** Null where everybody who reaches a listener may come in, or proves who he is. */
function ownUserCheck(
  args: AppServerArgs,
  gate: AuthGate,
  refusals: FailureLimit,
): SocketServerOptions["isOwnUser"] {
  const { os, uid } = readPlatform();
  if (gate.mode !== "none" || args.allowOtherUsers || os === "windows" || uid === null) return null;
  return createOwnUserCheck({
    uid,
    openOwners: async () => (await import("../../host/socket_owner.ts")).openSocketOwners(),
    refusals,
  });
}

function targetOf(
  address: Extract<ListenAddress, { kind: "websocket" | "unix" }>,
  tls: TlsFiles | null,
): ListenTarget {
  if (address.kind === "unix") return { kind: "unix", path: address.path };
  return {
    kind: "tcp",
    hostname: address.host,
    port: address.port,
    tls: address.secure ? tls?.identity ?? null : null,
  };
}

interface Announcement {
  readonly gate: AuthGate;
  readonly ownUserOnly: boolean;
  readonly options: ServeSocketsOptions;
}

function announce({ url, address }: SocketServer, { gate, ownUserOnly, options }: Announcement): void {
  const { context, log, notices } = options;
  const colour = hasColour(context.isStderrTerminal, context.environment);
  const facts = { url, address, auth: gate.mode, ownUserOnly, colour };
  if (notices === null) context.printStderr(serverBanner(facts));
  else notices.info("Ready for clients", bannerFields(facts));
  if (address !== null && gate.mode === "none" && !isLoopbackAddress(address.hostname)) {
    log.warn("Listening without authentication on an address that other machines may reach", { url });
  }
}

/** One more client; the end of its input is its end only. */
async function serveStdio(server: AppServer): Promise<void> {
  const [{ createJsonlStream }, { stdinBytes, writeStdout }] = await Promise.all([
    import("../../rpc/jsonl_stream.ts"),
    import("../../host/stdio.ts"),
  ]);
  const stream = createJsonlStream({ input: stdinBytes(), write: writeStdout });
  void server.connect(stream, { transport: "stdio", address: null, auth: "none", subject: null });
}

function every(ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms);
  return () => clearInterval(timer);
}
