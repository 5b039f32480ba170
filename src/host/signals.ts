// Signals that ask the process to end.

/** "terminate" is SIGTERM, "interrupt" is SIGINT (Ctrl-C). */
export type EndSignal = "terminate" | "interrupt";

/** Calls `listener` for each signal until the returned function is called. While one listens, neither ends the process. */
export function onEndSignal(listener: (signal: EndSignal) => void): () => void {
  const interrupt = (): void => listener("interrupt");
  const terminate = (): void => listener("terminate");
  Deno.addSignalListener("SIGINT", interrupt);
  // Windows knows no SIGTERM; what ends a console process there is Ctrl-Break.
  const second = Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM";
  Deno.addSignalListener(second, terminate);
  return (): void => {
    Deno.removeSignalListener("SIGINT", interrupt);
    Deno.removeSignalListener(second, terminate);
  };
}
