// Listening on a socket file: it is this user's alone from its first moment, one that a killed server left is replaced,
// and it goes when the server stops.
import { CodexError } from "../base/errors.ts";
import { type HandleRequest, startHttpServer } from "./http_server.ts";
import { type FileTarget, type Listener, listenError, tryListen } from "./listen_target.ts";

/** `sun_path` with its terminator. Source: unix(7), unix(4) of macOS. */
const SOCKET_PATH_BYTES = Deno.build.os === "linux" ? 108 : 104;
const PRIVATE_UMASK = 0o177;

/** @throws CodexError LISTEN_FAILED */
export async function listenOnFile(target: FileTarget, handle: HandleRequest): Promise<Listener> {
  const { path } = target;
  const longest = SOCKET_PATH_BYTES - 1;
  if (new TextEncoder().encode(path).length > longest) {
    throw new CodexError("LISTEN_FAILED", `Cannot listen on ${path}: the path is longer than a socket's may be`, {
      hint: `Use a path of at most ${longest} bytes, for example in /run/user/UID`,
    });
  }
  await removeStale(target);
  return listenNow(target, handle);
}

/** In one go: the caller has the listener before the first request. */
function listenNow(target: FileTarget, handle: HandleRequest): Listener {
  const { path } = target;
  // No moment in which others could open it: the file is made with the right mode.
  const umask = Deno.build.os === "windows" ? null : Deno.umask(PRIVATE_UMASK);
  let stop: () => Promise<void>;
  try {
    ({ stop } = tryListen(target, () => startHttpServer(handle, (parts) => Deno.serve({ path, ...parts }))));
  } finally {
    if (umask !== null) Deno.umask(umask);
  }
  const made = identityOf(path);
  return {
    address: null,
    replaceTls(): void {},
    async stop(): Promise<void> {
      await stop();
      // What another server has put there since is not ours to remove.
      if (made !== null && identityOf(path) === made) await Deno.remove(path).catch(() => {});
    },
  };
}

/** A socket file that nobody answers on is what a killed server has left. @throws CodexError LISTEN_FAILED */
async function removeStale(target: FileTarget): Promise<void> {
  const { path } = target;
  const info = await Deno.lstat(path).catch(() => null);
  if (info === null) return;
  if (!info.isSocket) {
    throw new CodexError("LISTEN_FAILED", `Cannot listen on ${path}: there is a file that is no socket`, {
      hint: "Choose another path, or remove the file",
    });
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw listenError(target, error);
    return await Deno.remove(path).catch((cause) => {
      throw listenError(target, cause);
    });
  }
  throw listenError(target, new Deno.errors.AddrInUse());
}

/** Tells one file from the next at the same path, which may get the same inode. */
function identityOf(path: string): string | null {
  try {
    const { ino, mtime } = Deno.lstatSync(path);
    return `${ino} ${mtime?.getTime()}`;
  } catch {
    return null;
  }
}
