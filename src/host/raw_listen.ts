// Listening TCP sockets as bare descriptors, made in whatever network namespace this process is in.
import { parseIpAddress } from "../base/ip_address.ts";
import { errnoOf } from "./glibc.ts";
import { AF_INET, AF_INET6, EADDRINUSE, SOCK_CLOEXEC, SOCK_STREAM, socketAddress } from "./socket_calls.ts";
import type { SocketCalls } from "./socket_calls.ts";

export interface RawListenTarget {
  /** A loopback address, or an unspecified one. */
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
}

export type RawListenOutcome =
  | { readonly fd: number; readonly port: number }
  | { readonly problem: "in use" | "refused"; readonly errno: number };

const BACKLOG = 128;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

export function rawListen(calls: SocketCalls, { address, port }: RawListenTarget): RawListenOutcome {
  const bytes = parseIpAddress(address);
  if (bytes === null) throw new TypeError(`Cannot listen: no address: ${JSON.stringify(address)}`);
  const fd = calls.socket(bytes.length === 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused(errnoOf(calls));
  const yes = new Uint8Array(Int32Array.of(1).buffer);
  calls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, yes, yes.length);
  if (bytes.length === 16) calls.setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, yes, yes.length);
  const name = socketAddress(bytes, port);
  if (calls.bind(fd, name, name.length) !== 0 || calls.listen(fd, BACKLOG) !== 0) {
    const errno = errnoOf(calls);
    calls.close(fd);
    return refused(errno);
  }
  const length = new Uint8Array(Uint32Array.of(name.length).buffer);
  calls.getsockname(fd, name, length);
  return { fd, port: new DataView(name.buffer).getUint16(2, false) };
}

function refused(errno: number): RawListenOutcome {
  return { problem: errno === EADDRINUSE ? "in use" : "refused", errno };
}
