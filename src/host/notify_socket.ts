// Tells the service manager how the process is doing: datagrams to the socket that NOTIFY_SOCKET names, a path or
// (leading "@") an abstract name. Through FFI, because the runtime has no datagrams on such names. Source: sd_notify(3).

export interface NotifySocket {
  /** `state` as sd_notify takes it, lines of NAME=value. False: nobody took it. */
  send(state: string): boolean;
  /** Microseconds of the clock that RELOADING=1 is stamped with. */
  monotonicMicros(): bigint;
}

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
} as const;

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const MSG_DONTWAIT = 0x40;
const CLOCK_MONOTONIC = 1;
const MAX_NAME_BYTES = 108;

/** Null for a name that is none, and where there are no such sockets. */
export function openNotifySocket(name: string): NotifySocket | null {
  if (Deno.build.os !== "linux" || !/^[@/]./.test(name)) return null;
  const address = socketAddress(name);
  if (address === null) return null;
  let libc: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  try {
    libc = Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    return null;
  }
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return null;
  return {
    send(state): boolean {
      const bytes = new TextEncoder().encode(state);
      const sent = libc.sendto(
        fd,
        bytes,
        BigInt(bytes.length),
        MSG_NOSIGNAL | MSG_DONTWAIT,
        address,
        address.length,
      );
      return sent === BigInt(bytes.length);
    },
    monotonicMicros(): bigint {
      const time = new BigInt64Array(2);
      libc.clock_gettime(CLOCK_MONOTONIC, new Uint8Array(time.buffer));
      return (time[0] ?? 0n) * 1_000_000n + (time[1] ?? 0n) / 1000n;
    },
  };
}

/** `struct sockaddr_un`: an abstract name begins with a zero byte and has no terminator. */
function socketAddress(name: string): Uint8Array<ArrayBuffer> | null {
  const isAbstract = name.startsWith("@");
  const path = new TextEncoder().encode(isAbstract ? `\0${name.slice(1)}` : `${name}\0`);
  if (path.length > MAX_NAME_BYTES) return null;
  const address = new Uint8Array(2 + path.length);
  address[0] = AF_UNIX;
  address.set(path, 2);
  return address;
}
