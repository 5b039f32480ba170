// `codex app-server`: the agent for clients on stdio and on sockets, until its input ends or a signal comes. Puts
// together what the flags ask for; everything that a plain start does not need is loaded when it is wanted.
import { CodexError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { systemClock } from "../../host/clock.ts";
import { onReloadSignal } from "../../host/signals.ts";
import { writeStderr } from "../../host/stdio.ts";
import { NO_SERVICE, type ServiceStatus } from "../../server/service_status.ts";
import type { AppServer } from "../../server/app_server.ts";
import { parseLogFilter } from "../log_filter.ts";
import { type LogForm, makeLog } from "../log_lines.ts";
import type { CliContext } from "../command.ts";
import { composeServer } from "../compose.ts";
import type { AppServerArgs } from "../high_args.ts";
import { makeStderrLines, type StderrLines } from "../stderr_lines.ts";
import { hasColour } from "../style.ts";
import { makeObservers } from "./server_observers.ts";

/** When an operator is told what is wrong with configuration and machine, if no client came before. */
const WARNINGS_AFTER_MS = 250;
/** How long the end waits for a reader of standard error. */
const FLUSH_MS = 1_000;

export async function runAppServer(args: AppServerArgs, context: CliContext): Promise<number> {
  const stderr = openStderr(args, context);
  try {
    return await serve(args, { ...context, printStderr: stderr.print });
  } finally {
    await stderr.flush(FLUSH_MS);
  }
}

async function serve(args: AppServerArgs, context: CliContext): Promise<number> {
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
      notices: openNotices(args, context),
      server: house.server,
      metricsText: observers.textOf(house.server),
      metrics: observers.metrics,
      audit: observers.audit,
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

/** What the service manager tells this process alone. Source: systemd.exec(5), sd_notify(3), sd_listen_fds(3) */
const OF_SERVICE: ReadonlySet<string> = new Set([
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "LISTEN_PID",
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "INVOCATION_ID",
  "JOURNAL_STREAM",
  "SYSTEMD_EXEC_PID",
  "MANAGERPID",
  "CREDENTIALS_DIRECTORY",
  "MEMORY_PRESSURE_WATCH",
  "MEMORY_PRESSURE_WRITE",
]);

/** What the service manager says to this process is not for the commands that it runs. */
function withoutService(context: CliContext): CliContext {
  const environment = Object.fromEntries(
    Object.entries(context.environment).filter(([name]) => !OF_SERVICE.has(name)),
  );
  return { ...context, environment };
}

/** Everything on standard error goes this way, in order: a reader that stops must not stop the server. */
function openStderr(args: AppServerArgs, context: CliContext): StderrLines {
  return makeStderrLines({
    write: writeStderr,
    droppedText(count): string {
      let text = "";
      const log = makeLogTo((line) => text = `${line}\n`, args, context);
      log.warn("Lines were dropped because nobody reads them", { count });
      return text;
    },
  });
}

function openLog(args: AppServerArgs, context: CliContext): Log {
  const log = makeLogTo((line) => context.printStderr(`${line}\n`), args, context);
  const { ignored } = parseLogFilter(filterText(args, context));
  if (ignored.length > 0) log.warn("Cannot read a part of RUST_LOG, it is ignored", { part: ignored.join(",") });
  return log;
}

/** Null where people read standard error. With LOG_FORMAT=json every line is an object, also what is told at any level. */
function openNotices(args: AppServerArgs, context: CliContext): Log | null {
  if (logForm(context) !== "json") return null;
  return makeLogTo((line) => context.printStderr(`${line}\n`), { ...args, logLevel: "info" }, context);
}

function makeLogTo(printLine: (line: string) => void, args: AppServerArgs, context: CliContext): Log {
  return makeLog({
    filter: parseLogFilter(filterText(args, context)).filter,
    form: logForm(context),
    nowMs: systemClock.nowMs,
    printLine,
  });
}

function logForm({ environment, isStderrTerminal }: CliContext): LogForm {
  if (environment["LOG_FORMAT"] === "json") return "json";
  return hasColour(isStderrTerminal, environment) ? "human" : "plain";
}

function filterText({ logLevel }: AppServerArgs, { environment }: CliContext): string | null {
  return logLevel ?? environment["RUST_LOG"] ?? null;
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
