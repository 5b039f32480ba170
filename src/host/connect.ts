// Dialling a WebSocket, with the reason of a failure told apart: refused, not allowed, not a server of ours, unknown
// host, no answer in time. The only place that opens client sockets. Wrap the socket in rpc/socket_stream at once: a
// frame that arrives before that is lost.
import { CodexError, messageOf } from "../base/errors.ts";
import { explainTlsFailure } from "./tls_failure.ts";

export type ConnectFailure = "refused" | "unauthorized" | "forbidden" | "http" | "dns" | "timeout" | "tls" | "other";

export interface ConnectOptions {
  /** For example `authorization`. Never printed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Until the socket is open. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** PEM certificates that are trusted beside the runtime's own. */
  readonly caCerts?: readonly string[];
}

export class ConnectError extends CodexError {
  readonly failure: ConnectFailure;
  /** The HTTP status that refused the upgrade. */
  readonly status: number | null;

  constructor(url: string, reason: FailureReason) {
    super("CONNECT_FAILED", `Cannot connect to "${url}": ${reason.text}`, { hint: reason.hint });
    this.failure = reason.failure;
    this.status = reason.status ?? null;
  }
}

export interface FailureReason {
  readonly failure: ConnectFailure;
  readonly text: string;
  readonly hint: string;
  readonly status?: number;
}

interface DialOptions {
  readonly headers: Record<string, string>;
  readonly client?: Deno.HttpClient;
}

/** Opens a socket. @throws ConnectError (CodexError CONNECT_FAILED), or the abort reason when `signal` fires. */
export function openWebSocket(url: string, options: ConnectOptions): Promise<WebSocket> {
  const { signal, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    // Deno's own constructor takes headers; the web's type, which packages made for node bring along, does not say so.
    const Dial = WebSocket as unknown as new (url: string, options: DialOptions) => WebSocket;
    const caCerts = options.caCerts ?? [];
    const client = caCerts.length === 0 ? null : Deno.createHttpClient({ caCerts: [...caCerts], http2: false });
    const socket = new Dial(url, { headers: { ...options.headers }, ...(client === null ? {} : { client }) });
    let problem = "";

    function settle(): void {
      clearTimeout(timer);
      client?.close();
      signal?.removeEventListener("abort", onAbort);
      socket.onopen = socket.onerror = socket.onclose = null;
    }
    function give(error: unknown): void {
      settle();
      // Closing a socket that is still connecting cancels the attempt; its error event is expected.
      socket.onerror = (event): void => event.preventDefault();
      socket.close();
      reject(error);
    }
    const onAbort = (): void => give(signal?.reason);
    const timer = setTimeout(() => give(new ConnectError(url, timedOut(timeoutMs))), timeoutMs);
    signal?.addEventListener("abort", onAbort, { once: true });

    socket.onopen = (): void => {
      settle();
      resolve(socket);
    };
    socket.onerror = (event): void => {
      event.preventDefault();
      if (event instanceof ErrorEvent) problem = event.message;
    };
    socket.onclose = (): void =>
      void whyRefused(url, problem, options).then((reason) => give(new ConnectError(url, reason)));
  });
}

/**
 * Over TLS the runtime answers a refused upgrade with a second try over HTTP/2 and tells only of that one: the request
 * is made once more by hand, for its status line or what is wrong with the certificate.
 */
async function whyRefused(url: string, problem: string, options: ConnectOptions): Promise<FailureReason> {
  const { protocol, hostname, port } = new URL(url);
  const sentToken = "authorization" in (options.headers ?? {});
  const told = explain(problem, sentToken);
  if (protocol !== "wss:" || told.failure === "refused" || told.failure === "dns") return told;
  const orTlsFailure = (error: unknown): FailureReason => {
    const tls = explainTlsFailure(messageOf(error));
    return tls === null ? told : { failure: "tls", ...tls };
  };
  const name = hostname.replace(/^\[|\]$/g, "");
  const connection = await Deno.connectTls({
    hostname: name,
    port: Number(port || 443),
    caCerts: [...options.caCerts ?? []],
    alpnProtocols: ["http/1.1"],
  }).catch(orTlsFailure);
  if ("failure" in connection) return connection;
  const timer = setTimeout(() => connection.close(), options.timeoutMs);
  try {
    const lines = [
      "GET / HTTP/1.1",
      `Host: ${hostname}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${btoa(crypto.randomUUID().slice(0, 16))}`,
      ...Object.entries(options.headers ?? {}).map(([header, value]) => `${header}: ${value}`),
    ];
    await connection.write(new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
    const head = new Uint8Array(256);
    const count = await connection.read(head) ?? 0;
    const status = /^HTTP\/1\.\d (\d{3})/.exec(new TextDecoder().decode(head.subarray(0, count)))?.[1];
    return status === undefined ? told : explain(`Invalid status code: ${status}`, sentToken);
  } catch (error) {
    return orTlsFailure(error);
  } finally {
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // The timer was faster.
    }
  }
}

function timedOut(timeoutMs: number): FailureReason {
  return {
    failure: "timeout",
    text: `no answer within ${timeoutMs / 1000} s`,
    hint: "Check the address and that a firewall lets the connection through",
  };
}

/** Deno tells the cause of a failed upgrade only in the error's text. */
function explain(problem: string, sentToken: boolean): FailureReason {
  const status = Number(/Invalid status code: (\d+)/.exec(problem)?.[1] ?? 0);
  if (status === 401) {
    return {
      failure: "unauthorized",
      status,
      text: sentToken ? "the server refused the token (HTTP 401)" : "the server asks for a token (HTTP 401)",
      hint: sentToken
        ? "Compare it with the token or secret that the server was started with"
        : "Name the environment variable that holds the server's token with --remote-auth-token-env",
    };
  }
  if (status === 403) {
    return {
      failure: "forbidden",
      status,
      text: "the server does not allow this connection (HTTP 403)",
      hint: "It serves its own user's programs, or whoever has its token; a proxy must not add an Origin header",
    };
  }
  if (status === 429 || status === 503) {
    return {
      failure: "http",
      status,
      text: status === 429 ? "too many failed attempts (HTTP 429)" : "the server is shutting down (HTTP 503)",
      hint: status === 429 ? "Check the token, wait a minute, then try again" : "Try again in a moment",
    };
  }
  if (status === 502 || status === 504) {
    return {
      failure: "http",
      status,
      text: `a proxy answers, the server behind it does not (HTTP ${status})`,
      hint: "Check that the server runs and that the proxy knows its port",
    };
  }
  if (status !== 0) {
    return {
      failure: "http",
      status,
      text: `the other side is no app server (HTTP ${status})`,
      hint: "Check the host and the port",
    };
  }
  if (problem.includes("dns error")) {
    return { failure: "dns", text: "the host name is unknown", hint: "Check the spelling of the host" };
  }
  if (problem.includes("tcp connect error")) {
    return {
      failure: "refused",
      text: "nobody listens there (connection refused or unreachable)",
      hint: "Start the server with: codex app-server --listen ws://IP:PORT",
    };
  }
  if (problem.includes("invalid HTTP version")) {
    return {
      failure: "other",
      text: "the other side does not speak plain HTTP",
      hint: "Use wss:// for a server with TLS",
    };
  }
  const tls = explainTlsFailure(problem);
  if (tls !== null) return { failure: "tls", ...tls };
  return {
    failure: "other",
    text: problem === "" ? "the connection failed" : problem.replace(/^.*failed to connect to WebSocket: /, ""),
    hint: "Check that the other side is a codex app-server",
  };
}
