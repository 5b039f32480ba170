// How many files and sockets this process may have open: the soft limit that shells and service managers hand out is
// made for programs with few of them. Raised to the hard limit, as the system allows. Linux only. Source: getrlimit(2).

const SYMBOLS = {
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
} as const;
const RLIMIT_NOFILE = 7;

/** True when the limit is as high as it may be. */
export function raiseOpenFilesLimit(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    const { getrlimit, setrlimit } = Deno.dlopen("libc.so.6", SYMBOLS).symbols;
    // The soft limit, then the hard one.
    const limits = new BigUint64Array(2);
    const bytes = new Uint8Array(limits.buffer);
    if (getrlimit(RLIMIT_NOFILE, bytes) !== 0) return false;
    if (limits[0] === limits[1]) return true;
    limits[0] = limits[1] ?? 0n;
    return setrlimit(RLIMIT_NOFILE, bytes) === 0;
  } catch {
    return false;
  }
}
