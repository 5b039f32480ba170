// Which user of this machine owns the other end of a loopback connection. The kernel is asked for the one socket
// (netlink, sock_diag), which costs the same however many there are; where that does not work, the tables in /proc/net
// are read, once for all questions that come meanwhile. Only an open socket of a living process counts: the kernel calls
// root the owner of those that were closed. On macOS lsof(8) is asked. Source: sock_diag(7), proc_pid_net(5).
import { parseIpAddress } from "../base/ip_address.ts";
import type { TcpAddress } from "./socket_table.ts";

/** The connection as the server sees it. */
export interface TcpConnection {
  readonly local: TcpAddress;
  readonly remote: TcpAddress;
}

export interface SocketOwners {
  /** The numeric user id that owns the remote end; null when nobody has it open, or the system does not tell. */
  uidOf(connection: TcpConnection): Promise<number | null>;
}

export interface SocketOwnersOptions {
  /** False: only the tables in /proc/net are read. */
  readonly asksKernel?: boolean;
}

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
} as const;

const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const NLM_F_REQUEST = 1;
const IPPROTO_TCP = 6;
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;
/** Offsets in the answer. Source: linux/inet_diag.h, inet_diag_msg */
const STATE_AT = HEADER_BYTES + 1;
const UID_AT = HEADER_BYTES + 64;
const INODE_AT = HEADER_BYTES + 68;
const ANSWER_BYTES = HEADER_BYTES + 72;
const NLMSG_ERROR = 2;
const ENOENT = 2;
/** Source: net/tcp_states.h */
const ESTABLISHED = 1;
const TABLE_ESTABLISHED = "01";
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;

/** Null where the system tells nothing of it. */
export function openSocketOwners({ asksKernel = true }: SocketOwnersOptions = {}): SocketOwners | null {
  if (Deno.build.os === "darwin") {
    return { uidOf: async (ends) => await (await import("./socket_owner_lsof.ts")).uidByLsof(ends) };
  }
  if (Deno.build.os !== "linux") return null;
  const ask = asksKernel ? openNetlink() : null;
  const read = createTableReader();
  return {
    async uidOf(connection): Promise<number | null> {
      const local = parseIpAddress(connection.local.hostname);
      const remote = parseIpAddress(connection.remote.hostname);
      if (local === null || remote === null || local.length !== remote.length) return null;
      const ends = { local, localPort: connection.local.port, remote, remotePort: connection.remote.port };
      const answer = ask?.(ends);
      return answer === undefined ? await read(ends) : answer;
    },
  };
}

interface Ends {
  readonly local: Uint8Array;
  readonly localPort: number;
  readonly remote: Uint8Array;
  readonly remotePort: number;
}

/** The function's result is undefined when the kernel does not answer such questions. */
function openNetlink(): ((ends: Ends) => number | null | undefined) | null {
  let libc: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
  try {
    libc = Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    return null;
  }
  const fd = libc.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return null;
  // The kernel answers before `send` returns; should it ever not, the server must not stand still.
  const halfSecond = new BigInt64Array([0n, 500_000n]);
  libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(halfSecond.buffer), 16);
  const reply = new Uint8Array(8192);
  const view = new DataView(reply.buffer);
  let sequence = 0;
  let hasAnswered = false;

  return (ends) => {
    const request = diagRequest(ends, ++sequence);
    if (libc.send(fd, request, BigInt(request.length), 0) !== BigInt(request.length)) return undefined;
    // An answer that came too late for its question is passed over.
    for (let tries = 0; tries < 4; tries++) {
      const length = Number(libc.recv(fd, reply, BigInt(reply.length), 0));
      if (length < HEADER_BYTES) return undefined;
      if (view.getUint32(8, true) !== sequence) continue;
      const type = view.getUint16(4, true);
      if (type === SOCK_DIAG_BY_FAMILY && length >= ANSWER_BYTES) {
        hasAnswered = true;
        const isOpen = reply[STATE_AT] === ESTABLISHED && view.getUint32(INODE_AT, true) !== 0;
        return isOpen ? view.getUint32(UID_AT, true) : null;
      }
      // "No such entry" is the socket, once it is known that the kernel has the part of it that looks sockets up.
      const isUnknown = type === NLMSG_ERROR && view.getInt32(HEADER_BYTES, true) === -ENOENT;
      return isUnknown && hasAnswered ? null : undefined;
    }
    return undefined;
  };
}

/** The remote end's own socket has our remote as its source. Source: linux/inet_diag.h, inet_diag_req_v2 */
function diagRequest(ends: Ends, sequence: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(REQUEST_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, REQUEST_BYTES, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, NLM_F_REQUEST, true);
  view.setUint32(8, sequence, true);
  bytes[16] = ends.remote.length === 4 ? AF_INET : AF_INET6;
  bytes[17] = IPPROTO_TCP;
  view.setUint32(20, 0xffff_ffff, true);
  view.setUint16(24, ends.remotePort, false);
  view.setUint16(26, ends.localPort, false);
  bytes.set(ends.remote, 28);
  bytes.set(ends.local, 44);
  // Any interface; the cookie of no particular socket.
  view.setUint32(64, 0xffff_ffff, true);
  view.setUint32(68, 0xffff_ffff, true);
  return bytes;
}

/** The sockets that somebody has open, by their ends, with the user. */
type OwnerTable = ReadonlyMap<string, number>;

function createTableReader(): (ends: Ends) => Promise<number | null> {
  let next: Promise<OwnerTable> | null = null;
  let running: Promise<unknown> = Promise.resolve();

  // A question that comes while a read runs waits for the one after it: its own socket may be newer than the first.
  function readTables(): Promise<OwnerTable> {
    next ??= running.then(() => {
      const work = Promise.all(["tcp", "tcp6"].map((name) => Deno.readTextFile(`/proc/net/${name}`).catch(() => "")))
        .then((texts) => parseTables(texts.join("\n")));
      running = work;
      next = null;
      return work;
    });
    return next;
  }

  return async (ends) => {
    const table = await readTables();
    // Sockets of IPv4 are in the second table, too, when they were opened for both.
    for (const mapped of [false, true]) {
      const local = `${tableAddress(ends.remote, mapped)}:${tablePort(ends.remotePort)}`;
      const uid = table.get(`${local} ${tableAddress(ends.local, mapped)}:${tablePort(ends.localPort)}`);
      if (uid !== undefined) return uid;
    }
    return null;
  };
}

function parseTables(text: string): OwnerTable {
  const table = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, local, remote, state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (state === TABLE_ESTABLISHED && Number(inode) > 0) table.set(`${local} ${remote}`, Number(uid));
  }
  return table;
}

function tablePort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}

/** Words of four bytes, each in the machine's own order (little endian on all systems that Deno runs on). */
function tableAddress(bytes: Uint8Array, mapped: boolean): string {
  const whole = mapped && bytes.length === 4 ? Uint8Array.from([...new Uint8Array(10), 0xff, 0xff, ...bytes]) : bytes;
  let text = "";
  for (let at = 0; at < whole.length; at += 4) text += [...whole.subarray(at, at + 4)].reverse().map(hexByte).join("");
  return text;
}

function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
