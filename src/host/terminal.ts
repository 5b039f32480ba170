// The user's terminal as far as the operating system is concerned: is there one, write to it, put its modes back,
// stop this process (Ctrl-Z). What is drawn on it is the business of src/tui.

export interface TerminalHost {
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  /** Writes at once, bypassing every queue. Does nothing when the terminal has gone. */
  writeStdout(text: string): void;
  writeStderr(text: string): void;
  /** Ends raw mode of the keyboard. */
  leaveRawMode(): void;
  /** Hears SIGTERM, SIGHUP and SIGINT sent from outside. Returns the function that stops it. */
  onTerminate(listener: (signal: "SIGTERM" | "SIGHUP" | "SIGINT") => void): () => void;
  /** Stops this process until the shell continues it; settles afterwards. False where the system has no such thing. */
  suspend(): Promise<boolean>;
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The terminal has gone: there is nobody left to tell.
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  attempt(() => {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  });
}

export function openTerminal(): TerminalHost {
  return {
    stdinIsTerminal: Deno.stdin.isTerminal(),
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    writeStdout: (text) => writeAll(Deno.stdout, text),
    writeStderr: (text) => writeAll(Deno.stderr, text),
    leaveRawMode: () => attempt(() => Deno.stdin.setRaw(false)),
    onTerminate(listener): () => void {
      const signals = Deno.build.os === "windows" ? (["SIGINT"] as const) : (["SIGTERM", "SIGHUP", "SIGINT"] as const);
      const stops = signals.map((signal) => {
        const hear = (): void => listener(signal);
        Deno.addSignalListener(signal, hear);
        return () => Deno.removeSignalListener(signal, hear);
      });
      return () => stops.forEach((stop) => stop());
    },
    suspend(): Promise<boolean> {
      if (Deno.build.os === "windows") return Promise.resolve(false);
      return new Promise((resolve) => {
        const resumed = (): void => {
          Deno.removeSignalListener("SIGCONT", resumed);
          resolve(true);
        };
        Deno.addSignalListener("SIGCONT", resumed);
        Deno.kill(Deno.pid, "SIGSTOP");
      });
    },
  };
}
