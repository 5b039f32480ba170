// The calls of macOS' C library on the system of the tests: the same code with this system's numbers. On Linux they mean
// the same, so what is built on them can be run.
import { openDarwinLibc } from "../../src/host/libc_darwin.ts";
import type { Libc } from "../../src/host/libc_calls.ts";
import { UNIX_NUMBERS } from "../../src/host/unix_numbers.ts";

export function openMacCalls(): Libc {
  return openDarwinLibc(Deno.build.os === "darwin" ? UNIX_NUMBERS.macos : UNIX_NUMBERS.linux);
}
