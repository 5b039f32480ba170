// How many files and sockets this process may have open: the soft limit that shells and service managers hand out is
// made for programs with few of them. Raised to the hard limit, as the system allows. Source: getrlimit(2).
import { readPlatform } from "./platform.ts";
import { UNIX_NUMBERS } from "./unix_numbers.ts";

const SYMBOLS = {
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
} as const;

/** True when the limit is as high as it may be. */
export function raiseOpenFilesLimit(): boolean {
  const { os } = readPlatform();
  if (os === "windows") return false;
  const { library, RLIMIT_NOFILE, maxOpenFiles } = UNIX_NUMBERS[os];
  try {
    const { getrlimit, setrlimit } = Deno.dlopen(library, SYMBOLS).symbols;
    // The soft limit, then the hard one.
    const limits = new BigUint64Array(2);
    const bytes = new Uint8Array(limits.buffer);
    if (getrlimit(RLIMIT_NOFILE, bytes) !== 0) return false;
    const [soft = 0n, hard = 0n] = limits;
    const wanted = maxOpenFiles !== null && hard > maxOpenFiles ? maxOpenFiles : hard;
    if (soft >= wanted) return true;
    limits[0] = wanted;
    return setrlimit(RLIMIT_NOFILE, bytes) === 0;
  } catch {
    return false;
  }
}
