// Heads of HTTP/1.1 messages: read strictly, because two readers that differ over one head are a hole, and written anew
// in one shape. Pure. Source: RFC 9112 and 9110.
import { ProtocolError } from "./stream_reader.ts";

export type Header = readonly [name: string, value: string];

export interface RequestHead {
  readonly method: string;
  readonly target: string;
  readonly version: "1.0" | "1.1";
  readonly headers: readonly Header[];
}

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly version: "1.0" | "1.1";
  readonly headers: readonly Header[];
}

/** How a body is delimited; `toEnd`: by the end of the connection, responses only. */
export type BodyKind =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "toEnd" };

export const MAX_HEAD_BYTES = 64 * 1024;
const MAX_HEADERS = 256;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Visible bytes, spaces, tabs, and what is above ASCII; never a line end or NUL. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** `text` ends with the empty line. @throws ProtocolError */
export function parseRequestHead(text: string): RequestHead {
  const [first = "", ...lines] = linesOf(text);
  const [, method = "", target = "", version] = /^([^ ]+) ([\x21-\x7e]+) HTTP\/(1\.[01])$/.exec(first) ?? [];
  if (version === undefined || !TOKEN.test(method)) throw new ProtocolError("the request line is malformed");
  return { method, target, version: version === "1.0" ? "1.0" : "1.1", headers: parseHeaders(lines) };
}

/** @throws ProtocolError */
export function parseResponseHead(text: string): ResponseHead {
  const [first = "", ...lines] = linesOf(text);
  const [, version, status, reason = ""] =
    /^HTTP\/(1\.[01]) ([1-5][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(first) ??
      [];
  if (status === undefined) throw new ProtocolError("the status line is malformed");
  return { status: Number(status), reason, version: version === "1.0" ? "1.0" : "1.1", headers: parseHeaders(lines) };
}

function linesOf(text: string): readonly string[] {
  if (!text.endsWith("\r\n\r\n")) throw new ProtocolError("the head has no end");
  return text.slice(0, -4).split("\r\n");
}

function parseHeaders(lines: readonly string[]): readonly Header[] {
  if (lines.length > MAX_HEADERS) throw new ProtocolError(`more than ${MAX_HEADERS} header lines`);
  return lines.map((line) => {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, "");
    // A folded line has no name; a space before the colon is read in two ways.
    if (colon < 1 || !TOKEN.test(name) || !VALUE.test(value)) throw new ProtocolError("a header line is malformed");
    return [name, value];
  });
}

export function valuesOf(headers: readonly Header[], name: string): readonly string[] {
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

/** @throws ProtocolError when the length is said twice, or in two ways. */
export function requestBody({ version, headers }: RequestHead): BodyKind {
  return declaredBody(version, headers) ?? { kind: "none" };
}

/** @throws ProtocolError */
export function responseBody({ status, version, headers }: ResponseHead, method: string): BodyKind {
  const declared = declaredBody(version, headers);
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { kind: "none" };
  return declared ?? { kind: "toEnd" };
}

function declaredBody(version: "1.0" | "1.1", headers: readonly Header[]): BodyKind | null {
  const codings = valuesOf(headers, "transfer-encoding");
  const lengths = valuesOf(headers, "content-length");
  if (codings.length > 0) {
    const isPlain = codings.length === 1 && codings[0]?.toLowerCase() === "chunked" && version === "1.1";
    if (!isPlain || lengths.length > 0) throw new ProtocolError("the length of the body is ambiguous");
    return { kind: "chunked" };
  }
  const [length] = lengths;
  if (length === undefined) return null;
  if (lengths.length > 1 || !/^[0-9]{1,15}$/.test(length)) {
    throw new ProtocolError("the length of the body is ambiguous");
  }
  const bytes = Number(length);
  return bytes === 0 ? { kind: "none" } : { kind: "length", bytes };
}

/** Without what concerns one connection only, and without the names in `drop` (lower case). */
export function endToEnd(headers: readonly Header[], drop: readonly string[] = []): readonly Header[] {
  const named = valuesOf(headers, "connection").flatMap((value) => value.toLowerCase().split(/[\t ,]+/));
  // A client that names these would take the message's meaning away.
  const kept = ["content-length", "host", "authorization", "expect"];
  const gone = new Set([...HOP_BY_HOP, ...drop, ...named.filter((name) => !kept.includes(name))]);
  return headers.filter(([name]) => !gone.has(name.toLowerCase()));
}

export function wantsToStay({ version, headers }: Pick<RequestHead, "version" | "headers">): boolean {
  const words = [...valuesOf(headers, "connection"), ...valuesOf(headers, "proxy-connection")]
    .flatMap((value) => value.toLowerCase().split(/[\t ,]+/));
  return version === "1.1" ? !words.includes("close") : words.includes("keep-alive") && !words.includes("close");
}

export function formatHead(firstLine: string, headers: readonly Header[]): Uint8Array {
  const text = [firstLine, ...headers.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
