// An empty folder, or a small file, that exists only while somebody needs it. Holders, in any process, share a lock on
// it (flock); the last one to let go removes it. Its sticky bit tells it from what somebody made for good, which is never
// removed; nor is a folder that got content meanwhile.
import { O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from "./linux_flags.ts";
import { openProcessCalls, toCString } from "./process_calls.ts";

export interface HeldName {
  /** The descriptor whose lock holds it. */
  readonly fd: number;
  /** Lets go; removes it when nobody else holds it and it is still what was made. */
  release(): void;
}

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;
const FOLDER_MODE = 0o755;
const FILE_MODE = 0o444;
/** On a folder, it says who may remove entries; on an empty one of our own, or a file, it changes nothing. */
const MARK = 0o1000;
/** Another holder may be removing it at this moment; it is done with that at once. */
const MAX_TRIES = 100;

/** Makes the folder unless it exists and holds it. Null when it cannot be made: its parent is not ours to write to. */
export function holdFolder(path: string): HeldName | null {
  const calls = openProcessCalls();
  return hold({
    path,
    flags: O_DIRECTORY,
    // With its mark from the start, which the runtime's own call would leave out.
    make: () => calls.mkdir(toCString(path), FOLDER_MODE | MARK) === 0,
    unmake(): void {
      if (!works(() => Deno.removeSync(path))) calls.chmod(toCString(path), FOLDER_MODE);
    },
  });
}

/** The same for a file with a text. */
export function holdFile(path: string, content: string): HeldName | null {
  return hold({
    path,
    flags: 0,
    // The mark comes last: until then nobody takes it for one of ours.
    make: () =>
      works(() => Deno.writeTextFileSync(path, content, { createNew: true, mode: FILE_MODE })) &&
      openProcessCalls().chmod(toCString(path), FILE_MODE | MARK) === 0,
    unmake: () => void works(() => Deno.removeSync(path)),
  });
}

interface Holding {
  readonly path: string;
  /** To open it with. */
  readonly flags: number;
  make(): boolean;
  unmake(): void;
}

function hold({ path, flags, make, unmake }: Holding): HeldName | null {
  const calls = openProcessCalls();
  const name = toCString(path);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const made = make();
    const fd = calls.open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags);
    if (fd < 0) {
      if (made) continue;
      return null;
    }
    if (calls.flock(fd, LOCK_SH | LOCK_NB) === 0 && isStillAt(fd, path)) {
      return {
        fd,
        release(): void {
          const isLast = calls.flock(fd, LOCK_EX | LOCK_NB) === 0;
          if (isLast && isHeldName(path)) unmake();
          calls.close(fd);
        },
      };
    }
    calls.close(fd);
  }
  return null;
}

function works(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** Was it made by one of these, here or in another process, or left behind by one that was killed? */
export function isHeldName(path: string): boolean {
  try {
    const { isDirectory, isFile, mode } = Deno.lstatSync(path);
    return (isDirectory || isFile) && ((mode ?? 0) & MARK) !== 0;
  } catch {
    return false;
  }
}

/** What we locked may have been removed, and made anew, before we had the lock. */
function isStillAt(fd: number, path: string): boolean {
  try {
    const held = Deno.statSync(`/proc/self/fd/${fd}`);
    const there = Deno.lstatSync(path);
    return held.ino === there.ino && held.dev === there.dev;
  } catch {
    return false;
  }
}
