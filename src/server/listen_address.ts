// Addresses that are listened on, for people and for URLs.

/** `host:port`, with the brackets that an IPv6 address needs. */
export function hostAndPort(hostname: string, port: number): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
