// What a stage of the sandbox does to its own process before it becomes the command: mounts, capabilities and the system
// call filter, through FFI. Linux with the GNU C library. Source: open_tree(2), move_mount(2), capset(2), seccomp(2).
import { CodexError } from "../base/errors.ts";
import { toCString } from "./process_calls.ts";

const SYMBOLS = {
  unshare: { parameters: ["i32"], result: "i32" },
  /** `open_tree` and `move_mount` have no names in older C libraries. */
  open_tree: { name: "syscall", parameters: ["i64", "i64", "buffer", "i64"], result: "i64" },
  move_mount: { name: "syscall", parameters: ["i64", "i64", "buffer", "i64", "buffer", "i64"], result: "i64" },
  capset: { parameters: ["buffer", "buffer"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  prctl_buffer: { name: "prctl", parameters: ["i32", "u64", "buffer", "u64", "u64"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  strerror: { parameters: ["i32"], result: "pointer" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

type ConfineCalls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const SYS_OPEN_TREE = 428n;
const SYS_MOVE_MOUNT = 429n;
const AT_FDCWD = -100n;
const AT_SYMLINK_NOFOLLOW = 0x100n;
const OPEN_TREE_CLONE = 1n;
const OPEN_TREE_CLOEXEC = 0o2000000n;
const MOVE_MOUNT_F_EMPTY_PATH = 4n;
const CLONE_NEWNS = 0x20000;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_SECCOMP = 22;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4n;
const SECCOMP_MODE_FILTER = 2n;
const CAPABILITY_VERSION_3 = 0x2008_0522;
const CAPABILITY_SET_WORDS = 6;
const INSTRUCTION_BYTES = 8;
const FPROG_BYTES = 16;

const CHUNK_BYTES = 65_536;

export interface SelfConfinement {
  /** All that comes from a descriptor until its end; waits for it. */
  readDescriptor(fd: number): Uint8Array;
  /** Gives this process mounts of its own, which it may add to. */
  separateMounts(): void;
  /**
   * Mounts a symbolic link on itself: it leads where it led, and can no longer be removed, renamed or replaced. Answers
   * with what it says.
   */
  holdLink(path: string): string;
  /** Gives up capabilities for good, those that `kept` numbers from the bounding set too. */
  dropCapabilities(bounding: readonly number[]): void;
  /** Binds the calling thread, and all that it becomes and starts, to a filter (`sock_filter` records). */
  installFilter(program: Uint8Array): void;
}

/** All of it counts for the calling thread alone. Throws CodexError SANDBOX_UNAVAILABLE with the kernel's words. */
export function openSelfConfinement(): SelfConfinement {
  const calls = openCalls();
  const check = (result: number | bigint, what: string): void => {
    if (Number(result) < 0) throw new CodexError("SANDBOX_UNAVAILABLE", `Cannot ${what}: ${lastError(calls)}`);
  };
  return {
    readDescriptor(fd): Uint8Array {
      const bytes: number[] = [];
      const chunk = new Uint8Array(CHUNK_BYTES);
      for (;;) {
        const count = Number(calls.read(fd, chunk, BigInt(CHUNK_BYTES)));
        check(count, `read descriptor ${fd}`);
        if (count === 0) return Uint8Array.from(bytes);
        for (const byte of chunk.subarray(0, count)) bytes.push(byte);
      }
    },
    separateMounts: () => check(calls.unshare(CLONE_NEWNS), "make mounts of its own"),
    holdLink(path): string {
      const name = toCString(path);
      const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW;
      const tree = calls.open_tree(SYS_OPEN_TREE, AT_FDCWD, name, flags);
      check(tree, `hold the link "${path}" in place`);
      const moved = calls.move_mount(SYS_MOVE_MOUNT, tree, toCString(""), AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH);
      check(moved, `hold the link "${path}" in place`);
      calls.close(Number(tree));
      // On this thread: the mounts are its own.
      return Deno.readLinkSync(path);
    },
    dropCapabilities(bounding): void {
      for (const capability of bounding) {
        check(calls.prctl(PR_CAPBSET_DROP, BigInt(capability), 0n, 0n, 0n), "give up a capability");
      }
      check(calls.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0n, 0n, 0n), "give up capabilities");
      const header = new Uint32Array([CAPABILITY_VERSION_3, 0]);
      const none = new Uint32Array(CAPABILITY_SET_WORDS);
      check(calls.capset(new Uint8Array(header.buffer), new Uint8Array(none.buffer)), "give up capabilities");
    },
    installFilter(program): void {
      check(calls.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n), "give up new privileges");
      const fprog = new Uint8Array(FPROG_BYTES);
      const view = new DataView(fprog.buffer);
      view.setUint16(0, program.length / INSTRUCTION_BYTES, true);
      const records = Uint8Array.from(program);
      view.setBigUint64(8, Deno.UnsafePointer.value(Deno.UnsafePointer.of(records)), true);
      check(calls.prctl_buffer(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog, 0n, 0n), "install the filter");
    },
  };
}

function openCalls(): ConfineCalls {
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  } catch (cause) {
    throw new CodexError("SANDBOX_UNAVAILABLE", "Cannot load the C library", {
      cause,
      hint: "Use a Linux system with the GNU C library",
    });
  }
}

function lastError(calls: ConfineCalls): string {
  const place = calls.__errno_location();
  const errno = place === null ? 0 : new Deno.UnsafePointerView(place).getInt32();
  const text = calls.strerror(errno);
  return text === null ? `error ${errno}` : Deno.UnsafePointerView.getCString(text);
}
