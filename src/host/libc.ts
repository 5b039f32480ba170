// The C library through FFI: the few calls that Deno has no API for (pseudo-terminals, flock, close-on-exec for every
// inherited descriptor). Linux only for now. Opened by whoever needs it and passed on; nothing is loaded at import.
import { CodexError } from "../base/errors.ts";

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

export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_NOCTTY = 0o400;
export const O_DIRECTORY = 0o200000;
export const O_NOFOLLOW = 0o400000;
export const O_CLOEXEC = 0o2000000;
export const F_SETFL = 4;
export const O_NONBLOCK = 0o4000;
export const EFD_CLOEXEC = O_CLOEXEC;
export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLERR = 8;
export const POLLHUP = 16;
export const TIOCSWINSZ = 0x5414n;
export const TIOCGPGRP = 0x540fn;
export const TIOCGSID = 0x5429n;

const SYS_CLOSE_RANGE = 436n;
const CLOSE_RANGE_CLOEXEC = 4n;
const MAX_FD = 0xffff_ffffn;
const FIRST_EXTRA_FD = 3n;

export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** @throws CodexError EXEC_FAILED where there is no such library. */
function openLibc(): Libc {
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  } catch (cause) {
    throw new CodexError("EXEC_FAILED", "Cannot load the C library", {
      cause,
      hint: "Use a Linux system with the GNU C library",
    });
  }
}

/** Opens it at the first call and keeps it. */
export function openLibcOnce(): () => Libc {
  let libc: Libc | null = null;
  return () => libc ??= openLibc();
}

export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/**
 * Marks every descriptor above stderr as close-on-exec, so that a command inherits none that this process was itself
 * started with. The runtime's own have that mark already. Source: close_range(2).
 */
export function closeInheritedOnExec(libc: Libc): void {
  libc.syscall(SYS_CLOSE_RANGE, FIRST_EXTRA_FD, MAX_FD, CLOSE_RANGE_CLOEXEC);
}
