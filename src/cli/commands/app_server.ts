// `codex app-server`: the agent for clients on stdio and on sockets, until its input ends or a signal comes. Puts
// together what the flags ask for; everything that a plain start does not need is loaded when it is wanted.
import { CodexError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { systemClock } from "../../host/clock.ts";
import { onReloadSignal } from "../../host/signals.ts";
import { NO_SERVICE, type ServiceStatus } from "../../server/service_status.ts";
import type { AppServer } from "../../server/app_server.ts";
import { parseLogFilter } from "../log_filter.ts";
import { makeLog } from "../log_lines.ts";
import type { CliContext } from "../command.ts";
import { composeServer } from "../compose.ts";
import type { AppServerArgs } from "../high_args.ts";
import { hasColour } from "../style.ts";
import { makeObservers } from "./server_observers.ts";

/** When an operator is told what is wrong with configuration and machine, if no client came before. */
const WARNINGS_AFTER_MS = 250;

export async function runAppServer(args: AppServerArgs, context: CliContext): Promise<number> {
  if (args.listen.some(({ kind }) => kind === "off")) {
    // wire:
    throw new CodexError("USAGE", "no transport configured; use --listen or enable remote control");
  }
  const log = openLog(args, context);
  const hasSockets = args.listen.some(({ kind }) => kind !== "stdio");
  // Loaded while the rest is put together.
  const sockets = hasSockets ? import("./server_sockets.ts") : null;
  if (!hasSockets && args.auth !== null) log.warn("--ws-auth has no effect on stdio");
  const observers = await makeObservers(args, { log, folder: context.folder });
  const house = await composeServer({
    config: args.config,
    context: withoutService(context),
    brokenConfig: "warn",
    log,
    metrics: observers.metrics,
    audit: observers.audit,
    onWarning: ({ summary, details }) => log.warn(`${summary}${details ? ` (${details})` : ""}`),
  });
  let warningsTimer: ReturnType<typeof setTimeout> | undefined;
  try {
    if (sockets === null) {
      const { runStdioServer } = await import("../../server/listen_stdio.ts");
      return await runStdioServer({ server: house.server });
    }
    const service = await openService(house.server, context);
    const { serveSockets } = await sockets;
    return await serveSockets({
      args,
      context,
      log,
      server: house.server,
      metricsText: observers.textOf(house.server),
      metrics: observers.metrics,
      service,
      // The first client is answered before the disk is searched for what may be wrong.
      onListening: () => void (warningsTimer = setTimeout(() => house.lookForWarnings(), WARNINGS_AFTER_MS)),
      onReloadSignal,
    });
  } finally {
    clearTimeout(warningsTimer);
    await house.close();
    await observers.close();
  }
}

/** What the service manager says to this process is not for the commands that it runs. */
function withoutService(context: CliContext): CliContext {
  const { NOTIFY_SOCKET: _socket, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, ...environment } = context.environment;
  return { ...context, environment };
}

function openLog({ logLevel }: AppServerArgs, context: CliContext): Log {
  const { environment, isStderrTerminal } = context;
  const { filter, ignored } = parseLogFilter(logLevel ?? environment["RUST_LOG"] ?? null);
  const log = makeLog({
    filter,
    form: environment["LOG_FORMAT"] === "json" ? "json" : hasColour(isStderrTerminal, environment) ? "human" : "plain",
    nowMs: systemClock.nowMs,
    printLine: (line) => context.printStderr(`${line}\n`),
  });
  if (ignored.length > 0) log.warn("Cannot read a part of RUST_LOG, it is ignored", { part: ignored.join(",") });
  return log;
}

async function openService(server: AppServer, { environment }: CliContext): Promise<ServiceStatus> {
  const name = environment["NOTIFY_SOCKET"];
  if (name === undefined) return NO_SERVICE;
  const [{ openNotifySocket }, { createServiceStatus }, { processId }] = await Promise.all([
    import("../../host/notify_socket.ts"),
    import("../../server/service_status.ts"),
    import("../../host/platform.ts"),
  ]);
  const socket = openNotifySocket(name);
  if (socket === null) return NO_SERVICE;
  const service = createServiceStatus({
    socket,
    environment,
    pid: processId(),
    describe(): string {
      const clients = [...server.connections().values()].reduce((sum, count) => sum + count, 0);
      return `${counted(clients, "client")}, ${counted(server.runningTurns(), "running turn")}`;
    },
  });
  server.onChange(() => service.changed());
  return service;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
