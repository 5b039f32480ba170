// A stand-in provider on a raw socket: full control of where the bytes split, stall and end.

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface Reply {
  /** Status line code. Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written one after another, each in a write of its own. */
  readonly parts?: readonly (string | Uint8Array)[];
  /**
   * What comes after the parts: `end` closes the body properly (default), `cut` drops the connection in the middle of
   * it, `stall` sends nothing more until the client goes away, `silence` does not even answer.
   */
  readonly then?: "end" | "cut" | "stall" | "silence";
}

export interface ProviderServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: RecordedRequest[];
}

/** Answers request n with reply n; the last reply is for all that follow. */
export function startProvider(replies: readonly Reply[]): ProviderServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: RecordedRequest[] = [];
  const connections = new Set<Deno.Conn>();
  const work = new Set<Promise<void>>();
  const accept = (async () => {
    for await (const connection of listener) {
      connections.add(connection);
      const task = serve(connection, requests, replies).catch(() => {}).finally(() => {
        connections.delete(connection);
        work.delete(task);
        try {
          connection.close();
        } catch { /* closed by the test's end */ }
      });
      work.add(task);
    }
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/v1`,
    requests,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      for (const connection of connections) {
        try {
          connection.close();
        } catch { /* already closed */ }
      }
      await Promise.all([accept, ...work]);
    },
  };
}

async function serve(connection: Deno.Conn, requests: RecordedRequest[], replies: readonly Reply[]): Promise<void> {
  const request = await readRequest(connection);
  if (request === null) return;
  requests.push(request);
  const reply = replies[Math.min(requests.length, replies.length) - 1] ?? {};
  const encoder = new TextEncoder();
  const gone = async (): Promise<void> => {
    const buffer = new Uint8Array(64);
    while (await connection.read(buffer) !== null);
  };
  if (reply.then === "silence") return await gone();
  const headers = {
    "content-type": "text/event-stream",
    "transfer-encoding": "chunked",
    connection: "close",
    ...reply.headers,
  };
  const head = [`HTTP/1.1 ${reply.status ?? 200} Whatever`, ...Object.entries(headers).map(([k, v]) => `${k}: ${v}`)];
  await write(connection, encoder.encode(head.join("\r\n") + "\r\n\r\n"));
  for (const part of reply.parts ?? []) {
    const bytes = typeof part === "string" ? encoder.encode(part) : part;
    if (bytes.length === 0) continue;
    await write(connection, encoder.encode(bytes.length.toString(16) + "\r\n"));
    await write(connection, bytes);
    await write(connection, encoder.encode("\r\n"));
  }
  if (reply.then === "stall") return await gone();
  if (reply.then !== "cut") await write(connection, encoder.encode("0\r\n\r\n"));
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function readRequest(connection: Deno.Conn): Promise<RecordedRequest | null> {
  let text = "";
  const buffer = new Uint8Array(65536);
  for (;;) {
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) {
      const [first = "", ...lines] = text.slice(0, end).split("\r\n");
      const headers = new Headers(lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()] as [string, string];
      }));
      const length = Number(headers.get("content-length") ?? 0);
      if (text.length >= end + 4 + length) {
        const [method = "", path = ""] = first.split(" ");
        const bytes = Uint8Array.from(text.slice(end + 4, end + 4 + length), (c) => c.charCodeAt(0));
        return { method, path, headers, body: new TextDecoder().decode(bytes) };
      }
    }
    const count = await connection.read(buffer);
    if (count === null) return null;
    // One character a byte: the web's "latin1" is windows-1252, which is not that.
    text += Array.from(buffer.subarray(0, count), (byte) => String.fromCharCode(byte)).join("");
  }
}

/** Events as a provider writes them. */
export function sse(...events: readonly Record<string, unknown>[]): string {
  return events.map((event) => `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}
