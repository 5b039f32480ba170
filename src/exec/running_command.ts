// A command that runs as its session sees it, and how long its output is waited for once the command itself is gone.
import type { HostProcess, SignalName } from "../host/process.ts";

export interface CommandProcess {
  readonly exited: Promise<number>;
  /** Settles when all output was handed out. */
  readonly outputEnded: Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  /** To the command and what it started. */
  signal(signal: SignalName): void;
  isAlive(): boolean;
}

/** Output that processes left behind may still print is not waited for any longer. */
const DRAIN_TIMEOUT_MS = 250;

export async function drained(child: HostProcess): Promise<void> {
  await child.exited;
  await drain(child.outputEnded, () => child.heldMs);
  child.abandonOutput();
}

/** Waits for the end of output. Time in which we held it back ourselves does not count. */
export async function drain(ended: Promise<void>, heldMs: () => number): Promise<void> {
  const start = performance.now() - heldMs();
  for (;;) {
    const left = DRAIN_TIMEOUT_MS - (performance.now() - heldMs() - start);
    if (left <= 0 || await within(Math.max(1, left), ended)) return;
  }
}

/** Settles with the work, or after `ms`. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
