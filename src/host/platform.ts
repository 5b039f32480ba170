// Which machine this is.

export type OperatingSystem = "linux" | "macos" | "windows";

export interface Platform {
  readonly os: OperatingSystem;
  /** As the protocol's `platformFamily`. */
  readonly family: "unix" | "windows";
  readonly arch: "x86_64" | "aarch64";
  /** Numeric user id, or null on Windows. */
  readonly uid: number | null;
}

export function readPlatform(): Platform {
  const os = Deno.build.os === "darwin" ? "macos" : Deno.build.os === "windows" ? "windows" : "linux";
  return { os, family: os === "windows" ? "windows" : "unix", arch: Deno.build.arch, uid: Deno.uid() };
}

/** The version of the operating system's kernel, e.g. "6.18.0". */
export function osRelease(): string {
  return Deno.osRelease();
}

export function processId(): number {
  return Deno.pid;
}

/** The compiled program that runs, an absolute path; null when it runs from source. */
export function programPath(): string | null {
  return Deno.build.standalone ? Deno.execPath() : null;
}

/** Bytes of memory that this process holds. */
export function residentBytes(): number {
  return Deno.memoryUsage().rss;
}

/** Bytes that objects of the program take, of those that the process holds. */
export function heapBytes(): number {
  return Deno.memoryUsage().heapUsed;
}
