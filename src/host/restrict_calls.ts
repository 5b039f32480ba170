// System calls with which this process gives rights up for good, for itself and for the program that it becomes. Linux.
// Each binds the thread that calls it, which is the one that goes on as the new program. Source: prctl(2), capset(2),
// seccomp(2).
import { CodexError } from "../base/errors.ts";
import { errnoOf, openGlibc } from "./glibc.ts";

const SYMBOLS = {
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  capset: { parameters: ["buffer", "buffer"], result: "i32" },
  seccomp: { name: "syscall", parameters: ["i64", "u64", "u64", "buffer"], result: "i64" },
  createRuleset: { name: "syscall", parameters: ["i64", "buffer", "u64", "u64"], result: "i64" },
  addRule: { name: "syscall", parameters: ["i64", "i64", "u64", "buffer", "u64"], result: "i64" },
  restrictSelf: { name: "syscall", parameters: ["i64", "i64", "u64"], result: "i64" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  ioctl: { parameters: ["i32", "u64", "u64"], result: "i32" },
  setsid: { parameters: [], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

export type RestrictCalls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

const SYS_SECCOMP = Deno.build.arch === "x86_64" ? 317n : 277n;
const SECCOMP_SET_MODE_FILTER = 1n;
const FLAG_NEW_LISTENER = 1n << 3n;
/** Linux 5.19: what waits for an answer is only interrupted by its end, and not asked about twice. */
const FLAG_WAIT_KILLABLE = 1n << 5n;
const PR_SET_PDEATHSIG = 1;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4n;
const SIGKILL = 9n;
const CAPABILITY_VERSION_3 = 0x2008_0522;
const CAPABILITY_SETS_BYTES = 24;
const TIOCSCTTY = 0x540en;
const EINVAL = 22;
const INSTRUCTION_BYTES = 8;

/** @throws CodexError SANDBOX_UNAVAILABLE where there is no such library. */
export function openRestrictCalls(): RestrictCalls {
  return openGlibc(SYMBOLS, "SANDBOX_UNAVAILABLE");
}

function failure(calls: RestrictCalls, what: string): CodexError {
  return new CodexError("SANDBOX_UNAVAILABLE", `Cannot ${what}: error ${errnoOf(calls)} of the system`);
}

/** No program that this process becomes gains rights. @throws CodexError SANDBOX_UNAVAILABLE */
export function forbidNewPrivileges(calls: RestrictCalls): void {
  if (calls.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0) throw failure(calls, "forbid new privileges");
}

/** All capabilities go, for root and across exec too. @throws CodexError SANDBOX_UNAVAILABLE when one would stay. */
export function dropCapabilities(calls: RestrictCalls): void {
  for (let number = 0n; calls.prctl(PR_CAPBSET_READ, number, 0n, 0n, 0n) >= 0; number++) {
    const stays = calls.prctl(PR_CAPBSET_READ, number, 0n, 0n, 0n) === 1 &&
      calls.prctl(PR_CAPBSET_DROP, number, 0n, 0n, 0n) !== 0;
    // Only root gets capabilities from this set when it starts a program that may gain none.
    if (stays && Deno.uid() === 0) throw failure(calls, `drop capability ${number}`);
  }
  calls.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0n, 0n, 0n);
  const header = new Uint8Array(Uint32Array.of(CAPABILITY_VERSION_3, 0).buffer);
  if (calls.capset(header, new Uint8Array(CAPABILITY_SETS_BYTES)) !== 0) throw failure(calls, "drop capabilities");
}

/** From here on the filter holds. @throws CodexError SANDBOX_UNAVAILABLE */
export function installFilter(calls: RestrictCalls, filter: Uint8Array<ArrayBuffer>): void {
  if (calls.seccomp(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, 0n, programOf(filter)) !== 0n) {
    throw failure(calls, "install a seccomp filter");
  }
}

/** The same for a filter that asks: the descriptor (close-on-exec) on which it does. @throws CodexError SANDBOX_UNAVAILABLE */
export function installListener(calls: RestrictCalls, filter: Uint8Array<ArrayBuffer>): number {
  const program = programOf(filter);
  let fd = calls.seccomp(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE, program);
  if (fd < 0n && errnoOf(calls) === EINVAL) {
    fd = calls.seccomp(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, FLAG_NEW_LISTENER, program);
  }
  if (fd < 0n) throw failure(calls, "listen to a seccomp filter (Linux 5.0; one listener for each process)");
  return Number(fd);
}

/** This process, whatever it becomes, dies with its parent. */
export function dieWithParent(calls: RestrictCalls): void {
  calls.prctl(PR_SET_PDEATHSIG, SIGKILL, 0n, 0n, 0n);
}

/** Standard input becomes the controlling terminal of a session that this process leads. */
export function takeTerminal(calls: RestrictCalls): void {
  // Fails where it leads one already, which is fine.
  calls.setsid();
  calls.ioctl(0, TIOCSCTTY, 0n);
}

/** `struct sock_fprog` and, behind it, the instructions: one buffer, so that both live as long as the call. */
function programOf(filter: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const headBytes = 16;
  const program = new Uint8Array(headBytes + filter.length);
  program.set(filter, headBytes);
  const view = new DataView(program.buffer);
  view.setUint16(0, filter.length / INSTRUCTION_BYTES, true);
  view.setBigUint64(8, BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(program))) + BigInt(headBytes), true);
  return program;
}
