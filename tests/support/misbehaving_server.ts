// An app server that goes wrong in one way, for the client's table: it refuses the upgrade, never answers, closes too
// early, says what is no message, or answers with errors. What the client asked is kept.

export type Misbehaviour =
  /** The upgrade is answered with this HTTP status. */
  | number
  | "upgrade never answered"
  | "initialize never answered"
  | "closes after initialize"
  | "initialize fails"
  | "garbage"
  | "binary"
  /** A notification before the answer; then everything after `account/read` fails. */
  | "notification first"
  | "account fails"
  /** Everything after `account/read` fails. */
  | "the rest fails";

export interface MisbehavingServer extends AsyncDisposable {
  readonly port: number;
  /** The `Authorization` header of each upgrade; null where there was none. */
  readonly credentials: (string | null)[];
  /** The methods that were asked or told, in order. */
  readonly methods: string[];
}

const REFUSED = { code: -32000, message: "not today" };

export function startMisbehavingServer(how: Misbehaviour): MisbehavingServer {
  const credentials: (string | null)[] = [];
  const methods: string[] = [];
  const never = new AbortController();

  function accept(request: Request): Response | Promise<Response> {
    credentials.push(request.headers.get("authorization"));
    if (typeof how === "number") {
      return new Response("no", { status: how, headers: how === 302 ? { location: "http://127.0.0.1:1/" } : {} });
    }
    if (how === "upgrade never answered") {
      return new Promise((resolve) => never.signal.addEventListener("abort", () => resolve(new Response())));
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }): void => {
      const message: { method: string; id?: unknown } = JSON.parse(String(data));
      methods.push(message.method);
      if (message.id !== undefined) answer(socket, message.method, message.id, how);
    };
    return response;
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen(): void {} }, accept);
  return {
    port: server.addr.port,
    credentials,
    methods,
    async [Symbol.asyncDispose](): Promise<void> {
      never.abort();
      await server.shutdown();
    },
  };
}

function answer(socket: WebSocket, method: string, id: unknown, how: Misbehaviour): void {
  const send = (message: unknown): void => socket.send(JSON.stringify(message));
  if (method === "initialize") {
    switch (how) {
      case "initialize never answered":
        return;
      case "closes after initialize":
        return socket.close(1000);
      case "initialize fails":
        return send({ id, error: REFUSED });
      case "garbage":
        return socket.send("this is not JSON");
      case "binary":
        return socket.send(new Uint8Array([1, 2, 3]));
    }
    if (how === "notification first") send({ method: "thread/archived", params: { threadId: "x" } });
    return send({ id, result: { userAgent: "x/1", codexHome: "/h", platformFamily: "unix", platformOs: "linux" } });
  }
  if (method === "account/read" && how !== "account fails") {
    return send({ id, result: { account: null, requiresOpenaiAuth: false } });
  }
  send({ id, error: REFUSED });
}
