// An empty folder that exists only while somebody needs it. Holders, in any process, share a lock on it (flock); the
// last one to let go removes it. Its sticky bit tells it from a folder that somebody made for good, which is never
// removed; nor is one that got content meanwhile.
import { cString, type Libc, LOCK_EX, LOCK_NB, LOCK_SH, O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from "./libc.ts";

export interface HeldFolder {
  /** The descriptor whose lock holds it. */
  readonly fd: number;
  /** Lets go; removes the folder when nobody else holds it and it is still empty. */
  release(): void;
}

const FOLDER_MODE = 0o755;
/** On a folder, it says who may remove entries; on an empty one of our own it changes nothing. */
const MARK = 0o1000;
/** Another holder may be removing it at this moment; it is done with that at once. */
const MAX_TRIES = 100;

/** Makes the folder unless it exists and holds it. Null when it cannot be made: its parent is not ours to write to. */
export function holdFolder(libc: Libc, path: string): HeldFolder | null {
  const name = cString(path);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const made = libc.mkdir(name, FOLDER_MODE | MARK) === 0;
    const fd = libc.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
      if (made) continue;
      return null;
    }
    if (libc.flock(fd, LOCK_SH | LOCK_NB) === 0 && isStillAt(fd, path)) {
      return { fd, release: () => release(libc, fd, path) };
    }
    libc.close(fd);
  }
  return null;
}

function release(libc: Libc, fd: number, path: string): void {
  const isLast = libc.flock(fd, LOCK_EX | LOCK_NB) === 0;
  if (isLast && isHeldFolder(path) && libc.rmdir(cString(path)) !== 0) libc.chmod(cString(path), FOLDER_MODE);
  libc.close(fd);
}

/** Was it made by `holdFolder`, here or in another process, or left behind by one that was killed? */
export function isHeldFolder(path: string): boolean {
  try {
    const { isDirectory, mode } = Deno.lstatSync(path);
    return isDirectory && ((mode ?? 0) & MARK) !== 0;
  } catch {
    return false;
  }
}

/** The folder that we locked may have been removed, and made anew, before we had the lock. */
function isStillAt(fd: number, path: string): boolean {
  try {
    const held = Deno.statSync(`/proc/self/fd/${fd}`);
    const there = Deno.lstatSync(path);
    return held.ino === there.ino && held.dev === there.dev;
  } catch {
    return false;
  }
}
