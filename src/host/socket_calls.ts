// The C library's socket calls through FFI, for sockets that belong to another network namespace than the runtime's own.
// Linux only. All calls return at once, but `poll` and `epoll_wait`, which run on another thread.
import { errnoOf, openGlibc } from "./glibc.ts";

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  accept4: { parameters: ["i32", "pointer", "pointer", "i32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i64"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32", nonblocking: true },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  syscall: { parameters: ["i64", "i64", "i64", "i64"], result: "i64" },
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  process_vm_readv: { parameters: ["i32", "buffer", "u64", "buffer", "u64", "u64"], result: "isize" },
  openat2: { name: "syscall", parameters: ["i64", "i64", "buffer", "buffer", "u64"], result: "i64" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

export type SocketCalls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;
export const EPERM = 1;
export const EINTR = 4;
export const EAGAIN = 11;
export const EADDRINUSE = 98;
const SYS_PIDFD_OPEN = 434n;
const SYS_PIDFD_GETFD = 438n;
const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;

/** @throws CodexError SANDBOX_UNAVAILABLE where there is no such library. */
export function openSocketCalls(): SocketCalls {
  return openGlibc(SYMBOLS, "SANDBOX_UNAVAILABLE");
}

/** `sockaddr_in` or `sockaddr_in6` of an address of 4 or 16 bytes. */
export function socketAddress(address: Uint8Array, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(address.length === 4 ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES);
  const view = new DataView(bytes.buffer);
  // The family is in the machine's own order, little endian wherever Deno runs.
  view.setUint16(0, address.length === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port, false);
  bytes.set(address, address.length === 4 ? 4 : 8);
  return bytes;
}

/**
 * A descriptor of another process, duplicated into this one (close-on-exec), or the reason why not as a negative
 * number. The kernel asks for the right to debug that process. Source: pidfd_getfd(2), Linux 5.6.
 */
export function takeDescriptor(calls: SocketCalls, pid: number, fd: number): number {
  const pidfd = Number(calls.syscall(SYS_PIDFD_OPEN, BigInt(pid), 0n, 0n));
  if (pidfd < 0) return -errnoOf(calls);
  const taken = Number(calls.syscall(SYS_PIDFD_GETFD, BigInt(pidfd), BigInt(fd), 0n));
  const failure = taken < 0 ? -errnoOf(calls) : 0;
  calls.close(pidfd);
  return taken < 0 ? failure : taken;
}
