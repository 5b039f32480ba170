// The TCP sockets of this process as the kernel sees them, through FFI. Deno tells neither how much of a message has
// arrived nor lets a connection be cut; both are asked of the socket itself. A descriptor may be used again at any
// moment, so each use first asks whose it is. Linux only: elsewhere there is no table.
import { parseIpAddress, withoutMapping } from "../base/ip_address.ts";

/** One end of a TCP connection. */
export interface TcpAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Connections are named by their peer (`socketKey`). */
export interface SocketTable {
  /** Looks at all sockets again; what was not there the last time is unknown to `bytesReceived` until then. */
  refresh(): void;
  /** Bytes that the kernel has received from the peer; null for a connection that is gone or not known yet. */
  bytesReceived(key: string): number | null;
  /** Puts bytes behind what was sent; false when not all were taken at once. */
  write(key: string, bytes: Uint8Array<ArrayBuffer>): boolean;
  /** Ends the connection now, whatever waits: the peer gets a reset. The descriptor stays the runtime's. */
  reset(key: string): void;
  /** The peers that are connected to a port of this process. */
  accepted(port: number): string[];
  /**
   * How much may wait unread on each connection to a port of this process, present and future ones. What one turn of
   * the event loop takes from a connection is a multiple of it.
   */
  boundReceiveBuffers(port: number, bytes: number): void;
}

const SYMBOLS = {
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
} as const;

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** Offset of `tcpi_bytes_received` in `struct tcp_info`. Source: linux/tcp.h, since 4.2. */
const BYTES_RECEIVED_AT = 128;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const ADDRESS_BYTES = 28;

/** Null where the system has no such table. */
export function openSocketTable(): SocketTable | null {
  if (Deno.build.os !== "linux") return null;
  let libc: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  try {
    libc = Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    return null;
  }
  const address = new Uint8Array(ADDRESS_BYTES);
  const length = new Uint32Array(1);
  const lengthBytes = new Uint8Array(length.buffer);
  const info = new Uint8Array(256);
  const infoView = new DataView(info.buffer);
  const fds = new Map<string, number>();

  function nameOf(call: "getpeername" | "getsockname", fd: number): { key: string; port: number } | null {
    length[0] = ADDRESS_BYTES;
    if (libc[call](fd, address, lengthBytes) !== 0) return null;
    const family = (address[0] ?? 0) | ((address[1] ?? 0) << 8);
    if (family !== AF_INET && family !== AF_INET6) return null;
    const port = ((address[2] ?? 0) << 8) | (address[3] ?? 0);
    const bytes = family === AF_INET ? address.slice(4, 8) : withoutMapping(address.slice(8, 24));
    return { key: keyText(bytes, port), port };
  }

  function readAll(): void {
    fds.clear();
    for (const { name } of Deno.readDirSync("/proc/self/fd")) {
      const fd = Number(name);
      const peer = nameOf("getpeername", fd);
      if (peer !== null) fds.set(peer.key, fd);
    }
  }

  function findKnown(key: string): number | null {
    const known = fds.get(key);
    return known !== undefined && nameOf("getpeername", known)?.key === key ? known : null;
  }

  function find(key: string): number | null {
    const known = findKnown(key);
    if (known !== null) return known;
    readAll();
    return fds.get(key) ?? null;
  }

  return {
    refresh: readAll,
    bytesReceived(key): number | null {
      const fd = findKnown(key);
      if (fd === null) return null;
      length[0] = info.length;
      if (libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, lengthBytes) !== 0) return null;
      if ((length[0] ?? 0) < BYTES_RECEIVED_AT + 8) return null;
      return Number(infoView.getBigUint64(BYTES_RECEIVED_AT, true));
    },
    write(key, bytes): boolean {
      const fd = find(key);
      return fd !== null &&
        libc.send(fd, bytes, BigInt(bytes.length), MSG_DONTWAIT | MSG_NOSIGNAL) === BigInt(bytes.length);
    },
    reset(key): void {
      const fd = find(key);
      // An address of no family dissolves the connection. Source: connect(2).
      if (fd !== null) libc.connect(fd, new Uint8Array(16), 16);
    },
    accepted(port): string[] {
      readAll();
      return [...fds].filter(([, fd]) => nameOf("getsockname", fd)?.port === port).map(([key]) => key);
    },
    boundReceiveBuffers(port, bytes): void {
      // The kernel doubles the number, to have room for what it needs itself. Accepted sockets inherit it.
      const value = new Uint8Array(new Int32Array([bytes / 2]).buffer);
      for (const { name } of Deno.readDirSync("/proc/self/fd")) {
        const fd = Number(name);
        if (nameOf("getsockname", fd)?.port === port) libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, value, value.length);
      }
    },
  };
}

/** Names a connection by its peer, as the table does. */
export function socketKey({ hostname, port }: TcpAddress): string {
  return keyText(parseIpAddress(hostname) ?? new Uint8Array(), port);
}

function keyText(address: Uint8Array, port: number): string {
  return `${address.join(".")}:${port}`;
}
