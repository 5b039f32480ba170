// The host of a request in one form, whatever its spelling: names lower case and in their ASCII form without the final
// dot, addresses as bytes (also those written decimal, octal, hex, short, or IPv4 inside IPv6). Pure.
import { parseIpAddress } from "../../base/ip_address.ts";

export type Host =
  | { readonly kind: "name"; readonly text: string }
  /** `text` is the usual spelling, IPv6 without brackets. */
  | { readonly kind: "address"; readonly text: string; readonly bytes: Uint8Array };

const MAX_NAME_CHARS = 253;
/** Letters, digits and what stands between them: nothing that ends a host in a URL, or that its parser decodes or drops. */
const HOST_CHARS = /^[\p{L}\p{M}\p{N}.\u3002\uff0e\uff61_:[\]-]+$/u;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Null for what is no host: then nothing may be looked up or matched with it. */
export function parseHost(text: string): Host | null {
  if (text.length > 2 * MAX_NAME_CHARS || !HOST_CHARS.test(text)) return null;
  if (text.startsWith("[")) return text.endsWith("]") ? addressOf(text.slice(1, -1)) : null;
  if (text.includes(":")) return addressOf(text);
  const url = URL.parse(`http://${text}/`);
  if (url === null || url.port !== "" || url.username !== "" || url.pathname !== "/") return null;
  const name = url.hostname.replace(/\.$/, "");
  const bytes = parseIpAddress(name);
  if (bytes !== null) return { kind: "address", text: name, bytes };
  if (name.length > MAX_NAME_CHARS || !name.split(".").every((label) => LABEL.test(label))) return null;
  // The system's resolver would take these for addresses.
  return /^(?:\d+|0x[0-9a-f]*)$/.test(name.split(".").at(-1) ?? "") ? null : { kind: "name", text: name };
}

function addressOf(text: string): Host | null {
  const bytes = text.includes(":") ? parseIpAddress(text) : null;
  if (bytes === null) return null;
  return { kind: "address", text: formatAddress(bytes), bytes };
}

export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from(
    { length: 8 },
    (_, at) => ((bytes[2 * at] ?? 0) << 8 | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  // The URL parser knows how to shorten it.
  return URL.parse(`http://[${groups.join(":")}]/`)?.hostname.slice(1, -1) ?? groups.join(":");
}

/** As it stands in a URL or a `Host` line. */
export function hostInUrl(host: Host): string {
  return host.kind === "address" && host.bytes.length === 16 ? `[${host.text}]` : host.text;
}

/** `host:port`, `[v6]:port`; without a port `fallback` counts. Null for anything else. */
export function parseAuthority(text: string, fallback: number | null): { host: Host; port: number } | null {
  const [, hostText, portText] = /^(\[[^\]]*\]|[^:[\]]*)(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  if (hostText === undefined) return null;
  const host = parseHost(hostText);
  const port = portText === undefined ? fallback : Number(portText);
  if (host === null || port === null || port < 1 || port > 65_535) return null;
  return { host, port };
}
