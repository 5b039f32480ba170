// Addresses that are listened on, for people and for URLs.

/** Whether only this machine can reach the address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "::1" || hostname.startsWith("127.");
}

/** `host:port`, with the brackets that an IPv6 address needs. */
export function hostAndPort(hostname: string, port: number): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
