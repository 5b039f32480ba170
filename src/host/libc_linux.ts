// The part of the GNU C library that libc.ts asks for. Source: pty(7), tty_ioctl(4), poll(2), eventfd(2),
// close_range(2).
import { CodexError } from "../base/errors.ts";
import { openGlibc } from "./glibc.ts";
import { F_SETFL, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_RDWR } from "./linux_flags.ts";
import type { Libc, RawTerminal, TerminalSize, Wake } from "./libc_calls.ts";

const SYMBOLS = {
  posix_openpt: { parameters: ["i32"], result: "i32" },
  grantpt: { parameters: ["i32"], result: "i32" },
  unlockpt: { parameters: ["i32"], result: "i32" },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  syscall: { parameters: ["i64", "i64", "i64", "i64"], result: "i64" },
  /** Runs on another thread, where it may block. */
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
} as const;

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const EFD_CLOEXEC = O_CLOEXEC;
const POLLIN = 1;
const POLLOUT = 4;
const POLLERR = 8;
const POLLHUP = 16;
const POLLFD_BYTES = 8;
const FOREVER = -1;
const TIOCSWINSZ = 0x5414n;
const TIOCGPGRP = 0x540fn;
const TIOCGSID = 0x5429n;
const SLAVE_PATH_BYTES = 128;

const SYS_CLOSE_RANGE = 436n;
const CLOSE_RANGE_CLOEXEC = 4n;
const MAX_FD = 0xffff_ffffn;
const FIRST_EXTRA_FD = 3n;

/** @throws CodexError EXEC_FAILED where there is no such library. */
export function openLinuxLibc(): Libc {
  const symbols = openGlibc(SYMBOLS, "EXEC_FAILED");
  const setSize = (master: number, { rows, columns }: TerminalSize): void =>
    void symbols.ioctl(master, TIOCSWINSZ, new Uint8Array(Uint16Array.of(rows, columns, 0, 0).buffer));
  return {
    openTerminal(size): RawTerminal {
      const terminal = openPair(symbols);
      setSize(terminal.master, size);
      return terminal;
    },
    read: (fd, buffer) => Number(symbols.read(fd, buffer, BigInt(buffer.length))),
    write: (fd, bytes) => Number(symbols.write(fd, bytes, BigInt(bytes.length))),
    close: (fd) => void symbols.close(fd),
    setSize,
    processGroups(master): readonly number[] {
      const groups = [TIOCGPGRP, TIOCGSID].map((request) => {
        const answer = new Int32Array(1);
        return symbols.ioctl(master, request, new Uint8Array(answer.buffer)) === 0 ? answer[0] ?? 0 : 0;
      });
      return [...new Set(groups.filter((group) => group > 1))];
    },
    openWake(): Wake {
      const descriptor = symbols.eventfd(0, EFD_CLOEXEC);
      return {
        descriptor,
        wake: () => void symbols.write(descriptor, new Uint8Array(BigUint64Array.of(1n).buffer), 8n),
        close: () => void symbols.close(descriptor),
      };
    },
    async wait(fd, wake, use): Promise<"ready" | "hungUp" | "woken"> {
      const wanted = use === "read" ? POLLIN : POLLOUT;
      const request = new Uint8Array(2 * POLLFD_BYTES);
      const view = new DataView(request.buffer);
      for (const [index, [watched, events]] of ([[fd, wanted], [wake.descriptor, POLLIN]] as const).entries()) {
        view.setInt32(index * POLLFD_BYTES, watched, true);
        view.setInt16(index * POLLFD_BYTES + 4, events, true);
      }
      await symbols.poll(request, 2n, FOREVER);
      const events = view.getInt16(6, true);
      const isHungUp = (events & (POLLHUP | POLLERR)) !== 0;
      // What was written before the other end went is still there to read.
      if (isHungUp && (use === "write" || (events & POLLIN) === 0)) return "hungUp";
      return (events & wanted) !== 0 ? "ready" : "woken";
    },
    closeInheritedOnExec: () => void symbols.syscall(SYS_CLOSE_RANGE, FIRST_EXTRA_FD, MAX_FD, CLOSE_RANGE_CLOEXEC),
  };
}

function openPair(symbols: Symbols): RawTerminal {
  const master = symbols.posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0) throw new CodexError("EXEC_FAILED", "Cannot open a pseudo-terminal: the system has none left");
  const path = new Uint8Array(SLAVE_PATH_BYTES);
  const unlocked = symbols.grantpt(master) === 0 && symbols.unlockpt(master) === 0 &&
    symbols.ptsname_r(master, path, BigInt(path.length)) === 0;
  if (!unlocked) {
    symbols.close(master);
    throw new CodexError("EXEC_FAILED", "Cannot unlock a pseudo-terminal");
  }
  symbols.fcntl(master, F_SETFL, BigInt(O_NONBLOCK | O_RDWR));
  const slave = symbols.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  return { master, slave, slavePath: new TextDecoder().decode(path.subarray(0, path.indexOf(0))) };
}
