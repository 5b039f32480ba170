// What sessions of commands need of the C library and Deno has no API for: pseudo-terminals, and close-on-exec for every
// inherited descriptor. One implementation per system: libc_linux.ts, libc_darwin.ts.

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** Descriptors of a new pseudo-terminal; both are close-on-exec. */
export interface RawTerminal {
  /** Reading and writing never wait. */
  readonly master: number;
  readonly slave: number;
  readonly slavePath: string;
}

/** Ends waits: `descriptor` is to be watched beside another one. */
export interface Wake {
  readonly descriptor: number;
  wake(): void;
  close(): void;
}

export interface Libc {
  /** @throws CodexError EXEC_FAILED when the system has no pseudo-terminal to give. */
  openTerminal(size: TerminalSize): RawTerminal;
  /** Bytes read or written; 0 or less when there is nothing to read, no room, or nobody at the other end. */
  read(fd: number, buffer: Uint8Array<ArrayBuffer>): number;
  write(fd: number, bytes: Uint8Array<ArrayBuffer>): number;
  close(fd: number): void;
  setSize(master: number, size: TerminalSize): void;
  /** Process groups of a terminal: the foreground one and its session leader's, as far as there are such. */
  processGroups(master: number): readonly number[];
  openWake(): Wake;
  /** Settles when `fd` can be read or written, or was hung up, as far as that can be seen, or at a wake. */
  wait(fd: number, wake: Wake, use: "read" | "write"): Promise<"ready" | "hungUp" | "woken">;
  /**
   * Marks every descriptor above stderr as close-on-exec, so that a command inherits none that this process was itself
   * started with. The runtime's own have that mark already.
   */
  closeInheritedOnExec(): void;
}
