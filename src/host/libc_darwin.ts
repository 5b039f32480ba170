// The part of macOS' C library that libc.ts asks for, with calls that Linux has as well: so that the same code runs there
// in tests. poll(2) of macOS does not know terminals; select(2) does. Source: openpty(3), select(2), tty(4), fcntl(2).
import { CodexError } from "../base/errors.ts";
import type { Libc, RawTerminal, TerminalSize, Wake } from "./libc_calls.ts";
import { readPlatform } from "./platform.ts";
import { UNIX_NUMBERS, type UnixNumbers } from "./unix_numbers.ts";
import { IOCTL_SYMBOLS, ioctlOf } from "./variadic_ioctl.ts";

const CALLS = {
  openpty: { parameters: ["buffer", "buffer", "buffer", "pointer", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  pipe: { parameters: ["buffer"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
  tcgetsid: { parameters: ["i32"], result: "i32", optional: true },
  ...IOCTL_SYMBOLS,
} as const;
/** Runs on another thread, where it may block. */
const SELECT = {
  parameters: ["i32", "buffer", "buffer", "pointer", "pointer"],
  result: "i32",
  nonblocking: true,
} as const;

const SLAVE_PATH_BYTES = 128;
const FIRST_EXTRA_FD = 3;
const BITS = 8;
/** The sets are arrays of words. */
const WORD_BYTES = 8;

/** @throws CodexError EXEC_FAILED where there is no such library. */
export function openDarwinLibc(numbers: UnixNumbers = UNIX_NUMBERS.macos, arch: string = readPlatform().arch): Libc {
  const symbols = openSymbols(numbers);
  const ioctl = ioctlOf(symbols, numbers.variadicOnStack.includes(arch));
  const closeOnExec = (fd: number): void => void symbols.ioctlAlone(fd, numbers.FIOCLEX);
  return {
    openTerminal(size): RawTerminal {
      const [master, slave] = [new Int32Array(1), new Int32Array(1)];
      const path = new Uint8Array(SLAVE_PATH_BYTES);
      const opened = symbols.openpty(bytesOf(master), bytesOf(slave), path, null, windowSize(size));
      if (opened !== 0) throw new CodexError("EXEC_FAILED", "Cannot open a pseudo-terminal: the system has none left");
      const terminal = { master: master[0] ?? -1, slave: slave[0] ?? -1 };
      closeOnExec(terminal.master);
      closeOnExec(terminal.slave);
      ioctl(terminal.master, numbers.FIONBIO, bytesOf(Int32Array.of(1)));
      return { ...terminal, slavePath: new TextDecoder().decode(path.subarray(0, path.indexOf(0))) };
    },
    read: (fd, buffer) => Number(symbols.read(fd, buffer, BigInt(buffer.length))),
    write: (fd, bytes) => Number(symbols.write(fd, bytes, BigInt(bytes.length))),
    close: (fd) => void symbols.close(fd),
    setSize: (master, size) => void ioctl(master, numbers.TIOCSWINSZ, windowSize(size)),
    processGroups(master): readonly number[] {
      const groups = [symbols.tcgetpgrp(master), symbols.tcgetsid?.(master) ?? -1];
      return [...new Set(groups.filter((group) => group > 1))];
    },
    openWake(): Wake {
      const ends = new Int32Array(2);
      if (symbols.pipe(bytesOf(ends)) !== 0) {
        throw new CodexError("EXEC_FAILED", "Cannot open a pseudo-terminal: too many files are open");
      }
      ends.forEach(closeOnExec);
      const [descriptor = -1, other = -1] = ends;
      return {
        descriptor,
        wake: () => void symbols.write(other, Uint8Array.of(1), 1n),
        close: () => ends.forEach((end) => symbols.close(end)),
      };
    },
    async wait(fd, wake, use): Promise<"ready" | "hungUp" | "woken"> {
      const most = Math.max(fd, wake.descriptor) + 1;
      const readable = descriptorSet(most, use === "read" ? [fd, wake.descriptor] : [wake.descriptor]);
      const writable = descriptorSet(most, use === "write" ? [fd] : []);
      await symbols.select(most, readable, writable, null, null);
      // A terminal that was hung up counts as ready: reading or writing then tells.
      return isInSet(use === "read" ? readable : writable, fd) ? "ready" : "woken";
    },
    closeInheritedOnExec(): void {
      for (const { name } of Deno.readDirSync(numbers.descriptors)) {
        if (Number(name) >= FIRST_EXTRA_FD) closeOnExec(Number(name));
      }
    },
  };
}

function openSymbols(numbers: UnixNumbers): Deno.DynamicLibrary<typeof CALLS & { select: typeof SELECT }>["symbols"] {
  try {
    return Deno.dlopen(numbers.library, { ...CALLS, select: { ...SELECT, name: numbers.select } }).symbols;
  } catch (cause) {
    throw new CodexError("EXEC_FAILED", "Cannot load the C library", {
      cause,
      hint: `It has to be "${numbers.library}"`,
    });
  }
}

function windowSize({ rows, columns }: TerminalSize): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint16Array.of(rows, columns, 0, 0).buffer);
}

function bytesOf(numbers: Int32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(numbers.buffer);
}

/** `fd_set`, little endian as all machines are that Deno runs on: a bit per descriptor. */
function descriptorSet(most: number, fds: readonly number[]): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(Math.ceil(most / (BITS * WORD_BYTES)) * WORD_BYTES);
  for (const fd of fds) set[Math.floor(fd / BITS)] = (set[Math.floor(fd / BITS)] ?? 0) | (1 << (fd % BITS));
  return set;
}

function isInSet(set: Uint8Array, fd: number): boolean {
  return ((set[Math.floor(fd / BITS)] ?? 0) & (1 << (fd % BITS))) !== 0;
}
