// A process that holds secrets must not leave them in a core file: the kernel is told to make none of it, and so that
// other processes of the same user may not read its memory either. Commands that it starts are not affected: the mark
// goes with the program. Linux only. Source: PR_SET_DUMPABLE(2const).

const SYMBOLS = { prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" } } as const;
const PR_SET_DUMPABLE = 4;

/** True when the system has taken it. */
export function forbidCoreDumps(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS).symbols.prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n) === 0;
  } catch {
    return false;
  }
}
