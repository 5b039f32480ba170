// Local (unix) sockets as bare descriptors: their addresses, a file of one opened without following links, connecting
// a socket of another process, and waiting for several. Linux. Source: unix(7), openat2(2), poll(2).
import { CodexError } from "../base/errors.ts";
import { encodeOsString } from "../base/os_string.ts";
import { errnoOf } from "./glibc.ts";
import { toCString } from "./process_calls.ts";
import { AF_UNIX, EAGAIN, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, type SocketCalls } from "./socket_calls.ts";

const SYS_OPENAT2 = 437n;
const AT_FDCWD = -100n;
const O_PATH = 0o10000000n;
const O_CLOEXEC = 0o2000000n;
const RESOLVE_NO_MAGICLINKS = 2n;
const RESOLVE_NO_SYMLINKS = 4n;
const SOL_SOCKET = 1;
const SO_SNDTIMEO = 21;
const SO_PEERCRED = 17;
const TIMEVAL_BYTES = 16;
const F_GETFL = 3;
const POLL_BYTES = 8;
const POLLIN = 1;
const EINPROGRESS = 115;
const EALREADY = 114;
const MAX_PATH_BYTES = 107;
/** Between two looks at a connection that is not made yet. */
const RETRY_MS = 10;

/** `sockaddr_un` of a file, or, of a name without one, of an abstract socket. */
export function localAddress(name: { readonly path: string } | { readonly abstract: string }): Uint8Array<ArrayBuffer> {
  const text = "path" in name ? `${name.path}\0` : `\0${name.abstract}`;
  const bytes = encodeOsString(text);
  if (bytes.length > MAX_PATH_BYTES + 1) throw new RangeError(`Cannot make a socket address: too long: ${text}`);
  const address = new Uint8Array(2 + bytes.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(bytes, 2);
  return address;
}

/** Which of `descriptors` can be read from, or have ended. Waits for the first. */
export async function waitForAny(calls: SocketCalls, descriptors: readonly number[]): Promise<readonly number[]> {
  const bytes = new Uint8Array(POLL_BYTES * descriptors.length);
  const view = new DataView(bytes.buffer);
  for (const [index, fd] of descriptors.entries()) {
    view.setInt32(index * POLL_BYTES, fd, true);
    view.setInt16(index * POLL_BYTES + 4, POLLIN, true);
  }
  // A signal interrupts it.
  while (await calls.poll(bytes, BigInt(descriptors.length), -1) < 0);
  return descriptors.map((_, index) => view.getInt16(index * POLL_BYTES + 6, true));
}

export const READABLE = POLLIN;

/**
 * A path to the socket file that lies at `path` now, good until `close`; or why there is none. No link is followed, at
 * any place.
 */
export function holdSocketFile(
  calls: SocketCalls,
  path: string,
): { readonly path: string; close(): void } | { readonly errno: number } {
  const how = new Uint8Array(
    BigUint64Array.of(O_PATH | O_CLOEXEC, 0n, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS).buffer,
  );
  const fd = Number(calls.openat2(SYS_OPENAT2, AT_FDCWD, toCString(path), how, BigInt(how.length)));
  if (fd < 0) return { errno: errnoOf(calls) };
  return { path: `/proc/self/fd/${fd}`, close: () => void calls.close(fd) };
}

/**
 * Connects a socket as its owner would: one that waits is waited for, one that does not is not. 0, or the reason why it
 * is not connected. `isWanted` is asked from time to time.
 */
export async function connectAsOwner(
  calls: SocketCalls,
  fd: number,
  { address, isWanted }: { readonly address: Uint8Array<ArrayBuffer>; readonly isWanted: () => boolean },
): Promise<number> {
  const attempt = (): number => calls.connect(fd, address, address.length) === 0 ? 0 : errnoOf(calls);
  if ((calls.fcntl(fd, F_GETFL, 0n) & SOCK_NONBLOCK) !== 0) return attempt();
  // Nobody but the kernel may make this thread wait: the socket waits for a moment only, as long as we use it.
  const before = new Uint8Array(TIMEVAL_BYTES);
  const length = new Uint8Array(Uint32Array.of(TIMEVAL_BYTES).buffer);
  if (calls.getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, before, length) !== 0) return errnoOf(calls);
  const moment = new Uint8Array(BigInt64Array.of(0n, 1n).buffer);
  calls.setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, moment, TIMEVAL_BYTES);
  const limitMs = timeMs(before);
  const started = performance.now();
  try {
    for (;;) {
      const errno = attempt();
      const isWaiting = errno === EAGAIN || errno === EINPROGRESS || errno === EALREADY;
      if (!isWaiting || !isWanted()) return errno;
      if (limitMs > 0 && performance.now() - started >= limitMs) return errno;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  } finally {
    calls.setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, before, TIMEVAL_BYTES);
  }
}

/** 0: no limit. */
function timeMs(timeval: Uint8Array<ArrayBuffer>): number {
  const [seconds = 0n, micros = 0n] = new BigInt64Array(timeval.buffer);
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

/** Who is at the other end of a connection. */
export function peerOf(calls: SocketCalls, fd: number): { readonly pid: number; readonly uid: number } | null {
  const bytes = new Uint8Array(12);
  const length = new Uint8Array(Uint32Array.of(bytes.length).buffer);
  if (calls.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, bytes, length) !== 0) return null;
  const [pid = 0, uid = 0] = new Uint32Array(bytes.buffer);
  return { pid, uid };
}

/** An abstract socket, which leaves no file, that listens under a name. @throws CodexError SANDBOX_UNAVAILABLE */
export function listenAbstract(calls: SocketCalls, name: string): number {
  const fd = calls.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const address = localAddress({ abstract: name });
  if (fd >= 0 && calls.bind(fd, address, address.length) === 0 && calls.listen(fd, 1) === 0) return fd;
  const errno = errnoOf(calls);
  if (fd >= 0) calls.close(fd);
  throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot listen for the sandbox: error ${errno} of the system`);
}
