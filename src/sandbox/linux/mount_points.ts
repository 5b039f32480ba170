// Mount points for protected names that do not exist yet. A mount needs something to sit on, and whoever could remove
// that something from outside would lift the mount; so the empty folder is made before the sandbox starts, held while
// any sandbox needs it, and removed with the last. A small helper process removes them should we be killed.
import { type HeldName, holdFile, holdFolder } from "../../host/held_name.ts";
import type { Libc } from "../../host/libc.ts";
import { type HostProcess, spawnProcess } from "../../host/process.ts";

export interface MountPointWish {
  readonly path: string;
  /** What a file says; null for an empty folder. */
  readonly text: string | null;
}

export interface MountPoints {
  /** Makes and holds those that can be made; the ones that cannot be made by us cannot be made inside either. */
  hold(wishes: readonly MountPointWish[]): Promise<HeldMountPoints>;
}

export interface HeldMountPoints {
  readonly paths: readonly string[];
  /** The same with the descriptors that hold them: whoever has a copy of one holds on. */
  readonly holders: readonly { readonly path: string; readonly fd: number }[];
  release(): Promise<void>;
}

/**
 * Reads `+PATH` and `-PATH` lines. At the end of input we are gone, and the sandboxes with us (they die with their
 * parent; a second is plenty): what is still on the list goes, unless another process holds it.
 */
const CARETAKER = `
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
  if [ -f "$path" ]; then lock=$path remove='rm -f'; else lock=$path/. remove=rmdir; fi
  if command -v flock >/dev/null; then flock -xn "$lock" $remove "$path"; else $remove "$path"; fi
done 2>/dev/null
`;
const CARETAKER_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

interface Held {
  readonly name: HeldName;
  holders: number;
}

export function createMountPoints(libc: () => Libc): MountPoints {
  const held = new Map<string, Held>();
  let caretaker: Promise<HostProcess> | null = null;
  /** One at a time, so that the caretaker's list is always a step ahead of the disk. */
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  }

  async function tell(line: string): Promise<void> {
    try {
      caretaker ??= startCaretaker();
      await (await caretaker).write(new TextEncoder().encode(`${line}\n`));
    } catch {
      // Somebody killed it: a new one takes over the whole list.
      caretaker = startCaretaker();
      const list = [...held.keys()].map((path) => `+${path}`);
      await (await caretaker).write(new TextEncoder().encode(`${[...list, line].join("\n")}\n`));
    }
  }

  async function holdOne({ path, text }: MountPointWish): Promise<boolean> {
    // A line end would split the caretaker's line: nobody would remove the folder after a crash.
    if (path.includes("\n")) {
      throw new RangeError(`Cannot protect a path with a line end in it: ${JSON.stringify(path)}`);
    }
    const existing = held.get(path);
    if (existing !== undefined) {
      existing.holders++;
      return true;
    }
    // Before it is made, so that no crash falls in between.
    await tell(`+${path}`);
    const name = text === null ? holdFolder(libc(), path) : holdFile(libc(), path, text);
    if (name === null) {
      await tell(`-${path}`);
      return false;
    }
    held.set(path, { name, holders: 1 });
    return true;
  }

  async function releaseOne(path: string): Promise<void> {
    const entry = held.get(path);
    if (entry === undefined || --entry.holders > 0) return;
    held.delete(path);
    entry.name.release();
    await tell(`-${path}`);
  }

  async function releaseAll(paths: string[]): Promise<void> {
    for (const path of paths.splice(0)) await releaseOne(path);
  }

  return {
    hold(wishes): Promise<HeldMountPoints> {
      return inTurn(async () => {
        const mine: string[] = [];
        try {
          for (const wish of wishes) if (await holdOne(wish)) mine.push(wish.path);
        } catch (error) {
          await releaseAll(mine);
          throw error;
        }
        const holders = mine.flatMap((path) => {
          const entry = held.get(path);
          return entry === undefined ? [] : [{ path, fd: entry.name.fd }];
        });
        return { paths: [...mine], holders, release: () => inTurn(() => releaseAll(mine)) };
      });
    },
  };
}

function startCaretaker(): Promise<HostProcess> {
  return spawnProcess(["/bin/sh", "-c", CARETAKER, "codex-sandbox-caretaker"], {
    cwd: "/",
    env: { PATH: CARETAKER_PATH },
    stdin: "pipe",
    stdout: "null",
    stderr: "null",
    extraFds: [],
    onOutput: () => {},
    background: true,
  });
}
