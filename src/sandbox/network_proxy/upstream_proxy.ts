// The proxy that our own environment names, for plans that let ours hand requests on. Pure but for the connection.
import type { ByteStream } from "../../host/byte_stream.ts";
import type { Dialer } from "../../host/dial.ts";
import { CodexError } from "../../base/errors.ts";
import { formatHead, MAX_HEAD_BYTES, parseResponseHead } from "./http_head.ts";
import { type Host, hostInUrl, parseHost } from "./host_name.ts";
import { ProtocolError, StreamReader } from "./stream_reader.ts";

export interface UpstreamProxy {
  readonly isTls: boolean;
  readonly hostname: string;
  readonly port: number;
  /** The value of `Proxy-Authorization`, or null. Never printed. */
  readonly authorization: string | null;
}

export interface UpstreamProxies {
  /** Null: connect directly. */
  find(scheme: "http" | "https", host: Host): UpstreamProxy | null;
}

/** @throws CodexError CONFIG_INVALID for a proxy that we cannot speak to. */
export function upstreamProxies(env: Readonly<Record<string, string>>): UpstreamProxies {
  const value = (name: string): string => env[name.toLowerCase()] ?? env[name] ?? "";
  const parse = (name: string): UpstreamProxy | null => value(name) === "" ? null : parseUpstream(name, value(name));
  const all = parse("ALL_PROXY");
  const byScheme = { http: parse("HTTP_PROXY") ?? all, https: parse("HTTPS_PROXY") ?? all };
  const direct = value("NO_PROXY").split(/[\s,]+/).filter((entry) => entry !== "");
  return { find: (scheme, host) => direct.some((entry) => isNamed(host, entry)) ? null : byScheme[scheme] };
}

function isNamed(host: Host, entry: string): boolean {
  if (entry === "*") return true;
  const named = parseHost(entry.replace(/^\*?\./, ""));
  if (named === null) return false;
  return host.text === named.text || (host.kind === "name" && host.text.endsWith(`.${named.text}`));
}

function parseUpstream(variable: string, text: string): UpstreamProxy {
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
    throw new CodexError("CONFIG_INVALID", `Cannot use the upstream proxy of ${variable}: it is no http:// address`, {
      hint: `Set ${variable}=http://HOST:PORT, or allow_upstream_proxy = false`,
    });
  }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    isTls: url.protocol === "https:",
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (url.protocol === "https:" ? 443 : 80)),
    authorization: credentials === ":" ? null : `Basic ${base64(credentials)}`,
  };
}

function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

export async function connectUpstream(proxy: UpstreamProxy, dialer: Dialer): Promise<ByteStream> {
  if (proxy.isTls) return await dialer.connectTls(proxy.hostname, proxy.port);
  return await dialer.connect(proxy.hostname, proxy.port);
}

/** A tunnel through the proxy. @throws ProtocolError when it refuses. */
export async function tunnelUpstream(
  proxy: UpstreamProxy,
  target: { readonly host: Host; readonly port: number },
  dialer: Dialer,
): Promise<ByteStream> {
  const stream = await connectUpstream(proxy, dialer);
  try {
    const authority = `${hostInUrl(target.host)}:${target.port}`;
    const authorization = proxy.authorization === null ? [] : [["Proxy-Authorization", proxy.authorization] as const];
    await stream.write(formatHead(`CONNECT ${authority} HTTP/1.1`, [["Host", authority], ...authorization]));
    const reader = new StreamReader(stream);
    const head = await reader.readUntil("\r\n\r\n", MAX_HEAD_BYTES);
    if (head === null) throw new ProtocolError("the upstream proxy closed the connection");
    const { status } = parseResponseHead(head);
    if (status < 200 || status > 299) throw new ProtocolError(`the upstream proxy answered ${status}`);
    return { ...stream, read: () => reader.readSome(Number.MAX_SAFE_INTEGER) };
  } catch (error) {
    stream.close();
    throw error;
  }
}
