// This process becomes a program that leads a session with the terminal on its standard input: Ctrl-C and job control
// work then. For systems without setsid(1). Source: setsid(2), tty(4), execvp(3).
import { CodexError, messageOf } from "../base/errors.ts";
import { openLibcOnce } from "./libc.ts";
import { readPlatform } from "./platform.ts";
import { toCString, toStringArray } from "./process_calls.ts";
import { UNIX_NUMBERS, type UnixNumbers } from "./unix_numbers.ts";
import { IOCTL_SYMBOLS } from "./variadic_ioctl.ts";

const SYMBOLS = {
  setsid: { parameters: [], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  pthread_sigmask: { parameters: ["i32", "buffer", "pointer"], result: "i32" },
  execvp: { parameters: ["buffer", "buffer"], result: "i32" },
  strerror: { parameters: ["i32"], result: "pointer" },
  ...IOCTL_SYMBOLS,
} as const;

/** Why it did not happen: the system's number and its words. */
export interface LeaderFailure {
  readonly errno: number;
  readonly message: string;
}

const STDIN = 0;
const SIGPIPE = 13;
const SIG_DFL = 0n;
/** Larger than the set of any C library. */
const SIGSET_BYTES = 128;

/** Comes back only when it failed. The environment stays. @throws CodexError EXEC_FAILED without a C library. */
export function becomeTerminalLeader(argv: readonly string[]): LeaderFailure {
  const { os } = readPlatform();
  const numbers = UNIX_NUMBERS[os === "macos" ? "macos" : "linux"];
  const { symbols, errno } = openSymbols(numbers);
  const failure = (): LeaderFailure => {
    const number = errno();
    const words = symbols.strerror(number);
    return { errno: number, message: words === null ? `error ${number}` : Deno.UnsafePointerView.getCString(words) };
  };
  // A leader already is none the worse.
  symbols.setsid();
  if (symbols.ioctlInRegister(STDIN, numbers.TIOCSCTTY, null) !== 0) return failure();
  openLibcOnce(os)().closeInheritedOnExec();
  const program = toCString(argv[0] ?? "");
  const words = toStringArray(argv);
  // The runtime ignores SIGPIPE, and what is ignored stays so across exec.
  symbols.signal(SIGPIPE, SIG_DFL);
  symbols.pthread_sigmask(numbers.SIG_SETMASK, new Uint8Array(SIGSET_BYTES), null);
  symbols.execvp(program, words);
  return failure();
}

function openSymbols(numbers: UnixNumbers): {
  symbols: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  errno: () => number;
} {
  try {
    const errnoCall = { name: numbers.errno, parameters: [], result: "pointer" } as const;
    const { symbols } = Deno.dlopen(numbers.library, { ...SYMBOLS, errnoCall });
    return {
      symbols,
      errno: () => {
        const pointer = symbols.errnoCall();
        return pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
      },
    };
  } catch (cause) {
    throw new CodexError("EXEC_FAILED", `Cannot lead a terminal: ${messageOf(cause)}`, { cause });
  }
}
