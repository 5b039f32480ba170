// Mount points of a sandbox that this process becomes: it cannot remove them when all is over. A caretaker does, which
// shares our locks and sees the sandbox end (`--sync-fd`). bwrap must not end before it is done, or whoever waits for
// us would find the folders: bwrap's last words (`--json-status-fd`) go into a pipe that the caretaker keeps full.
import { openProcessCalls } from "../../host/process_calls.ts";
import { makePipe, shrinkPipe } from "../../host/raw_pipe.ts";
import { rawSpawn } from "../../host/raw_spawn.ts";

export interface Handover {
  /** Descriptors for bwrap to inherit. */
  readonly fds: readonly number[];
  /** bwrap's options about them, the first of which it finds at number `first`. */
  bwrapArguments(first: number): readonly string[];
}

export const NOTHING_TO_HAND_OVER: Handover = { fds: [], bwrapArguments: () => [] };

/**
 * Input: open as long as the sandbox is. Descriptor 3: bwrap's words, the first line of which comes before the command
 * runs; 4: bwrap waits for a byte here, so that the pipe is full before the command starts. Words: the size of the pipe,
 * then a locked descriptor and its name, each. A folder that got content meanwhile stays, without the mark of a held one.
 */
const CARETAKER = `
exec >/dev/null 2>&1
trap '' HUP INT QUIT TERM PIPE
size=$1; shift
if IFS= read -r line <&3; then printf "%\${size}s" '' >/proc/self/fd/3; fi
printf x >&4
exec 4>&-
read -r line
if command -v flock >/dev/null; then lock='flock -xn'; else lock=:; fi
count=$#
while [ "$count" -gt 0 ]; do
  fd=$1 path=$2; shift 2; count=$((count - 2))
  if [ -k "$path" ] && $lock "$fd"; then if [ -f "$path" ]; then rm -f "$path"; else set -- "$@" "$path"; fi; fi
done
[ $# -eq 0 ] || rmdir "$@" || for path do [ -z "$(ls -A "$path")" ] || chmod 0755 "$path"; done
cat <&3 >/dev/null
`;
const CARETAKER_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Above the numbers that a shell has names for and below those of `moveHigh`. */
const FIRST_LOCK_FD = 100;
const STATUS_FD = 3;
const BLOCK_FD = 4;

/** Starts the caretaker. @throws CodexError EXEC_FAILED */
export function handOver(holders: readonly { readonly path: string; readonly fd: number }[]): Handover {
  const calls = openProcessCalls();
  const sync = makePipe(calls);
  const status = makePipe(calls);
  const block = makePipe(calls);
  const words = holders.flatMap(({ path }, index) => [String(FIRST_LOCK_FD + index), path]);
  rawSpawn(calls, {
    argv: ["/bin/sh", "-c", CARETAKER, "codex-sandbox-caretaker", String(shrinkPipe(calls, status.read)), ...words],
    environment: [CARETAKER_PATH],
    // In this order: the numbers of the locks may be low ones.
    fds: new Map([
      ...holders.map(({ fd }, index) => [FIRST_LOCK_FD + index, fd] as const),
      [0, sync.read],
      [STATUS_FD, status.read],
      [BLOCK_FD, block.write],
    ]),
    ownSession: true,
  });
  return {
    fds: [sync.write, status.write, block.read],
    bwrapArguments: (first) =>
      ["--sync-fd", "--json-status-fd", "--block-fd"].flatMap((option, index) => [option, String(first + index)]),
  };
}
