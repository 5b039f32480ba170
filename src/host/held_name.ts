// An empty folder, or a small file, that exists only while somebody needs it. Holders, in any process, share a lock on
// it (flock); the last one to let go removes it. Its sticky bit tells it from what somebody made for good, which is never
// removed; nor is a folder that got content meanwhile.
import {
  cString,
  type Libc,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_WRONLY,
} from "./libc.ts";

export interface HeldName {
  /** The descriptor whose lock holds it. */
  readonly fd: number;
  /** Lets go; removes it when nobody else holds it and it is still what was made. */
  release(): void;
}

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o444;
/** On a folder, it says who may remove entries; on an empty one of our own, or a file, it changes nothing. */
const MARK = 0o1000;
/** Another holder may be removing it at this moment; it is done with that at once. */
const MAX_TRIES = 100;

/** Makes the folder unless it exists and holds it. Null when it cannot be made: its parent is not ours to write to. */
export function holdFolder(libc: Libc, path: string): HeldName | null {
  const name = cString(path);
  const make = (): boolean => libc.mkdir(name, FOLDER_MODE | MARK) === 0;
  const unmake = (): void => {
    if (libc.rmdir(name) !== 0) libc.chmod(name, FOLDER_MODE);
  };
  return hold(libc, { path, flags: O_DIRECTORY, make, unmake });
}

/** The same for a file with a text. */
export function holdFile(libc: Libc, path: string, content: string): HeldName | null {
  const name = cString(path);
  const make = (): boolean => {
    // The mark comes last: until then nobody takes it for one of ours.
    const fd = libc.open_mode(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0) return false;
    const text = new TextEncoder().encode(content);
    libc.write(fd, text, BigInt(text.length));
    libc.close(fd);
    return libc.chmod(name, FILE_MODE | MARK) === 0;
  };
  return hold(libc, { path, flags: 0, make, unmake: () => void libc.unlink(name) });
}

interface Holding {
  readonly path: string;
  /** To open it with. */
  readonly flags: number;
  make(): boolean;
  unmake(): void;
}

function hold(libc: Libc, { path, flags, make, unmake }: Holding): HeldName | null {
  const name = cString(path);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const made = make();
    const fd = libc.open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags);
    if (fd < 0) {
      if (made) continue;
      return null;
    }
    if (libc.flock(fd, LOCK_SH | LOCK_NB) === 0 && isStillAt(fd, path)) {
      return {
        fd,
        release(): void {
          const isLast = libc.flock(fd, LOCK_EX | LOCK_NB) === 0;
          if (isLast && isHeldName(path)) unmake();
          libc.close(fd);
        },
      };
    }
    libc.close(fd);
  }
  return null;
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
