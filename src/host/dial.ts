// Looking names up and connecting to addresses, as two steps, so that what was looked at is what is connected to.
import { lookup } from "node:dns/promises";
import { parseIpAddress } from "../base/ip_address.ts";
import { type ByteStream, connectionStream } from "./byte_stream.ts";

export interface Dialer {
  /** The addresses of a name, as bytes, best first. @throws when there are none. */
  resolve(name: string): Promise<readonly Uint8Array[]>;
  /** @throws when nobody answers. */
  connect(address: string, port: number): Promise<ByteStream>;
  /** As `connect`, with TLS on top; the certificate must be for `name`. */
  connectTls(name: string, port: number): Promise<ByteStream>;
}

export class DialTimeout extends Error {
  override readonly name: string = "DialTimeout";
}

export function createDialer(timeoutMs: number): Dialer {
  return {
    async resolve(name): Promise<readonly Uint8Array[]> {
      const found = await within(timeoutMs, lookup(name, { all: true, verbatim: true }), () => {});
      return found.map(({ address }) => parseIpAddress(address)).filter((bytes) => bytes !== null);
    },
    async connect(address, port): Promise<ByteStream> {
      const connecting = Deno.connect({ hostname: address, port });
      const connection = await within(timeoutMs, connecting, (late) => late.close());
      connection.setNoDelay(true);
      return connectionStream(connection);
    },
    async connectTls(name, port): Promise<ByteStream> {
      const connecting = Deno.connectTls({ hostname: name, port, alpnProtocols: ["http/1.1"] });
      return connectionStream(await within(timeoutMs, connecting, (late) => late.close()));
    },
  };
}

async function within<T>(timeoutMs: number, work: Promise<T>, dropLate: (value: T) => void): Promise<T> {
  let isLate = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new DialTimeout(`no answer within ${timeoutMs / 1000} s`));
    }, timeoutMs);
  });
  work.then((value) => isLate ? dropLate(value) : undefined, () => {});
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
