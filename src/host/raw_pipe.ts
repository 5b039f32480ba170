// Pipes as bare descriptors, to hand to other programs. Both ends are close-on-exec and under high numbers. Source:
// pipe(7).
import { CodexError } from "../base/errors.ts";
import { moveHigh, type ProcessCalls } from "./process_calls.ts";

export interface RawPipe {
  readonly read: number;
  readonly write: number;
}

const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;
const SMALLEST = 4096n;

/** @throws CodexError EXEC_FAILED */
export function makePipe(calls: ProcessCalls): RawPipe {
  const ends = new Int32Array(2);
  if (calls.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC) !== 0) {
    throw new CodexError("EXEC_FAILED", "Cannot make a pipe: too many files are open");
  }
  const [read = -1, write = -1] = ends;
  return { read: moveHigh(calls, read), write: moveHigh(calls, write) };
}

/** Makes a pipe as small as the system allows; how many bytes it takes before a writer has to wait. */
export function shrinkPipe(calls: ProcessCalls, fd: number): number {
  calls.fcntl(fd, F_SETPIPE_SZ, SMALLEST);
  return calls.fcntl(fd, F_GETPIPE_SZ, 0n);
}
