// Tells the service manager how the server is doing: ready, reloading, stopping, alive, and one line about its work.
// Without one (no NOTIFY_SOCKET) there is nobody to tell and nothing runs. Source: sd_notify(3), sd_watchdog_enabled(3).
import type { NotifySocket } from "../host/notify_socket.ts";

export interface ServiceStatus {
  /** Everything listens. */
  ready(): void;
  /** Files are read again while `work` runs. */
  reloading(work: () => Promise<void>): Promise<void>;
  /** The end has begun and takes up to `boundMs`. */
  stopping(boundMs: number): void;
  /** Something that `describe` tells has changed. */
  changed(): void;
  close(): void;
}

export interface ServiceStatusOptions {
  readonly socket: NotifySocket;
  readonly environment: Readonly<Record<string, string>>;
  readonly pid: number;
  /** One line, e.g. "2 clients, 1 running turn". */
  describe(): string;
}

export const NO_SERVICE: ServiceStatus = {
  ready(): void {},
  reloading: (work) => work(),
  stopping(): void {},
  changed(): void {},
  close(): void {},
};

/** STATUS= is told this often at most. */
const STATUS_EVERY_MS = 1_000;

export function createServiceStatus({ socket, environment, pid, describe }: ServiceStatusOptions): ServiceStatus {
  const everyMs = watchdogMs(environment, pid);
  let watchdog: ReturnType<typeof setInterval> | undefined;
  let statusTimer: ReturnType<typeof setTimeout> | undefined;
  let isStopping = false;

  function tell(...lines: readonly string[]): void {
    socket.send(lines.join("\n"));
  }

  function ready(): void {
    tell("READY=1", `STATUS=${describe()}`, `MAINPID=${pid}`);
    // From the event loop, so that one that hangs is noticed.
    if (everyMs !== null) watchdog ??= setInterval(() => tell("WATCHDOG=1"), everyMs);
  }

  return {
    ready,
    async reloading(work): Promise<void> {
      tell("RELOADING=1", `MONOTONIC_USEC=${socket.monotonicMicros()}`);
      try {
        await work();
      } finally {
        if (!isStopping) tell("READY=1", `STATUS=${describe()}`);
      }
    },
    stopping(boundMs): void {
      isStopping = true;
      tell("STOPPING=1", `EXTEND_TIMEOUT_USEC=${(boundMs + 5_000) * 1000}`, `STATUS=Stopping: ${describe()}`);
    },
    changed(): void {
      statusTimer ??= setTimeout(() => {
        statusTimer = undefined;
        tell(`STATUS=${isStopping ? "Stopping: " : ""}${describe()}`);
      }, STATUS_EVERY_MS);
    },
    close(): void {
      clearInterval(watchdog);
      clearTimeout(statusTimer);
    },
  };
}

/** Half of what the service manager allows; null when it does not watch this process. */
function watchdogMs(environment: Readonly<Record<string, string>>, pid: number): number | null {
  const micros = Number(environment["WATCHDOG_USEC"] ?? Number.NaN);
  const of = environment["WATCHDOG_PID"];
  if (!(micros > 0) || (of !== undefined && of !== String(pid))) return null;
  return Math.max(1, Math.floor(micros / 2000));
}
