// Starts a small helper that outlives this process: in a session of its own, with exactly the descriptors that it is
// given. Linux. Source: posix_spawn(3).
import { CodexError } from "../base/errors.ts";
import { describeErrno, type ProcessCalls, toCString, toStringArray } from "./process_calls.ts";

export interface RawSpawnOptions {
  /** The first word is an absolute path. */
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  /** Number in the child → descriptor of ours. Of the others it inherits those that are not close-on-exec. */
  readonly fds: ReadonlyMap<number, number>;
  /** Leader of a session of its own, so that no key of the terminal reaches it. Default: in ours. */
  readonly ownSession?: boolean;
}

const POSIX_SPAWN_SETSID = 0x80;
/** Larger than the structs of any C library. */
const STRUCT_BYTES = 512;

/** The id of the child. @throws CodexError EXEC_FAILED */
export function rawSpawn(calls: ProcessCalls, options: RawSpawnOptions): number {
  const [program = ""] = options.argv;
  const actions = new Uint8Array(STRUCT_BYTES);
  const attributes = new Uint8Array(STRUCT_BYTES);
  const pid = new Int32Array(1);
  calls.posix_spawn_file_actions_init(actions);
  calls.posix_spawnattr_init(attributes);
  try {
    if (options.ownSession === true) calls.posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID);
    for (const [target, fd] of options.fds) calls.posix_spawn_file_actions_adddup2(actions, fd, target);
    const errno = calls.posix_spawn(
      new Uint8Array(pid.buffer),
      toCString(program),
      actions,
      attributes,
      toStringArray(options.argv),
      toStringArray(options.environment),
    );
    if (errno === 0) return pid[0] ?? 0;
    throw new CodexError("EXEC_FAILED", `Cannot run "${program}": ${describeErrno(calls, errno)}`);
  } finally {
    calls.posix_spawnattr_destroy(attributes);
    calls.posix_spawn_file_actions_destroy(actions);
  }
}
