// This process becomes another program: same process id, same standard streams, so that exit status, signals and the
// terminal are the kernel's business and nothing of us stays. Linux. Source: execve(2), memfd_create(2).
import { CodexError } from "../base/errors.ts";
import { errnoOf } from "./glibc.ts";
import {
  describeErrno,
  duplicateHigh,
  moveHigh,
  openProcessCalls,
  type ProcessCalls,
  toCString,
  toStringArray,
} from "./process_calls.ts";

export interface ReplaceOptions {
  readonly argv: readonly string[];
  /** `NAME=value`, all of them. */
  readonly environment: readonly string[];
  readonly cwd: string;
  /** Descriptors 3, 4, …: bytes to read, or a descriptor of ours. All others above stderr are closed. */
  readonly fds: readonly (Uint8Array | number)[];
}

/** Why it did not happen: the kernel's number and its words. */
export interface ReplaceFailure {
  readonly errno: number;
  readonly message: string;
}

export const ENOENT = 2;
const FIRST_FD = 3;
const SIGPIPE = 13;
const SIG_DFL = 0n;
const SIG_IGN = 1n;
const O_CLOEXEC = 0o2000000;
const SIG_SETMASK = 2;
const SIGSET_BYTES = 128;
const MFD_CLOEXEC = 1;
const SYS_CLOSE_RANGE = 436n;
const CLOSE_RANGE_CLOEXEC = 4n;
const MAX_FD = 0xffff_ffffn;

/** Comes back only when it failed. The program is looked up on PATH as a shell does. */
export function replaceProcess(options: ReplaceOptions): ReplaceFailure {
  const calls = openProcessCalls();
  const [program] = options.argv;
  if (program === undefined) throw new CodexError("EXEC_FAILED", "Cannot run a command: no words in it");
  if (calls.chdir(toCString(options.cwd)) !== 0) return failure(calls);
  const argv = toStringArray(options.argv);
  const environment = toStringArray(options.environment);
  const fds = options.fds.map((use) => typeof use === "number" ? moveHigh(calls, use) : bytesOnFd(calls, use));
  calls.syscall(SYS_CLOSE_RANGE, BigInt(FIRST_FD), MAX_FD, CLOSE_RANGE_CLOEXEC);
  // The runtime's own descriptors lie there: should we come back, it needs them.
  const saved = fds.map((_, index) => duplicateHigh(calls, FIRST_FD + index));
  for (const [index, fd] of fds.entries()) calls.dup2(fd, FIRST_FD + index);
  // The runtime ignores SIGPIPE, and what is ignored stays so across exec.
  calls.signal(SIGPIPE, SIG_DFL);
  calls.pthread_sigmask(SIG_SETMASK, new Uint8Array(SIGSET_BYTES), null);
  calls.execvpe(toCString(program), argv, environment);
  const why = failure(calls);
  calls.signal(SIGPIPE, SIG_IGN);
  for (const [index, fd] of saved.entries()) {
    if (fd < 0) calls.close(FIRST_FD + index);
    else calls.dup3(fd, FIRST_FD + index, O_CLOEXEC);
  }
  return why;
}

function failure(calls: ProcessCalls): ReplaceFailure {
  const errno = errnoOf(calls);
  return { errno, message: describeErrno(calls, errno) };
}

/** A descriptor from which `bytes` can be read. @throws CodexError EXEC_FAILED */
export function bytesOnFd(calls: ProcessCalls, bytes: Uint8Array): number {
  const fd = calls.memfd_create(toCString("codex-sandbox"), MFD_CLOEXEC);
  if (fd < 0) throw new CodexError("EXEC_FAILED", "Cannot hand over bytes: no memory file");
  for (let rest = bytes; rest.length > 0;) {
    const written = Number(calls.write(fd, Uint8Array.from(rest), BigInt(rest.length)));
    if (written <= 0) throw new CodexError("EXEC_FAILED", "Cannot hand over bytes: the memory file takes none");
    rest = rest.subarray(written);
  }
  calls.lseek(fd, 0n, 0);
  return moveHigh(calls, fd);
}
