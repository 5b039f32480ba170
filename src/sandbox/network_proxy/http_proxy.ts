// The HTTP proxy: requests with an absolute `http://` target, and CONNECT tunnels. One connection of a client at a time;
// who listens is the caller's business. Specified by RFC 9110 and 9112; refusals by sandbox_profiles/README.md.
import type { ByteStream } from "../../host/byte_stream.ts";
import { type EgressTarget, explainRefusal } from "./egress.ts";
import { forwardRequest } from "./http_forward.ts";
import {
  formatHead,
  type Header,
  MAX_HEAD_BYTES,
  parseRequestHead,
  requestBody,
  type RequestHead,
  valuesOf,
  wantsToStay,
} from "./http_head.ts";
import { hostInUrl, parseAuthority } from "./host_name.ts";
import { isAuthorized } from "./proxy_credentials.ts";
import { type ServeOptions, withDeadline } from "./serve_options.ts";
import { ProtocolError, StreamReader } from "./stream_reader.ts";
import { tunnel } from "./tunnel.ts";

/** Names the rule that refused a request, or why none allowed it. */
const RULE_HEADER = "X-Codex-Network-Rule";
const HTTP_PORT = 80;

/** Settles when the connection is over; it is closed then. Never throws. */
export async function serveHttpProxy(client: ByteStream, options: ServeOptions): Promise<void> {
  try {
    const reader = new StreamReader(client);
    while (await serveRequest(client, reader, options));
  } catch {
    // Broken connections and clients that break the protocol in the middle of a body: there is nobody to tell.
  } finally {
    client.close();
  }
}

/** True when another request may follow. */
async function serveRequest(client: ByteStream, reader: StreamReader, options: ServeOptions): Promise<boolean> {
  let head: RequestHead;
  try {
    const text = await withDeadline(
      options.limits.headMs,
      () => client.close(),
      () => reader.readUntil("\r\n\r\n", MAX_HEAD_BYTES),
    );
    if (text === null) return false;
    head = parseRequestHead(text);
    // Before anything is sent anywhere: an ambiguous length is no request.
    requestBody(head);
  } catch (error) {
    if (error instanceof ProtocolError) await answer(client, 400, `Bad request: ${error.message}.`);
    return false;
  }
  if (options.credentials !== null) {
    const [given, ...more] = valuesOf(head.headers, "proxy-authorization");
    if (more.length > 0 || !await isAuthorized(options.credentials, given)) {
      const challenge: Header = ["Proxy-Authenticate", 'Basic realm="codex"'];
      await answer(client, 407, "This proxy serves sandboxed commands only.", [challenge]);
      return false;
    }
  }
  const target = targetOf(head);
  if (typeof target === "string") {
    await answer(client, 400, `Bad request: ${target}.`);
    return false;
  }
  return head.method === "CONNECT"
    ? await serveTunnel(client, reader, target, options)
    : await serveForward(client, reader, { head, target }, options);
}

/** Where the request is to go, or what is wrong with it. */
function targetOf({ method, target, headers }: RequestHead): EgressTarget & { path: string } | string {
  const isTunnel = method === "CONNECT";
  const named = valuesOf(headers, "host");
  if (named.length > 1) return "more than one Host line";
  if (!isTunnel && target.startsWith("/")) return "this is a proxy: the target must be an absolute http:// URL";
  if (!isTunnel && /^https:/i.test(target)) return "https:// goes through CONNECT";
  const [, authority, path = ""] = (isTunnel ? /^([^/?#]+)()$/ : /^http:\/\/([^/?#]+)([/?][^#]*)?$/i).exec(target) ??
    [];
  const place = authority === undefined ? null : parseAuthority(authority, isTunnel ? null : HTTP_PORT);
  if (place === null) return "the target names no host";
  const [hostLine] = named;
  if (hostLine !== undefined && hostLine !== "") {
    const said = parseAuthority(hostLine, isTunnel ? place.port : HTTP_PORT);
    if (said === null || said.host.text !== place.host.text || said.port !== place.port) {
      return "the Host line names another host than the target";
    }
  }
  return {
    ...place,
    protocol: isTunnel ? "https" : "http",
    method: isTunnel ? null : method,
    path: path.startsWith("?") ? `/${path}` : path || "/",
  };
}

async function serveTunnel(
  client: ByteStream,
  reader: StreamReader,
  target: EgressTarget,
  { egress, limits }: ServeOptions,
): Promise<boolean> {
  const outcome = await egress.open(target);
  if (outcome.kind !== "open") {
    await answerOutcome(client, target, outcome);
    return false;
  }
  const server = { stream: outcome.stream, reader: new StreamReader(outcome.stream) };
  try {
    await client.write(formatHead("HTTP/1.1 200 Connection established", []));
  } catch (error) {
    server.stream.close();
    throw error;
  }
  await tunnel({ stream: client, reader }, server, limits.idleMs);
  return false;
}

async function serveForward(
  client: ByteStream,
  reader: StreamReader,
  { head, target }: { head: RequestHead; target: EgressTarget & { path: string } },
  { egress, limits }: ServeOptions,
): Promise<boolean> {
  const outcome = await egress.open(target);
  if (outcome.kind !== "open") {
    await answerOutcome(client, target, outcome);
    return false;
  }
  const authority = hostInUrl(target.host) + (target.port === HTTP_PORT ? "" : `:${target.port}`);
  const keep = wantsToStay(head);
  const result = await forwardRequest(
    { stream: client, reader },
    { head, authority, path: target.path, stream: outcome.stream, upstream: outcome.upstream, keep },
    limits,
  );
  if (result.kind === "failed") await answer(client, result.isTimeout ? 504 : 502, `Bad gateway: ${result.problem}.`);
  return result.kind === "done" && result.mayStay && keep;
}

type Failure = Exclude<Awaited<ReturnType<ServeOptions["egress"]["open"]>>, { kind: "open" }>;

async function answerOutcome(client: ByteStream, target: EgressTarget, outcome: Failure): Promise<void> {
  if (outcome.kind === "failed") {
    const status = outcome.isTimeout ? 504 : 502;
    return await answer(client, status, `Cannot reach ${target.host.text}:${target.port}: ${outcome.problem}.`);
  }
  const rule: Header = [RULE_HEADER, outcome.rule ?? outcome.why];
  await answer(client, 403, explainRefusal(target, outcome.why, outcome.rule), [rule]);
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  407: "Proxy Authentication Required",
  502: "Bad Gateway",
  504: "Gateway Timeout",
};

/** The last words of a connection. */
async function answer(
  client: ByteStream,
  status: number,
  text: string,
  headers: readonly Header[] = [],
): Promise<void> {
  const body = new TextEncoder().encode(`${text}\n`);
  await client.write(formatHead(`HTTP/1.1 ${status} ${REASONS[status] ?? ""}`, [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(body.length)],
    ["Connection", "close"],
    ...headers.map(([name, value]): Header => [name, value.replace(/[^\x20-\x7e]/g, "?")]),
  ]));
  await client.write(body);
  await client.closeWrite();
}
