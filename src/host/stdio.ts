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

/** As `printStdout`, on standard error. */
export function printStderr(text: string): void {
  printSync(Deno.stderr, text);
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
