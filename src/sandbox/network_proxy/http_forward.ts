// One request to an origin server (or to the upstream proxy) on a connection of its own, and its answer back. Body and
// answer run at the same time: a server may answer before it has read everything.
import type { ByteStream } from "../../host/byte_stream.ts";
import { copyBody } from "./http_body.ts";
import {
  endToEnd,
  formatHead,
  type Header,
  MAX_HEAD_BYTES,
  parseResponseHead,
  requestBody,
  type RequestHead,
  responseBody,
  type ResponseHead,
} from "./http_head.ts";
import { type ProxyLimits, withDeadline } from "./serve_options.ts";
import { ProtocolError, StreamReader } from "./stream_reader.ts";
import type { TunnelEnd } from "./tunnel.ts";
import type { UpstreamProxy } from "./upstream_proxy.ts";

export interface Forward {
  readonly head: RequestHead;
  /** Host, and the port when it is not the usual one. */
  readonly authority: string;
  /** Starts with a slash. */
  readonly path: string;
  readonly stream: ByteStream;
  readonly upstream: UpstreamProxy | null;
  /** The client would like to send another request. */
  readonly keep: boolean;
}

/** `broken`: the answer had begun, so that nothing can be said any more. */
export type ForwardResult =
  | { readonly kind: "done"; readonly mayStay: boolean }
  | { readonly kind: "failed"; readonly problem: string; readonly isTimeout: boolean }
  | { readonly kind: "broken" };

const MAX_INTERIM_ANSWERS = 8;

export async function forwardRequest(client: TunnelEnd, forward: Forward, limits: ProxyLimits): Promise<ForwardResult> {
  const { stream } = forward;
  let hasBegun = false;
  let isLate = false;
  let sending = Promise.resolve(true);
  try {
    await stream.write(requestBytes(forward));
    // Not awaited before the answer: its failure shows as an answer that does not come.
    sending = copyBody(requestBody(forward.head), client.reader, stream).then(() => true, () => {
      stream.close();
      return false;
    });
    const reader = new StreamReader(stream);
    const late = (): void => {
      isLate = true;
      stream.close();
    };
    const response = await withDeadline(limits.answerMs, late, () => finalAnswer(reader, client.stream));
    const body = responseBody(response, forward.head.method);
    const isDelimited = body.kind !== "toEnd";
    hasBegun = true;
    await client.stream.write(responseBytes(response, body.kind === "chunked", isDelimited && forward.keep));
    await copyBody(body, reader, client.stream);
    // A server may answer before it has read everything. What it has no use for, it ends itself.
    const hasSent = await sending;
    if (!isDelimited || !hasSent || !forward.keep) await client.stream.closeWrite();
    return { kind: "done", mayStay: isDelimited && hasSent };
  } catch (error) {
    if (hasBegun) return { kind: "broken" };
    const problem = isLate
      ? "no answer in time"
      : error instanceof ProtocolError
      ? error.message
      : "the connection broke";
    return { kind: "failed", problem, isTimeout: isLate };
  } finally {
    stream.close();
  }
}

function requestBytes({ head, authority, path, upstream }: Forward): Uint8Array {
  const target = upstream === null ? path : `http://${authority}${path}`;
  const body = requestBody(head);
  const headers: Header[] = [["Host", authority], ...endToEnd(head.headers, ["host", "content-length"])];
  if (body.kind === "chunked") headers.push(["Transfer-Encoding", "chunked"]);
  else if (body.kind === "length") headers.push(["Content-Length", String(body.bytes)]);
  else if (!["GET", "HEAD", "OPTIONS", "TRACE", "DELETE"].includes(head.method)) headers.push(["Content-Length", "0"]);
  if (upstream !== null && upstream.authorization !== null) {
    headers.push(["Proxy-Authorization", upstream.authorization]);
  }
  return formatHead(`${head.method} ${target} HTTP/1.1`, [...headers, ["Connection", "close"]]);
}

/** Passes interim answers on (100, 103). @throws ProtocolError */
async function finalAnswer(reader: StreamReader, client: ByteStream): Promise<ResponseHead> {
  for (let interim = 0; interim <= MAX_INTERIM_ANSWERS; interim++) {
    const text = await reader.readUntil("\r\n\r\n", MAX_HEAD_BYTES);
    if (text === null) throw new ProtocolError("the server closed the connection without an answer");
    const head = parseResponseHead(text);
    if (head.status === 101) throw new ProtocolError("the server changed the protocol without being asked");
    if (head.status >= 200) return head;
    await client.write(formatHead(`HTTP/1.1 ${head.status} ${head.reason}`, endToEnd(head.headers)));
  }
  throw new ProtocolError("the server sent too many interim answers");
}

function responseBytes({ status, reason, headers }: ResponseHead, isChunked: boolean, keep: boolean): Uint8Array {
  const framing: Header[] = isChunked ? [["Transfer-Encoding", "chunked"]] : [];
  const connection: Header = ["Connection", keep ? "keep-alive" : "close"];
  return formatHead(`HTTP/1.1 ${status} ${reason}`, [...endToEnd(headers), ...framing, connection]);
}
