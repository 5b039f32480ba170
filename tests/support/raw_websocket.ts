// A WebSocket client on a bare connection, for what no honest client sends: frames are given byte by byte.

export interface RawClient extends AsyncDisposable {
  readonly connection: Deno.Conn;
  write(bytes: Uint8Array): Promise<void>;
  /** Everything until the other side ends, or `enough` says so of what came until now. */
  read(enough?: (bytes: Uint8Array) => boolean): Promise<Uint8Array>;
  /** The close frame's code, null when the connection ended without one. */
  closeCode(): Promise<number | null>;
}

const encoder = new TextEncoder();

/** `first` is the first byte (fin, reserved bits, opcode); `length` overrides the payload's own. */
export function frame(first: number, payload: Uint8Array | string, options: { length?: number } = {}): Uint8Array {
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  const length = options.length ?? bytes.length;
  const head = length < 126
    ? [first, 0x80 | length]
    : length < 65_536
    ? [first, 0x80 | 126, length >> 8, length & 0xff]
    : [
      first,
      0x80 | 127,
      0,
      0,
      0,
      0,
      (length >>> 24) & 0xff,
      (length >>> 16) & 0xff,
      (length >>> 8) & 0xff,
      length & 0xff,
    ];
  // A mask of zeros leaves the payload as it is (RFC 6455, section 5.3).
  return concat(Uint8Array.from([...head, 0, 0, 0, 0]), bytes);
}

export function textFrame(message: unknown): Uint8Array {
  return frame(0x81, JSON.stringify(message));
}

export const UPGRADE_HEADERS: readonly string[] = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** Sends a request head and gives what was answered to it: status line, headers and body as text. */
export async function rawRequest(
  port: number,
  line: string,
  headers: readonly string[] = UPGRADE_HEADERS,
  options: { readonly endsInput?: boolean; readonly host?: string } = {},
): Promise<{ status: number; head: string; body: string }> {
  await using client = wrap(await Deno.connect({ hostname: "127.0.0.1", port }));
  const host = options.host ?? `127.0.0.1:${port}`;
  await client.write(encoder.encode([line, `Host: ${host}`, ...headers, "", ""].join("\r\n")));
  if (options.endsInput) await client.connection.closeWrite().catch(() => {});
  const bytes = await client.read((seen) => {
    const text = new TextDecoder().decode(seen);
    const end = text.indexOf("\r\n\r\n");
    if (end === -1) return false;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    return line.startsWith("HEAD") || seen.length >= end + 4 + length;
  });
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0),
    head: text.slice(0, end),
    body: text.slice(end + 4),
  };
}

export async function dialRaw(port: number, headers: readonly string[] = []): Promise<RawClient> {
  return await upgradeRaw(await Deno.connect({ hostname: "127.0.0.1", port }), headers);
}

/** The same on a connection that is there: TCP, TLS or a socket file. */
export async function upgradeRaw(connection: Deno.Conn, headers: readonly string[] = []): Promise<RawClient> {
  const client = wrap(connection);
  await client.write(
    encoder.encode(["GET / HTTP/1.1", "Host: 127.0.0.1", ...UPGRADE_HEADERS, ...headers, "", ""].join("\r\n")),
  );
  // Nothing follows the head before the client has spoken.
  const buffer = new Uint8Array(4096);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error(`refused: ${head}`);
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  if (!head.startsWith("HTTP/1.1 101")) throw new Error(`refused: ${head}`);
  return client;
}

function wrap(connection: Deno.Conn): RawClient {
  async function read(enough: (bytes: Uint8Array) => boolean = () => false): Promise<Uint8Array> {
    let all = new Uint8Array();
    const buffer = new Uint8Array(65_536);
    while (!enough(all)) {
      const count = await connection.read(buffer).catch(() => null);
      if (count === null) break;
      all = concat(all, buffer.subarray(0, count));
    }
    return all;
  }
  return {
    connection,
    async write(bytes): Promise<void> {
      let rest = bytes;
      while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
    },
    read,
    async closeCode(): Promise<number | null> {
      return findClose(await read((bytes) => findClose(bytes) !== null));
    },
    [Symbol.asyncDispose](): Promise<void> {
      try {
        connection.close();
      } catch {
        // The other side has ended it.
      }
      return Promise.resolve();
    },
  };
}

/** Walks the server's frames; the code of the first close frame among them. */
export function findClose(bytes: Uint8Array): number | null {
  for (let at = 0; at + 1 < bytes.length;) {
    const opcode = bytes[at]! & 0x0f;
    let length = bytes[at + 1]! & 0x7f;
    let head = 2;
    if (length === 126) {
      if (at + 4 > bytes.length) return null;
      length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      head = 4;
    } else if (length === 127) {
      if (at + 10 > bytes.length) return null;
      length = Number(new DataView(bytes.buffer, bytes.byteOffset + at + 2, 8).getBigUint64(0));
      head = 10;
    }
    if (opcode === 8) return at + head + 2 <= bytes.length ? (bytes[at + head]! << 8) | bytes[at + head + 1]! : null;
    at += head + length;
  }
  return null;
}

export function concat(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}
