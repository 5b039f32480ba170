// Mounts of a process's own, and what it was handed on descriptors, through FFI: for a stage of the sandbox that prepares
// itself before it becomes the command. Linux with the GNU C library. Source: open_tree(2), move_mount(2).
import { CodexError } from "../base/errors.ts";
import { errnoOf, openGlibc } from "./glibc.ts";
import { describeErrno, openProcessCalls, toCString } from "./process_calls.ts";

const SYMBOLS = {
  unshare: { parameters: ["i32"], result: "i32" },
  /** These two have no names in older C libraries. */
  open_tree: { name: "syscall", parameters: ["i64", "i64", "buffer", "i64"], result: "i64" },
  move_mount: { name: "syscall", parameters: ["i64", "i64", "buffer", "i64", "buffer", "i64"], result: "i64" },
  /** Waits on this thread. */
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
} as const;

const SYS_OPEN_TREE = 428n;
const SYS_MOVE_MOUNT = 429n;
const AT_FDCWD = -100n;
const AT_SYMLINK_NOFOLLOW = 0x100n;
const OPEN_TREE_CLONE = 1n;
const OPEN_TREE_CLOEXEC = 0o2000000n;
const MOVE_MOUNT_F_EMPTY_PATH = 4n;
const CLONE_NEWNS = 0x20000;
const CHUNK_BYTES = 65_536;

export interface OwnMounts {
  /** All that comes from a descriptor until its end; waits for it. */
  readDescriptor(fd: number): Uint8Array<ArrayBuffer>;
  /** Gives the calling thread mounts of its own, which it may add to. */
  separate(): void;
  /**
   * Mounts a symbolic link on itself: it leads where it led, and can no longer be removed, renamed or replaced. Answers
   * with what it says.
   */
  holdLink(path: string): string;
}

/** Its functions throw CodexError SANDBOX_UNAVAILABLE with the kernel's words. */
export function openOwnMounts(): OwnMounts {
  const process = openProcessCalls();
  const calls = openGlibc(SYMBOLS, "SANDBOX_UNAVAILABLE");
  const check = (result: number | bigint, what: string): void => {
    if (Number(result) >= 0) return;
    throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot ${what}: ${describeErrno(process, errnoOf(process))}`);
  };
  return {
    readDescriptor(fd): Uint8Array<ArrayBuffer> {
      const bytes: number[] = [];
      const chunk = new Uint8Array(CHUNK_BYTES);
      for (;;) {
        const count = Number(calls.read(fd, chunk, BigInt(CHUNK_BYTES)));
        check(count, `read descriptor ${fd}`);
        if (count === 0) return Uint8Array.from(bytes);
        for (const byte of chunk.subarray(0, count)) bytes.push(byte);
      }
    },
    separate: () => check(calls.unshare(CLONE_NEWNS), "make mounts of its own"),
    holdLink(path): string {
      const name = toCString(path);
      const what = `hold the link "${path}" in place`;
      const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW;
      const tree = calls.open_tree(SYS_OPEN_TREE, AT_FDCWD, name, flags);
      check(tree, what);
      check(calls.move_mount(SYS_MOVE_MOUNT, tree, toCString(""), AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH), what);
      process.close(Number(tree));
      // On this thread: the mounts are its own.
      return Deno.readLinkSync(path);
    },
  };
}
