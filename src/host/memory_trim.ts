// Gives memory that was freed back to the system: the allocator of the C library keeps what many small connections have
// left. Linux with the GNU C library only; elsewhere nothing happens. Source: malloc_trim(3).

const SYMBOLS = { malloc_trim: { parameters: ["usize"], result: "i32" } } as const;

export function trimMemory(): void {
  // There when the program was made with it; what it frees is what can be given back. Of the last resort: an ordinary
  // collection keeps the pages that it has emptied.
  const { gc } = globalThis as { gc?: (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void };
  gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  if (Deno.build.os !== "linux") return;
  try {
    Deno.dlopen("libc.so.6", SYMBOLS).symbols.malloc_trim(0n);
  } catch {
    // Another C library: its allocator decides for itself.
  }
}
