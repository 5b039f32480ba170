// Opens the WebSocket to an app server elsewhere. Refuses what would be unsafe or cannot work before touching the
// network; host/connect.ts names the cause of a failure.
import { CodexError } from "../base/errors.ts";
import { systemClock } from "../host/clock.ts";
import { ConnectError, openWebSocket } from "../host/connect.ts";
import type { MessageStream } from "../rpc/message_stream.ts";
import { createSocketStream } from "../rpc/socket_stream.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { describeTokenTime } from "./token_time.ts";

export interface RemoteAddress {
  /** `ws://host:port` or `wss://host:port`. */
  readonly url: string;
  /** The bearer token; only over wss, or ws to this machine. */
  readonly token?: string | undefined;
  /** PEM certificates that are trusted beside the runtime's own; for wss. */
  readonly caCerts?: readonly string[];
}

/** Until the server has answered the upgrade, ms. */
const CONNECT_TIMEOUT_MS = 10_000;

/** @throws CodexError "USAGE" for an address of another form or a token that would travel in the clear; "CONNECT_FAILED". */
export async function connectRemote(address: RemoteAddress, signal?: AbortSignal): Promise<MessageStream> {
  const url = checkRemoteAddress(address);
  const token = address.token?.trim();
  const socket = await openWebSocket(url, {
    timeoutMs: CONNECT_TIMEOUT_MS,
    ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
    ...(signal ? { signal } : {}),
    ...(address.caCerts ? { caCerts: address.caCerts } : {}),
  }).catch((error: unknown) => {
    throw tellWhyRefused(error, url, token ?? "");
  });
  return withHeartbeat(createSocketStream(socket));
}

/** The reason of a refusal does not reach WebSocket clients; a signed token tells its own times. */
function tellWhyRefused(error: unknown, url: string, token: string): unknown {
  if (!(error instanceof ConnectError) || error.failure !== "unauthorized" || token === "") return error;
  const why = describeTokenTime(token, systemClock.nowMs());
  if (why === null) return error;
  return new ConnectError(url, {
    failure: "unauthorized",
    status: error.status ?? 401,
    text: `the server refused the token (HTTP 401): ${why}`,
    hint: "Make a new one where the secret is: codex app-server token mint",
  });
}

/** Checks the address alone, with no network, and returns its normal form. @throws CodexError "USAGE". */
export function checkRemoteAddress(address: RemoteAddress): string {
  const url = parseAddress(address.url);
  // Not part of this protocol's authentication: never sent, and so never shown.
  url.username = url.password = "";
  if (address.token && url.protocol === "ws:" && !isLoopback(url.hostname)) {
    // wire: the reference's sentence, which scripts may match.
    throw new CodexError(
      "USAGE",
      `remote auth tokens require \`wss://\` or loopback \`ws://\` URLs; got \`${url.href}\``,
    );
  }
  if (address.token && /[^\x20-\x7e]/.test(address.token.trim())) {
    throw new CodexError("USAGE", "Cannot send the remote auth token: it has characters that no HTTP header may carry");
  }
  return url.href;
}

function parseAddress(text: string): URL {
  const url = URL.parse(text.trim());
  // The port must be written out: URL drops the scheme's own one (80, 443), so it is looked for in the text.
  const named = /:\d+\/?$/.test(text.trim());
  const plain = url !== null && url.pathname === "/" && url.search === "" && url.hash === "";
  if (url && plain && named && url.hostname !== "" && (url.protocol === "ws:" || url.protocol === "wss:")) return url;
  // wire: the reference's sentence, which scripts may match.
  throw new CodexError(
    "USAGE",
    `invalid remote address \`${text}\`; expected \`ws://host:port\` or \`wss://host:port\``,
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
