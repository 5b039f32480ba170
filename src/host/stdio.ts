// The process's own standard streams. Everything that the program prints goes through here.

const encoder = new TextEncoder();

/** Bytes of standard input until its end. Consumed once. */
export function stdinBytes(): ReadableStream<Uint8Array> {
  return Deno.stdin.readable;
}

/** Writes all of `bytes`; settles when the system has taken them. @throws when the reader has gone (EPIPE). */
export async function writeStdout(bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await Deno.stdout.write(rest));
}

/** Prints at once. A reader that has gone is ignored: there is nobody left to tell. */
export function printStdout(text: string): void {
  printSync(Deno.stdout, text);
}

/** As `printStdout`, on standard error. Whatever keeps it from being written: there is nowhere left to tell it. */
export function printStderr(text: string): void {
  try {
    printSync(Deno.stderr, text);
  } catch {
    // A full disk or a terminal that is gone must not end the work.
  }
}

/** How long to wait for a reader whose end of the pipe says that it is full. */
const FULL_PIPE_MS = 20;

/** Writes all of `bytes` to standard error without holding up the program, however long its reader takes. */
export async function writeStderr(bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(await Deno.stderr.write(rest));
    } catch (error) {
      // Somebody else made the pipe one that does not wait.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await new Promise((resolve) => setTimeout(resolve, FULL_PIPE_MS));
    }
  }
}

export function isStdinTerminal(): boolean {
  return Deno.stdin.isTerminal();
}

export function isStdoutTerminal(): boolean {
  return Deno.stdout.isTerminal();
}

export function isStderrTerminal(): boolean {
  return Deno.stderr.isTerminal();
}

function printSync(stream: typeof Deno.stdout | typeof Deno.stderr, text: string): void {
  let rest = encoder.encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
