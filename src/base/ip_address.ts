// IP addresses as bytes: what one is, whatever its spelling. An IPv4 address that is written inside an IPv6 one
// (::ffff:10.0.0.1) is the IPv4 address.

/** 4 or 16 bytes in network order; null for what is no address. Brackets are not part of an address. */
export function parseIpAddress(text: string): Uint8Array | null {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Whether only this machine can reach the address. */
export function isLoopbackAddress(text: string): boolean {
  const bytes = parseIpAddress(text);
  if (bytes === null) return false;
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.every((byte, at) => byte === (at === 15 ? 1 : 0));
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)) {
    return null;
  }
  return Uint8Array.from(parts.map(Number));
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [front, back] = halves.map(groupsOf);
  if (front === null || back === null || front === undefined) return null;
  const missing = 16 - front.length - (back?.length ?? 0);
  if (back === undefined ? missing !== 0 : missing < 2) return null;
  return withoutMapping(Uint8Array.from([...front, ...Array<number>(missing).fill(0), ...(back ?? [])]));
}

/** Bytes of groups with colons between; the last may be an IPv4 address. */
function groupsOf(text: string): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [at, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const ipv4 = at === groups.length - 1 ? parseIpv4(group) : null;
    if (ipv4 === null) return null;
    bytes.push(...ipv4);
  }
  return bytes;
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Strips ::ffff: off. Source: RFC 4291, section 2.5.5.2. */
export function withoutMapping(bytes: Uint8Array): Uint8Array {
  return bytes.length === 16 && MAPPED_PREFIX.every((byte, at) => bytes[at] === byte) ? bytes.slice(12) : bytes;
}
