// Signals that ask the process to end, or to read its files again.

/** "terminate" is SIGTERM, "interrupt" is SIGINT (Ctrl-C). */
export type EndSignal = "terminate" | "interrupt";

/** Calls `listener` for each signal until the returned function is called. While one listens, neither ends the process. */
export function onEndSignal(listener: (signal: EndSignal) => void): () => void {
  // Windows knows no SIGTERM; what ends a console process there is Ctrl-Break.
  const second = Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM";
  const stopFirst = onSignal("SIGINT", () => listener("interrupt"));
  const stopSecond = onSignal(second, () => listener("terminate"));
  return (): void => {
    stopFirst();
    stopSecond();
  };
}

/** SIGHUP. Where there is no such signal, nobody calls. */
export function onReloadSignal(listener: () => void): () => void {
  return Deno.build.os === "windows" ? (): void => {} : onSignal("SIGHUP", listener);
}

function onSignal(name: Deno.Signal, listener: () => void): () => void {
  Deno.addSignalListener(name, listener);
  return () => Deno.removeSignalListener(name, listener);
}
