// What our proxies said to one request of a sandboxed command: so that a person can be asked for a host, and told what a
// command reached.

export interface NetworkDecision {
  /** As the command named it: a name or an address, lower case, without a port. */
  readonly host: string;
  readonly port: number;
  readonly protocol: "http" | "https" | "socks5";
  readonly decision: "allow" | "deny";
  readonly why:
    | "allowed by a rule"
    | "denied by a rule"
    | "in no rule"
    | "a private address"
    | "a method that may write";
  /** Unix milliseconds. */
  readonly atMs: number;
}
