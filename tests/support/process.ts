// Child processes for tests: run one to its end, or start one and wait for a line of its output. Every process is
// ended by its own pid, and every wait has a deadline and names what it waited for.

/** Milliseconds that a wait may take when the caller says nothing; generous, because two cores may be busy. */
export const WAIT_MS = 30_000;

export interface CommandLine {
  command: string;
  args: string[];
}

export interface RunOptions {
  cwd?: string;
  /** The whole environment of the child; default: this process's. */
  env?: Record<string, string>;
  stdin?: string;
  /** Default 60 s; then the child is killed and `code` is 124. */
  timeoutMs?: number;
}

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Runs a command to its end. A missing executable throws `Deno.errors.NotFound`. */
export async function run(line: CommandLine, options: RunOptions = {}): Promise<RunResult> {
  const child = new Deno.Command(line.command, {
    args: line.args,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env, clearEnv: true }),
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill(child, "SIGKILL");
  }, options.timeoutMs ?? 60_000);
  try {
    if (options.stdin !== undefined) {
      const writer = child.stdin.getWriter();
      // A child that does not read its input closes the pipe; that is its right.
      await writer.write(encoder.encode(options.stdin)).catch(() => {});
      await writer.close().catch(() => {});
    }
    const output = await child.output();
    return {
      code: timedOut ? 124 : output.code,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  } finally {
    clearTimeout(timer);
  }
}

function kill(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // Already gone.
  }
}

export interface StartOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** True keeps stdin open for `write`; default false. */
  stdin?: boolean;
}

/** A running child whose output lines are kept. `await using` ends it. */
export class RunningProcess implements AsyncDisposable {
  readonly stdoutLines: string[] = [];
  readonly stderrLines: string[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #readers: Promise<void>[];
  readonly #wakers = new Set<() => void>();
  readonly #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #onStdoutLine: ((line: string) => void) | undefined;
  #status: Deno.CommandStatus | undefined;

  constructor(line: CommandLine, options: StartOptions = {}) {
    this.#child = new Deno.Command(line.command, {
      args: line.args,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env, clearEnv: true }),
      stdin: options.stdin ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    if (options.stdin) this.#writer = this.#child.stdin.getWriter();
    this.#readers = [
      this.#read(this.#child.stdout, this.stdoutLines, (text) => this.#onStdoutLine?.(text)),
      this.#read(this.#child.stderr, this.stderrLines, () => {}),
    ];
    void this.#child.status.then((status) => {
      this.#status = status;
      this.#wake();
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The exit status once it ended; a test that wants to wait calls `exit`. */
  get status(): Deno.CommandStatus | undefined {
    return this.#status;
  }

  /** Called with every later line of stdout. */
  onStdoutLine(listener: (line: string) => void): void {
    this.#onStdoutLine = listener;
  }

  async write(text: string): Promise<void> {
    await this.#writer?.write(encoder.encode(text));
  }

  async closeStdin(): Promise<void> {
    await this.#writer?.close().catch(() => {});
  }

  /** The first match of `pattern` in any output line, now or later; throws at the deadline or when the child ends. */
  async waitForLine(pattern: RegExp, timeoutMs = WAIT_MS): Promise<RegExpExecArray> {
    const deadline = Date.now() + timeoutMs;
    while (true) {
      for (const text of [...this.stderrLines, ...this.stdoutLines]) {
        const match = pattern.exec(text);
        if (match) return match;
      }
      const ended = this.#status;
      if (ended !== undefined || Date.now() > deadline) {
        const why = ended === undefined ? `within ${timeoutMs} ms` : `before exit ${ended.code}`;
        throw new Error(`Cannot see a line like ${pattern} ${why}\nstderr:\n${this.stderrLines.join("\n")}`);
      }
      await this.#nextChange(deadline - Date.now());
    }
  }

  /** Waits for the end, without asking for it. */
  async exit(timeoutMs = WAIT_MS): Promise<Deno.CommandStatus> {
    const deadline = Date.now() + timeoutMs;
    while (this.#status === undefined) {
      if (Date.now() > deadline) throw new Error(`Process ${this.pid} still runs after ${timeoutMs} ms`);
      await this.#nextChange(deadline - Date.now());
    }
    // What it wrote last is read too; a grandchild that keeps the pipe open must not hold the test.
    const timer = new AbortController();
    await Promise.race([Promise.all(this.#readers), delay(1000, timer.signal)]);
    timer.abort();
    return this.#status;
  }

  signal(signal: Deno.Signal): void {
    kill(this.#child, signal);
  }

  /** Ends the child: SIGTERM, and SIGKILL when it does not listen. */
  async stop(graceMs = 3000): Promise<void> {
    if (this.#status === undefined) {
      this.signal("SIGTERM");
      await this.exit(graceMs).catch(() => this.signal("SIGKILL"));
    }
    await this.#child.status;
    await this.closeStdin();
    await this.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #read(stream: ReadableStream<Uint8Array>, into: string[], each: (line: string) => void): Promise<void> {
    let rest = "";
    const text = new TextDecoder();
    for await (const chunk of stream) {
      const pieces = (rest + text.decode(chunk, { stream: true })).split("\n");
      rest = pieces.pop() ?? "";
      for (const piece of pieces) {
        into.push(piece);
        each(piece);
      }
      this.#wake();
    }
    if (rest !== "") into.push(rest);
    this.#wake();
  }

  #wake(): void {
    for (const waker of [...this.#wakers]) waker();
  }

  #nextChange(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, timeoutMs));
      this.#wakers.add(done);
    });
  }
}

/** Polls `probe` until it gives something other than undefined or false; throws `what` at the deadline. */
export async function waitUntil<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = WAIT_MS,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (true) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await delay(40);
  }
}

/** Resolves after `ms`, or at once when `signal` fires. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
