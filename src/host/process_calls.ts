// The C library's calls for becoming another program and for starting one with chosen descriptors, through FFI. Linux
// with the GNU C library. Opened at the first need and kept; nothing is loaded at import.
import { CodexError } from "../base/errors.ts";
import { encodeOsString } from "../base/os_string.ts";
import { openGlibc } from "./glibc.ts";

const SYMBOLS = {
  execvpe: { parameters: ["buffer", "buffer", "buffer"], result: "i32" },
  chdir: { parameters: ["buffer"], result: "i32" },
  access: { parameters: ["buffer", "i32"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  pipe2: { parameters: ["buffer", "i32"], result: "i32" },
  /** Runs on another thread, where it may block. */
  read: { parameters: ["i32", "buffer", "usize"], result: "isize", nonblocking: true },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  mkdir: { parameters: ["buffer", "u32"], result: "i32" },
  chmod: { parameters: ["buffer", "u32"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  dup3: { parameters: ["i32", "i32", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  pthread_sigmask: { parameters: ["i32", "buffer", "pointer"], result: "i32" },
  syscall: { parameters: ["i64", "i64", "i64", "i64"], result: "i64" },
  posix_spawn: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
  /** Runs on another thread, where it may block. */
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32", nonblocking: true },
  strerror: { parameters: ["i32"], result: "pointer" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

export type ProcessCalls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const F_DUPFD_CLOEXEC = 1030;
/**
 * Above every descriptor that a launched program is given by number, and below 64: the kernel makes a process with threads
 * wait many milliseconds when its table of descriptors has to grow.
 */
const FIRST_HIGH_FD = 24n;
const POINTER_BYTES = 8;

let opened: ProcessCalls | null = null;

/** @throws CodexError EXEC_FAILED where there is no such library. */
export function openProcessCalls(): ProcessCalls {
  return opened ??= openGlibc(SYMBOLS, "EXEC_FAILED");
}

/** "No such file or directory" and the like. */
export function describeErrno(calls: ProcessCalls, errno: number): string {
  const pointer = calls.strerror(errno);
  return pointer === null ? `error ${errno}` : Deno.UnsafePointerView.getCString(pointer);
}

export function toCString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encodeOsString(text);
  const ended = new Uint8Array(bytes.length + 1);
  ended.set(bytes);
  return ended;
}

/** A `char *[]` that ends with null, and its texts behind it: one buffer, so that it lives as long as the call. */
export function toStringArray(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const strings = texts.map(toCString);
  const tableBytes = (texts.length + 1) * POINTER_BYTES;
  const buffer = new Uint8Array(strings.reduce((sum, bytes) => sum + bytes.length, tableBytes));
  const base = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer)));
  const table = new BigUint64Array(buffer.buffer, 0, texts.length + 1);
  let at = tableBytes;
  for (const [index, bytes] of strings.entries()) {
    buffer.set(bytes, at);
    table[index] = base + BigInt(at);
    at += bytes.length;
  }
  return buffer;
}

/** The same descriptor under a number that is out of the way, close-on-exec; the old number is closed. */
export function moveHigh(calls: ProcessCalls, fd: number): number {
  const high = duplicateHigh(calls, fd);
  if (high < 0) throw new CodexError("EXEC_FAILED", "Cannot duplicate a descriptor: too many are open");
  calls.close(fd);
  return high;
}

/** Negative when there is no such descriptor. */
export function duplicateHigh(calls: ProcessCalls, fd: number): number {
  return calls.fcntl(fd, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
}
