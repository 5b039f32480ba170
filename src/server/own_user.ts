// Without proof of who somebody is, a loopback listener serves only programs of the user that runs the server: any other
// user of the machine could otherwise run commands as that one. An SSH forward of the same user passes.
import type { FailureLimit } from "../auth/failure_limit.ts";
import type { TcpAddress } from "../host/socket_table.ts";
import type { SocketOwners } from "../host/socket_owner.ts";

export interface OwnUserOptions {
  /** Of this process. */
  readonly uid: number;
  /** Opened at the first client. */
  readonly openOwners: () => Promise<SocketOwners | null>;
  /** Logs the refusals. */
  readonly refusals: FailureLimit;
}

export function createOwnUserCheck(
  options: OwnUserOptions,
): (local: TcpAddress, remote: TcpAddress) => Promise<boolean> {
  let owners: Promise<SocketOwners | null> | null = null;
  return async (local, remote) => {
    owners ??= options.openOwners();
    const uid = await (await owners)?.uidOf({ local, remote }) ?? null;
    if (uid === options.uid) return true;
    const who = uid === null ? "a client whose user is not known" : `user ${uid}`;
    options.refusals.failed(who, "only programs of the server's own user may connect without --ws-auth");
    return false;
  };
}
