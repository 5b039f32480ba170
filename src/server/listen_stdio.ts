// `app-server` on standard input and output: one client, JSON lines. The end of input and a signal both end the process
// with 0; what runs is interrupted and on disk by then.
import { onEndSignal } from "../host/signals.ts";
import { stdinBytes, writeStdout } from "../host/stdio.ts";
import { createJsonlStream } from "../rpc/jsonl_stream.ts";
import type { MessageStream } from "../rpc/message_stream.ts";
import type { AppServer } from "./app_server.ts";
import { serveUntilSignal, type WatchSignals } from "./serve_until_signal.ts";

export interface StdioServerOptions {
  readonly server: AppServer;
  readonly watchSignals?: WatchSignals;
  /** Instead of the process's own standard streams. */
  readonly stream?: MessageStream;
}

/** Serves until the end of input or a signal. The result is the exit code. */
export async function runStdioServer(options: StdioServerOptions): Promise<number> {
  const { server } = options;
  const stream = options.stream ?? createJsonlStream({ input: stdinBytes(), write: writeStdout });
  await serveUntilSignal(server, {
    watchSignals: options.watchSignals ?? onEndSignal,
    endOfInput: server.connect(stream),
  });
  return 0;
}
