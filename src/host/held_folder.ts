// An empty folder that exists only while somebody needs it. Holders, in any process, share a lock on it (flock); the
// last one to let go removes it. A folder that got content meanwhile stays.
import { cString, type Libc, LOCK_EX, LOCK_NB, LOCK_SH, O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_RDONLY } from "./libc.ts";

export interface HeldFolder {
  /** Lets go; removes the folder when nobody else holds it and it is still empty. */
  release(): void;
}

const FOLDER_MODE = 0o755;
/** Another holder may be removing it at this moment; it is done with that at once. */
const MAX_TRIES = 100;

/** Makes the folder unless it exists and holds it. Null when it cannot be made: its parent is not ours to write to. */
export function holdFolder(libc: Libc, path: string): HeldFolder | null {
  const name = cString(path);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const made = libc.mkdir(name, FOLDER_MODE) === 0;
    const fd = libc.open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
      if (made) continue;
      return null;
    }
    if (libc.flock(fd, LOCK_SH | LOCK_NB) === 0 && isStillAt(fd, path)) {
      return { release: () => release(libc, fd, name) };
    }
    libc.close(fd);
  }
  return null;
}

function release(libc: Libc, fd: number, name: Uint8Array<ArrayBuffer>): void {
  if (libc.flock(fd, LOCK_EX | LOCK_NB) === 0) libc.rmdir(name);
  libc.close(fd);
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
