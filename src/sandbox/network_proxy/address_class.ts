// What an IP address is for: the public network, this machine and the networks near it, or nothing that a command should
// ever reach by a name. Pure. Source: the IANA special-purpose address registries (RFC 6890 and later), RFC 6052, 3056.

/**
 * `local`: loopback, private, link-local, shared (carrier) and documentation ranges. `special`: addresses that hand out
 * credentials of cloud machines, multicast, broadcast, unspecified: only a rule with the very address opens one.
 */
export type AddressClass = "public" | "local" | "special";

type Range = readonly [prefix: readonly number[], bits: number];

const METADATA: readonly (readonly number[])[] = [
  [169, 254, 169, 254],
  // Of containers on one cloud; of others, outside of the link-local range.
  [169, 254, 170, 2],
  [169, 254, 170, 23],
  [100, 100, 100, 200],
  [192, 0, 0, 192],
  [168, 63, 129, 16],
  [0xfd, 0x00, 0x0e, 0xc2, ...Array<number>(10).fill(0), 0x02, 0x54],
];

const SPECIAL_V4: readonly Range[] = [[[0], 8], [[224], 4], [[240], 4]];
const LOCAL_V4: readonly Range[] = [
  [[10], 8],
  [[100, 64], 10],
  [[127], 8],
  [[169, 254], 16],
  [[172, 16], 12],
  [[192, 0, 0], 24],
  [[192, 0, 2], 24],
  [[192, 168], 16],
  [[198, 18], 15],
  [[198, 51, 100], 24],
  [[203, 0, 113], 24],
];
const SPECIAL_V6: readonly Range[] = [[[0xff], 8]];
const LOCAL_V6: readonly Range[] = [
  [[0xfc], 7],
  [[0xfe, 0x80], 10],
  [[0xfe, 0xc0], 10],
  [[0x01, 0x00, 0, 0, 0, 0, 0, 0], 64],
  [[0x20, 0x01, 0x0d, 0xb8], 32],
  [[0x3f, 0xff, 0], 20],
  // Teredo hides an IPv4 address; the local form of NAT64 may lead anywhere.
  [[0x20, 0x01, 0, 0], 32],
  [[0, 0x64, 0xff, 0x9b, 0, 1], 48],
];
/** IPv6 forms that carry an IPv4 address: what it is, they are. */
const CARRIERS: readonly (readonly [range: Range, offset: number])[] = [
  [[[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96], 12],
  [[[0x20, 0x02], 16], 2],
  [[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 96], 12],
  [[[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 96], 12],
];

/** `address`: 4 or 16 bytes, as of base/ip_address. */
export function classifyAddress(address: Uint8Array): AddressClass {
  if (METADATA.some((known) => known.length === address.length && known.every((byte, at) => byte === address[at]))) {
    return "special";
  }
  if (address.length === 4) return classOf(address, SPECIAL_V4, LOCAL_V4);
  if (isLoopbackV6(address)) return "local";
  const carrier = CARRIERS.find(([range]) => isInRange(address, range));
  if (carrier !== undefined) return classifyAddress(address.slice(carrier[1], carrier[1] + 4));
  return classOf(address, SPECIAL_V6, LOCAL_V6);
}

function classOf(address: Uint8Array, special: readonly Range[], local: readonly Range[]): AddressClass {
  if (special.some((range) => isInRange(address, range))) return "special";
  return local.some((range) => isInRange(address, range)) ? "local" : "public";
}

function isLoopbackV6(address: Uint8Array): boolean {
  return address.every((byte, at) => byte === (at === 15 ? 1 : 0));
}

function isInRange(address: Uint8Array, [prefix, bits]: Range): boolean {
  for (let at = 0; at * 8 < bits; at++) {
    const mask = bits - at * 8 >= 8 ? 0xff : 0xff << (8 - (bits - at * 8)) & 0xff;
    if (((address[at] ?? 0) & mask) !== ((prefix[at] ?? 0) & mask)) return false;
  }
  return true;
}
