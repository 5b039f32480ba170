// The end of a server that listens: the first signal lets running turns end, the second ends at once.
import type { EndSignal } from "../host/signals.ts";
import type { AppServer } from "./app_server.ts";

export type WatchSignals = (listener: (signal: EndSignal) => void) => () => void;

export interface ServeOptions {
  readonly watchSignals: WatchSignals;
  /** When this settles, the server ends at once, without a signal. */
  readonly endOfInput?: Promise<unknown>;
}

/** Settles when the server has shut down. */
export async function serveUntilSignal(server: AppServer, options: ServeOptions): Promise<void> {
  const asked = Promise.withResolvers<void>();
  const atOnce = new AbortController();
  let signals = 0;
  const unwatch = options.watchSignals(() => {
    signals++;
    asked.resolve();
    if (signals > 1) atOnce.abort(new Error("second signal"));
  });
  void options.endOfInput?.then(() => {
    asked.resolve();
    atOnce.abort(new Error("end of input"));
  });
  try {
    await asked.promise;
    await server.shutdown(atOnce.signal);
  } finally {
    unwatch();
  }
}
