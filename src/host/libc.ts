// The C library of this system, for whoever needs its calls (libc_calls.ts). Opened at the first need and passed on;
// nothing is loaded at import.
import type { Libc } from "./libc_calls.ts";
import { openDarwinLibc } from "./libc_darwin.ts";
import { openLinuxLibc } from "./libc_linux.ts";
import { type OperatingSystem, readPlatform } from "./platform.ts";

/** Opens it at the first call and keeps it. The function throws CodexError EXEC_FAILED where there is no such library. */
export function openLibcOnce(os: OperatingSystem = readPlatform().os): () => Libc {
  let libc: Libc | null = null;
  return () => libc ??= os === "macos" ? openDarwinLibc() : openLinuxLibc();
}
