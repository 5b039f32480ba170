// Mount points for protected names that do not exist yet. A mount needs something to sit on, and whoever could remove
// that something from outside would lift the mount; so an empty folder (a file, where git wants one) is made before the
// sandbox starts, held while any sandbox needs it, and removed with the last. A small helper process removes them should we be killed.
import { CodexError } from "../../base/errors.ts";
import { type HeldName, holdFile, holdFolder } from "../../host/held_name.ts";
import { F_SETFL, O_NONBLOCK, O_WRONLY } from "../../host/linux_flags.ts";
import { openProcessCalls, toCString } from "../../host/process_calls.ts";
import { makePipe } from "../../host/raw_pipe.ts";
import { rawSpawn } from "../../host/raw_spawn.ts";

export interface MountPointWish {
  readonly path: string;
  /** What a file says; null for an empty folder. */
  readonly text: string | null;
}

export interface MountPoints {
  /** Makes and holds those that can be made; the ones that cannot be made by us cannot be made inside either. */
  hold(wishes: readonly MountPointWish[]): HeldMountPoints;
}

export interface HeldMountPoints {
  readonly paths: readonly string[];
  /** The same with the descriptors that hold them: whoever has a copy of one holds on. */
  readonly holders: readonly { readonly path: string; readonly fd: number }[];
  release(): void;
}

/**
 * Reads `+PATH` and `-PATH` lines. At the end of input we are gone, and the sandboxes with us (they die with their
 * parent; a second is plenty): what is still on the list and bears the mark goes, unless another process holds it.
 */
const CARETAKER = `
exec >/dev/null 2>&1
cd /
trap '' HUP INT TERM
while IFS= read -r line; do
  path=\${line#?}
  case $line in
    +*) set -- "$@" "$path" ;;
    *) for held do shift; [ "$held" = "$path" ] || set -- "$@" "$held"; done ;;
  esac
done
[ $# -eq 0 ] && exit
sleep 1
for path do
  [ -k "$path" ] || continue
  if [ -f "$path" ]; then lock=$path remove='rm -f'; else lock=$path/. remove=rmdir; fi
  if command -v flock >/dev/null; then flock -xn "$lock" $remove "$path"; else $remove "$path"; fi
done
`;
const CARETAKER_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

interface Held {
  readonly name: HeldName;
  holders: number;
}

export function createMountPoints(): MountPoints {
  const held = new Map<string, Held>();
  let caretaker: Caretaker | null = null;

  function tell(lines: readonly string[]): void {
    if (lines.length === 0) return;
    caretaker ??= startCaretaker();
    if (caretaker.tell(lines)) return;
    // Somebody killed it: a new one takes over the whole list.
    caretaker.close();
    caretaker = startCaretaker();
    const list = [...held.keys()].map((path) => `+${path}`);
    if (!caretaker.tell([...list, ...lines])) {
      throw new CodexError("EXEC_FAILED", "The caretaker of mount points is gone");
    }
  }

  function holdAll(wishes: readonly MountPointWish[]): string[] {
    for (const { path } of wishes) {
      // A line end would split the caretaker's line: nobody would remove the folder after a crash.
      if (!path.includes("\n")) continue;
      throw new RangeError(`Cannot protect a path with a line end in it: ${JSON.stringify(path)}`);
    }
    const fresh = wishes.filter(({ path }) => !held.has(path));
    // Before they are made, so that no crash falls in between.
    tell(fresh.map(({ path }) => `+${path}`));
    for (const { path, text } of fresh) {
      const name = text === null ? holdFolder(path) : holdFile(path, text);
      if (name !== null) held.set(path, { name, holders: 0 });
    }
    tell(fresh.filter(({ path }) => !held.has(path)).map(({ path }) => `-${path}`));
    const mine = wishes.map(({ path }) => path).filter((path) => held.has(path));
    for (const entry of mine.map((path) => held.get(path))) if (entry !== undefined) entry.holders++;
    return mine;
  }

  function releaseAll(paths: string[]): void {
    const gone: string[] = [];
    for (const path of paths.splice(0)) {
      const entry = held.get(path);
      if (entry === undefined || --entry.holders > 0) continue;
      held.delete(path);
      entry.name.release();
      gone.push(path);
    }
    tell(gone.map((path) => `-${path}`));
  }

  return {
    hold(wishes): HeldMountPoints {
      const mine = holdAll(wishes);
      const holders = mine.flatMap((path) => {
        const entry = held.get(path);
        return entry === undefined ? [] : [{ path, fd: entry.name.fd }];
      });
      return { paths: [...mine], holders, release: () => releaseAll(mine) };
    },
  };
}

interface Caretaker {
  /** False when it is gone, or does not read. */
  tell(lines: readonly string[]): boolean;
  /** Ends its input. */
  close(): void;
}

/** @throws CodexError EXEC_FAILED */
function startCaretaker(): Caretaker {
  const calls = openProcessCalls();
  const input = makePipe(calls);
  rawSpawn(calls, {
    argv: ["/bin/sh", "-c", CARETAKER, "codex-sandbox-caretaker"],
    environment: [CARETAKER_PATH],
    fds: new Map([[0, input.read]]),
    ownSession: true,
  });
  calls.close(input.read);
  calls.fcntl(input.write, F_SETFL, BigInt(O_WRONLY | O_NONBLOCK));
  return {
    tell(lines): boolean {
      const bytes = toCString(lines.map((line) => `${line}\n`).join("")).subarray(0, -1);
      return Number(calls.write(input.write, bytes, BigInt(bytes.length))) === bytes.length;
    },
    close: () => void calls.close(input.write),
  };
}
