// Opens the C library of Linux for a set of its functions, and tells why one of them failed. Nothing is loaded at import.
import { CodexError, type CodexErrorCode } from "../base/errors.ts";

/** @throws CodexError with `code` where there is no such library. */
export function openGlibc<const Symbols extends Deno.ForeignLibraryInterface>(
  symbols: Symbols,
  code: CodexErrorCode,
): Deno.DynamicLibrary<Symbols>["symbols"] {
  try {
    return Deno.dlopen("libc.so.6", symbols).symbols;
  } catch (cause) {
    throw new CodexError(code, "Cannot load the C library", {
      cause,
      hint: "Use a Linux system with the GNU C library",
    });
  }
}

/** The number of the last failed call's reason; ask before anything else is called. */
export function errnoOf(calls: { __errno_location(): Deno.PointerValue }): number {
  const pointer = calls.__errno_location();
  return pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
}
