// The listening sockets of this process, through FFI: one can be made to listen no longer while the connections that it
// has accepted go on, for which the runtime has no call. Linux only.

const SYMBOLS = {
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
} as const;

const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const SHUT_RD = 0;
const ADDRESS_BYTES = 28;

export interface ListeningSockets {
  /** Descriptors of this process that listen on the port. */
  on(port: number): number[];
  /** It listens no longer; whoever accepts on it gets an error. */
  end(fd: number): void;
}

/** Null where that cannot be done. */
export function openListeningSockets(): ListeningSockets | null {
  if (Deno.build.os !== "linux") return null;
  let libc: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  try {
    libc = Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    return null;
  }

  function listensOn(fd: number, port: number): boolean {
    const address = new Uint8Array(ADDRESS_BYTES);
    const length = new Uint32Array([ADDRESS_BYTES]);
    if (libc.getsockname(fd, address, new Uint8Array(length.buffer)) !== 0) return false;
    if ((((address[2] ?? 0) << 8) | (address[3] ?? 0)) !== port) return false;
    const value = new Int32Array(1);
    const valueLength = new Uint32Array([4]);
    const bytes = new Uint8Array(value.buffer);
    libc.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, bytes, new Uint8Array(valueLength.buffer));
    return value[0] === 1;
  }

  return {
    on: (port) =>
      [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => Number(name)).filter((fd) => listensOn(fd, port)),
    end: (fd) => void libc.shutdown(fd, SHUT_RD),
  };
}
