// One pseudo-terminal without a native addon: the master side through FFI, the slave by its path for a child to open.
// Waiting happens in poll(2) on a helper thread, beside an eventfd that ends the wait when we close. Knows nothing of
// commands. Source: pty(7), tty_ioctl(4).
import { CodexError } from "../base/errors.ts";
import {
  cString,
  EFD_CLOEXEC,
  F_SETFL,
  type Libc,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDWR,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  TIOCGPGRP,
  TIOCGSID,
  TIOCSWINSZ,
} from "./libc.ts";

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

const READ_BYTES = 65_536;
const SLAVE_PATH_BYTES = 128;
const POLLFD_BYTES = 8;
const FOREVER = -1;

/** @throws CodexError EXEC_FAILED when the system has no pseudo-terminal to give. */
export function openPseudoTerminal(libc: Libc, size: TerminalSize): PseudoTerminal {
  const master = libc.posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) throw new CodexError("EXEC_FAILED", "Cannot open a pseudo-terminal: the system has none left");
  const path = new Uint8Array(SLAVE_PATH_BYTES);
  const unlocked = libc.grantpt(master) === 0 && libc.unlockpt(master) === 0 &&
    libc.ptsname_r(master, path, BigInt(path.length)) === 0;
  if (!unlocked) {
    libc.close(master);
    throw new CodexError("EXEC_FAILED", "Cannot unlock a pseudo-terminal");
  }
  libc.fcntl(master, F_SETFL, BigInt(O_NONBLOCK | O_RDWR));
  const terminal = new PseudoTerminal(libc, master, new TextDecoder().decode(path.subarray(0, path.indexOf(0))));
  terminal.resize(size);
  return terminal;
}

export class PseudoTerminal {
  /** Where a child opens its side. */
  readonly slavePath: string;
  readonly #libc: Libc;
  readonly #master: number;
  readonly #wake: number;
  readonly #chunk = new Uint8Array(READ_BYTES);
  #heldSlave: number;
  #closed = false;
  /** Waits that use the descriptors: they end before those are closed. */
  readonly #waits = new Set<Promise<number>>();
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(libc: Libc, master: number, slavePath: string) {
    this.#libc = libc;
    this.#master = master;
    this.slavePath = slavePath;
    this.#wake = libc.eventfd(0, EFD_CLOEXEC);
    this.#heldSlave = libc.open(cString(slavePath), O_RDWR | O_NOCTTY | O_CLOEXEC);
  }

  /** The next chunk of output, or null at the end: every holder of the slave is gone. One reader at a time. */
  async read(): Promise<Uint8Array | null> {
    while (!this.#closed) {
      const count = Number(this.#libc.read(this.#master, this.#chunk, BigInt(READ_BYTES)));
      if (count > 0) return this.#chunk.slice(0, count);
      const events = await this.#wait(POLLIN);
      if ((events & POLLIN) === 0 && (events & (POLLHUP | POLLERR)) !== 0) return null;
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
    let rest = new Uint8Array(bytes);
    while (rest.length > 0) {
      if (this.#closed) throw new CodexError("EXEC_FAILED", "Cannot write to the command: its terminal is closed");
      const count = Number(this.#libc.write(this.#master, rest, BigInt(rest.length)));
      if (count > 0) rest = rest.slice(count);
      else if (((await this.#wait(POLLOUT)) & (POLLHUP | POLLERR)) !== 0) {
        throw new CodexError("EXEC_FAILED", "Cannot write to the command: its terminal is closed");
      }
    }
  }

  resize(size: TerminalSize): void {
    this.#libc.ioctl(this.#master, TIOCSWINSZ, new Uint8Array(Uint16Array.of(size.rows, size.columns, 0, 0).buffer));
  }

  /** The process groups that have it as their controlling terminal: the foreground one and the session leader's. */
  processGroups(): readonly number[] {
    if (this.#closed) return [];
    const groups = [TIOCGPGRP, TIOCGSID].map((request) => {
      const answer = new Int32Array(1);
      return this.#libc.ioctl(this.#master, request, new Uint8Array(answer.buffer)) === 0 ? answer[0] ?? 0 : 0;
    });
    return [...new Set(groups.filter((group) => group > 1))];
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
    this.#libc.write(this.#wake, new Uint8Array(BigUint64Array.of(1n).buffer), 8n);
    await Promise.all(this.#waits);
    this.releaseSlave();
    this.#libc.close(this.#master);
    this.#libc.close(this.#wake);
  }

  /** Settles with the events of the master; with none when `close` was called meanwhile. */
  async #wait(events: number): Promise<number> {
    const request = new Uint8Array(2 * POLLFD_BYTES);
    const view = new DataView(request.buffer);
    for (const [index, [fd, wanted]] of [[this.#master, events], [this.#wake, POLLIN]].entries()) {
      view.setInt32(index * POLLFD_BYTES, fd ?? 0, true);
      view.setInt16(index * POLLFD_BYTES + 4, wanted ?? 0, true);
    }
    const wait = this.#libc.poll(request, 2n, FOREVER);
    this.#waits.add(wait);
    try {
      await wait;
    } finally {
      this.#waits.delete(wait);
    }
    return view.getInt16(6, true);
  }
}
