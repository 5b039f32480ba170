// The end of a server that listens. A signal lets running turns end first where `drain` says so, for a bounded time;
// without it, and at the second signal, they are interrupted and written to disk at once.
import type { EndSignal } from "../host/signals.ts";
import type { AppServer } from "./app_server.ts";

export type WatchSignals = (listener: (signal: EndSignal) => void) => () => void;

export interface DrainOptions {
  /** The longest wait for running turns, in milliseconds. */
  readonly boundMs: number;
  /** Called when the wait begins, with the number of threads that are at work. */
  readonly onDraining: (threads: number) => void;
}

export interface ServeOptions {
  readonly watchSignals: WatchSignals;
  readonly drain?: DrainOptions;
  /** Called at the first signal, or at the end of input. */
  readonly onStopping?: () => void;
  /** When this settles, the server ends at once, without a signal. */
  readonly endOfInput?: Promise<unknown>;
}

/** Settles when the server has shut down. */
export async function serveUntilSignal(server: AppServer, options: ServeOptions): Promise<void> {
  const { drain } = options;
  const asked = Promise.withResolvers<void>();
  const atOnce = new AbortController();
  let bound: ReturnType<typeof setTimeout> | undefined;
  let signals = 0;
  const unwatch = options.watchSignals(() => {
    signals++;
    const threads = signals === 1 ? server.runningTurns() : 0;
    if (drain === undefined || signals > 1) atOnce.abort(new Error("asked to end at once"));
    else if (threads > 0) {
      bound = setTimeout(() => atOnce.abort(new Error("waited long enough")), drain.boundMs);
      drain.onDraining(threads);
    }
    asked.resolve();
  });
  void options.endOfInput?.then(() => {
    atOnce.abort(new Error("end of input"));
    asked.resolve();
  });
  try {
    await asked.promise;
    options.onStopping?.();
    await server.shutdown(atOnce.signal);
  } finally {
    clearTimeout(bound);
    unwatch();
  }
}
