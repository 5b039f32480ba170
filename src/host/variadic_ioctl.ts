// ioctl(2) has its third argument behind `...`, and the foreign function interface knows no such functions. Where those
// arguments travel like all others that is no matter; on Apple's arm64 they lie on the stack, where the ninth of an
// ordinary call lies, too: there the six registers in between get zeros. Source: Apple, "Writing ARM64 code for Apple
// platforms", section on variadic functions.

const IN_REGISTER = { name: "ioctl", parameters: ["i32", "u64", "buffer"], result: "i32" } as const;
const ON_STACK = {
  name: "ioctl",
  parameters: ["i32", "u64", "u64", "u64", "u64", "u64", "u64", "u64", "buffer"],
  result: "i32",
} as const;

/** To be among the symbols of a library. */
export const IOCTL_SYMBOLS = {
  /** For requests without an argument. */
  ioctlAlone: { name: "ioctl", parameters: ["i32", "u64"], result: "i32" },
  ioctlInRegister: IN_REGISTER,
  ioctlOnStack: ON_STACK,
} as const;

type IoctlSymbols = Deno.DynamicLibrary<typeof IOCTL_SYMBOLS>["symbols"];

/** The call with an argument that is pointed to; 0 when it was done. */
export function ioctlOf(
  symbols: IoctlSymbols,
  isOnStack: boolean,
): (fd: number, request: bigint, argument: Uint8Array<ArrayBuffer>) => number {
  return isOnStack
    ? (fd, request, argument) => symbols.ioctlOnStack(fd, request, 0n, 0n, 0n, 0n, 0n, 0n, argument)
    : (fd, request, argument) => symbols.ioctlInRegister(fd, request, argument);
}
