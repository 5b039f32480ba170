// Names and numbers in which the C libraries of Linux and macOS differ, as data. Those of macOS were read in its headers
// (sys/filio.h, sys/ttycom.h, signal.h, sys/resource.h), and are the same on both of its processors.

export interface UnixNumbers {
  readonly library: string;
  /** `select` for descriptors of any number. */
  readonly select: string;
  /** Where the reason of a failed call is. */
  readonly errno: string;
  /** Descriptor: closed when another program takes over. Has no argument. */
  readonly FIOCLEX: bigint;
  /** Descriptor: calls do not wait, by the int that is pointed to. */
  readonly FIONBIO: bigint;
  /** Terminal: the `winsize` that is pointed to. */
  readonly TIOCSWINSZ: bigint;
  /** Terminal: becomes that of the session that the caller leads. Has no argument, or 0. */
  readonly TIOCSCTTY: bigint;
  readonly SIG_SETMASK: number;
  readonly RLIMIT_NOFILE: number;
  /** More open files are not asked for where the hard limit says "any number"; null: it never says so. */
  readonly maxOpenFiles: bigint | null;
  /** A folder with the numbers of our own descriptors. */
  readonly descriptors: string;
  /** The kinds of processor where arguments behind `...` lie on the stack, also when registers are free. */
  readonly variadicOnStack: readonly string[];
}

export const UNIX_NUMBERS = {
  linux: {
    library: "libc.so.6",
    select: "select",
    errno: "__errno_location",
    FIOCLEX: 0x5451n,
    FIONBIO: 0x5421n,
    TIOCSWINSZ: 0x5414n,
    TIOCSCTTY: 0x540en,
    SIG_SETMASK: 2,
    RLIMIT_NOFILE: 7,
    maxOpenFiles: null,
    descriptors: "/proc/self/fd",
    variadicOnStack: [],
  },
  macos: {
    library: "/usr/lib/libSystem.B.dylib",
    select: "select$DARWIN_EXTSN",
    errno: "__error",
    FIOCLEX: 0x2000_6601n,
    FIONBIO: 0x8004_667en,
    TIOCSWINSZ: 0x8008_7467n,
    TIOCSCTTY: 0x2000_7461n,
    SIG_SETMASK: 3,
    RLIMIT_NOFILE: 8,
    maxOpenFiles: 10_240n,
    descriptors: "/dev/fd",
    variadicOnStack: ["aarch64"],
  },
} as const satisfies Record<string, UnixNumbers>;
