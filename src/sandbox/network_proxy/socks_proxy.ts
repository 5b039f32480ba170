// The SOCKS5 proxy: CONNECT to names and addresses, with or without a password. No BIND, and no UDP: a datagram could
// not be judged by what it asks for. Source: RFC 1928, 1929.
import type { ByteStream } from "../../host/byte_stream.ts";
import type { Egress, EgressOutcome } from "./egress.ts";
import { formatAddress, type Host, parseHost } from "./host_name.ts";
import { isSame, type ProxyCredentials } from "./proxy_credentials.ts";
import { type ServeOptions, withDeadline } from "./serve_options.ts";
import { ProtocolError, StreamReader } from "./stream_reader.ts";
import { tunnel } from "./tunnel.ts";

const VERSION = 5;
const NO_PASSWORD = 0;
const USER_AND_PASSWORD = 2;
const NO_METHOD = 0xff;
const CONNECT = 1;
const REPLY = {
  done: 0,
  failed: 1,
  notAllowed: 2,
  unreachable: 4,
  refused: 5,
  noSuchCommand: 7,
  noSuchAddress: 8,
} as const;

/** Settles when the connection is over; it is closed then. Never throws. */
export async function serveSocksProxy(client: ByteStream, options: ServeOptions): Promise<void> {
  try {
    const reader = new StreamReader(client);
    const target = await withDeadline(
      options.limits.headMs,
      () => client.close(),
      () => readRequest(client, reader, options.credentials),
    );
    if (target === null) return;
    const outcome = await openTarget(options.egress, target);
    await client.write(reply(replyFor(outcome)));
    if (outcome.kind !== "open") return await client.closeWrite();
    const server = { stream: outcome.stream, reader: new StreamReader(outcome.stream) };
    await tunnel({ stream: client, reader }, server, options.limits.idleMs);
  } catch {
    // A broken connection, or a client that speaks something else.
  } finally {
    client.close();
  }
}

interface SocksTarget {
  readonly host: Host;
  readonly port: number;
}

function openTarget(egress: Egress, { host, port }: SocksTarget): Promise<EgressOutcome> {
  return egress.open({ host, port, protocol: "socks5", method: null });
}

/** Null when the client was told why not. @throws ProtocolError */
async function readRequest(
  client: ByteStream,
  reader: StreamReader,
  credentials: ProxyCredentials | null,
): Promise<SocksTarget | null> {
  const [version = 0, count = 0] = await reader.readExactly(2);
  if (version !== VERSION) throw new ProtocolError("not SOCKS5");
  const offered = await reader.readExactly(count);
  const wanted = credentials === null ? NO_PASSWORD : USER_AND_PASSWORD;
  if (!offered.includes(wanted)) {
    await client.write(Uint8Array.of(VERSION, NO_METHOD));
    return null;
  }
  await client.write(Uint8Array.of(VERSION, wanted));
  if (credentials !== null && !await authenticate(client, reader, credentials)) return null;
  const [again = 0, command = 0, , kind = 0] = await reader.readExactly(4);
  if (again !== VERSION) throw new ProtocolError("not SOCKS5");
  const host = await readHost(reader, kind);
  if (host === undefined) {
    await client.write(reply(REPLY.noSuchAddress));
    return null;
  }
  const [high = 0, low = 0] = await reader.readExactly(2);
  const port = high << 8 | low;
  if (command !== CONNECT) {
    await client.write(reply(REPLY.noSuchCommand));
    return null;
  }
  if (host === null || port === 0) {
    await client.write(reply(REPLY.failed));
    return null;
  }
  return { host, port };
}

async function authenticate(client: ByteStream, reader: StreamReader, wanted: ProxyCredentials): Promise<boolean> {
  const text = async (): Promise<string> => {
    const [length = 0] = await reader.readExactly(1);
    return new TextDecoder().decode(await reader.readExactly(length));
  };
  await reader.readExactly(1);
  const given = `${await text()}:${await text()}`;
  const isRight = await isSame(given, `${wanted.user}:${wanted.password}`);
  await client.write(Uint8Array.of(1, isRight ? 0 : 1));
  return isRight;
}

/** Undefined: a kind of address that does not exist. Null: no host that could be looked up. */
async function readHost(reader: StreamReader, kind: number): Promise<Host | null | undefined> {
  switch (kind) {
    case 1:
      return parseHost(formatAddress(await reader.readExactly(4)));
    case 3: {
      const [length = 0] = await reader.readExactly(1);
      return parseHost(new TextDecoder().decode(await reader.readExactly(length)));
    }
    case 4:
      return parseHost(formatAddress(await reader.readExactly(16)));
    default:
      return undefined;
  }
}

function replyFor(outcome: EgressOutcome): number {
  switch (outcome.kind) {
    case "open":
      return REPLY.done;
    case "refused":
      return REPLY.notAllowed;
    case "failed":
      return /refused/i.test(outcome.problem) ? REPLY.refused : REPLY.unreachable;
  }
}

/** Where we connected from is nobody's business: all zero. */
function reply(code: number): Uint8Array {
  return Uint8Array.of(VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0);
}
