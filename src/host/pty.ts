// One pseudo-terminal without a native addon: the master side through FFI, the slave by its path for a child to open.
// Waiting happens on a helper thread, beside a descriptor that ends the wait when we close. Knows nothing of commands.
import { CodexError } from "../base/errors.ts";
import type { Libc, RawTerminal, TerminalSize, Wake } from "./libc_calls.ts";

const READ_BYTES = 65_536;

/** @throws CodexError EXEC_FAILED when the system has no pseudo-terminal to give. */
export function openPseudoTerminal(libc: Libc, size: TerminalSize): PseudoTerminal {
  const wake = libc.openWake();
  try {
    return new PseudoTerminal(libc, libc.openTerminal(size), wake);
  } catch (error) {
    wake.close();
    throw error;
  }
}

export class PseudoTerminal {
  /** Where a child opens its side. */
  readonly slavePath: string;
  readonly #libc: Libc;
  readonly #master: number;
  readonly #wake: Wake;
  readonly #chunk = new Uint8Array(READ_BYTES);
  #heldSlave: number;
  #closed = false;
  /** Waits that use the descriptors: they end before those are closed. */
  readonly #waits = new Set<Promise<unknown>>();
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(libc: Libc, { master, slave, slavePath }: RawTerminal, wake: Wake) {
    this.#libc = libc;
    this.#master = master;
    this.#heldSlave = slave;
    this.slavePath = slavePath;
    this.#wake = wake;
  }

  /** The next chunk of output, or null at the end: every holder of the slave is gone. One reader at a time. */
  async read(): Promise<Uint8Array | null> {
    for (let state = "unknown"; !this.#closed && state !== "hungUp";) {
      const count = this.#libc.read(this.#master, this.#chunk);
      if (count > 0) return this.#chunk.slice(0, count);
      // Something to read, and yet nothing: its end.
      if (state === "ready") return null;
      state = await this.#wait("read");
    }
    return null;
  }

  /** What the person types, in order of the calls. @throws CodexError EXEC_FAILED when the terminal is closed. */
  write(bytes: Uint8Array): Promise<void> {
    const done = this.#lastWrite.then(() => this.#writeAll(bytes));
    this.#lastWrite = done.catch(() => {});
    return done;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let state = "unknown";
    for (let rest = new Uint8Array(bytes); rest.length > 0;) {
      if (this.#closed || state === "hungUp") {
        throw new CodexError("EXEC_FAILED", "Cannot write to the command: its terminal is closed");
      }
      const count = this.#libc.write(this.#master, rest);
      if (count > 0) rest = rest.slice(count);
      state = count > 0 ? "unknown" : state === "ready" ? "hungUp" : await this.#wait("write");
    }
  }

  resize(size: TerminalSize): void {
    this.#libc.setSize(this.#master, size);
  }

  /** The process groups that have it as their controlling terminal: the foreground one and the session leader's. */
  processGroups(): readonly number[] {
    return this.#closed ? [] : this.#libc.processGroups(this.#master);
  }

  /** Lets reads come to their end: call it when the child that opened the slave is gone. */
  releaseSlave(): void {
    if (this.#heldSlave >= 0) this.#libc.close(this.#heldSlave);
    this.#heldSlave = -1;
  }

  /** Hangs up: the session leader gets SIGHUP. Running reads end. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake.wake();
    await Promise.all(this.#waits);
    this.releaseSlave();
    this.#libc.close(this.#master);
    this.#wake.close();
  }

  async #wait(use: "read" | "write"): Promise<"ready" | "hungUp" | "woken"> {
    const wait = this.#libc.wait(this.#master, this.#wake, use);
    this.#waits.add(wait);
    try {
      return await wait;
    } finally {
      this.#waits.delete(wait);
    }
  }
}
