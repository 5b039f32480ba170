// The other end of a seccomp listener: which call a thread wants to make, what its arguments point to, and our answer.
// Linux 5.6. Whoever asks waits in the kernel for the answer, and gets ENOSYS once the listener is closed. What is read
// of the asker counts only while its question is still open: `isOpen` says so afterwards. Source: seccomp_unotify(2).
import { errnoOf } from "./glibc.ts";
import { type SocketCalls } from "./socket_calls.ts";

export interface CallQuestion {
  readonly id: bigint;
  /** The thread that asks, as this process numbers it. */
  readonly thread: number;
  /** The six arguments of the call. */
  readonly args: BigUint64Array;
}

export interface CallListener {
  /** Null when the asker has gone meanwhile. Does not wait once the descriptor is readable. */
  receive(): CallQuestion | null;
  isOpen(question: CallQuestion): boolean;
  /** The call fails with `errno`; 0: it succeeded, with the result 0. */
  answer(question: CallQuestion, errno: number): void;
  /** Null when the asker has no such memory. */
  readMemory(question: CallQuestion, at: bigint, length: number): Uint8Array | null;
  /** One of the asker's descriptors as one of ours; negative: the reason why not. */
  takeDescriptor(question: CallQuestion, fd: number): number;
}

const RECEIVE = 0xc050_2100n;
const SEND = 0xc018_2101n;
const ID_VALID = 0x4008_2102n;
const QUESTION_BYTES = 80;
const ANSWER_BYTES = 24;
const ARGS_AT = 32;
const ARGS = 6;
const SYS_PIDFD_OPEN = 434n;
const SYS_PIDFD_GETFD = 438n;
/** Linux 6.9: a thread that leads no process. */
const PIDFD_THREAD = 0o200n;
const ESRCH = 3;

export function openCallListener(calls: SocketCalls, fd: number): CallListener {
  function openThread(thread: number): number {
    const handle = Number(calls.syscall(SYS_PIDFD_OPEN, BigInt(thread), PIDFD_THREAD, 0n));
    if (handle >= 0) return handle;
    const leader = leaderOf(thread);
    return leader === null ? -1 : Number(calls.syscall(SYS_PIDFD_OPEN, BigInt(leader), 0n, 0n));
  }

  return {
    receive(): CallQuestion | null {
      const bytes = new Uint8Array(QUESTION_BYTES);
      if (calls.ioctl(fd, RECEIVE, bytes) !== 0) return null;
      const view = new DataView(bytes.buffer);
      return {
        id: view.getBigUint64(0, true),
        thread: view.getUint32(8, true),
        args: new BigUint64Array(bytes.buffer, ARGS_AT, ARGS),
      };
    },
    isOpen: ({ id }) => calls.ioctl(fd, ID_VALID, new Uint8Array(BigUint64Array.of(id).buffer)) === 0,
    answer({ id }, errno): void {
      const bytes = new Uint8Array(ANSWER_BYTES);
      const view = new DataView(bytes.buffer);
      view.setBigUint64(0, id, true);
      view.setInt32(16, -errno, true);
      calls.ioctl(fd, SEND, bytes);
    },
    readMemory({ thread }, at, length): Uint8Array | null {
      const bytes = new Uint8Array(length);
      const here = new BigUint64Array([addressOf(bytes), BigInt(length)]);
      const there = new BigUint64Array([at, BigInt(length)]);
      const count = calls.process_vm_readv(thread, asBytes(here), 1n, asBytes(there), 1n, 0n);
      return Number(count) === length ? bytes : null;
    },
    takeDescriptor({ thread }, wanted): number {
      const handle = openThread(thread);
      if (handle < 0) return -ESRCH;
      const taken = Number(calls.syscall(SYS_PIDFD_GETFD, BigInt(handle), BigInt(wanted), 0n));
      const failure = taken < 0 ? -errnoOf(calls) : 0;
      calls.close(handle);
      return taken < 0 ? failure : taken;
    },
  };
}

/** The process that a thread belongs to. */
function leaderOf(thread: number): number | null {
  try {
    const found = /^Tgid:\s*(\d+)$/m.exec(Deno.readTextFileSync(`/proc/${thread}/status`))?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null;
  }
}

function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}

function asBytes(words: BigUint64Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(words.buffer);
}
