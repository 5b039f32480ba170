// The listening sockets of this process, through FFI: one can be made to listen no longer while the connections that it
// has accepted go on, for which the runtime has no call, and of two that share a port one can be preferred. Linux only.
import { parseIpAddress, withoutMapping } from "../base/ip_address.ts";
import type { TcpAddress } from "./socket_table.ts";

const SYMBOLS = {
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
} as const;

const AF_INET = 2;
const AF_INET6 = 10;
const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const SO_ATTACH_REUSEPORT_CBPF = 51;
/** "Return this constant". Source: linux/filter.h */
const BPF_RET_K = 0x06;
const SHUT_RD = 0;
const ADDRESS_BYTES = 28;

export interface ListeningSockets {
  /** Descriptors of this process that listen on the address. */
  on(address: TcpAddress): number[];
  /**
   * While two share the port of `fd`, new connections go to the one that came second; a single one gets all. False where
   * the kernel cannot. Source: socket(7), SO_ATTACH_REUSEPORT_CBPF
   */
  preferSecond(fd: number): boolean;
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

  function isListening(fd: number): boolean {
    const value = new Int32Array(1);
    const length = new Uint32Array([4]);
    libc.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, new Uint8Array(value.buffer), new Uint8Array(length.buffer));
    return value[0] === 1;
  }

  /** The address that the socket is bound to, as `port a.b.c…`; null when it is none of the internet's. */
  function boundTo(fd: number): string | null {
    const bytes = new Uint8Array(ADDRESS_BYTES);
    const length = new Uint32Array([ADDRESS_BYTES]);
    if (libc.getsockname(fd, bytes, new Uint8Array(length.buffer)) !== 0) return null;
    const view = new DataView(bytes.buffer);
    const family = view.getUint16(0, true);
    if (family !== AF_INET && family !== AF_INET6) return null;
    const ip = family === AF_INET ? bytes.subarray(4, 8) : withoutMapping(bytes.subarray(8, 24));
    return `${view.getUint16(2, false)} ${ip.join(".")}`;
  }

  return {
    on({ hostname, port }): number[] {
      const wanted = `${port} ${parseIpAddress(hostname)?.join(".")}`;
      return [...Deno.readDirSync("/proc/self/fd")]
        .map(({ name }) => Number(name))
        .filter((fd) => boundTo(fd) === wanted && isListening(fd));
    },
    preferSecond(fd): boolean {
      const instruction = new Uint8Array(8);
      const view = new DataView(instruction.buffer);
      view.setUint16(0, BPF_RET_K, true);
      view.setUint32(4, 1, true);
      const program = new BigUint64Array([1n, Deno.UnsafePointer.value(Deno.UnsafePointer.of(instruction))]);
      const bytes = new Uint8Array(program.buffer);
      return libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, bytes, bytes.length) === 0;
    },
    end: (fd) => void libc.shutdown(fd, SHUT_RD),
  };
}
