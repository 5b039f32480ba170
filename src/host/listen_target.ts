// What can be listened on, what one gets of it, and what went wrong when it could not, in words that say what to do.
import { CodexError, messageOf } from "../base/errors.ts";
import { type FileTrouble, fileTroubleOf } from "./files.ts";
import type { TcpAddress } from "./socket_table.ts";

/** Certificate chain and key, PEM texts. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface TcpTarget {
  readonly kind: "tcp";
  /** An IP address, without brackets. */
  readonly hostname: string;
  /** 0: the system picks one. */
  readonly port: number;
  readonly tls: TlsIdentity | null;
}

/** A file that only this user can open; a stale one is replaced. */
export interface FileTarget {
  readonly kind: "unix";
  readonly path: string;
}

export type ListenTarget = TcpTarget | FileTarget;

export interface Listener {
  /** Null for a socket file. */
  readonly address: TcpAddress | null;
  /** From now on new connections get this certificate; open ones stay. @throws CodexError AUTH_SETUP, LISTEN_FAILED */
  replaceTls(identity: TlsIdentity): void;
  /** Stops accepting; open sockets are the caller's to close first. */
  stop(): Promise<void>;
}

/** @throws CodexError LISTEN_FAILED for whatever `listen` throws. */
export function tryListen<T>(target: ListenTarget, listen: () => T): T {
  try {
    return listen();
  } catch (error) {
    throw listenError(target, error);
  }
}

const HINTS: Partial<Record<FileTrouble, string>> = {
  missing: "Make the folder first: install -d -m 700 FOLDER",
  denied: "Choose a folder that you may write to",
};

export function listenError(target: ListenTarget, error: unknown): CodexError {
  if (target.kind === "unix" && !(error instanceof Deno.errors.AddrInUse)) {
    const hint = HINTS[fileTroubleOf(error)];
    return new CodexError("LISTEN_FAILED", `Cannot listen on ${target.path}: ${messageOf(error)}`, {
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const address = addressText(target);
  if (error instanceof Deno.errors.AddrInUse) {
    return new CodexError("LISTEN_FAILED", `Cannot listen on ${address}: the address is in use`, {
      cause: error,
      hint: target.kind === "unix"
        ? "Stop the other server, or choose another path"
        : "Stop the other server, or choose another port; port 0 takes a free one",
    });
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return new CodexError("LISTEN_FAILED", `Cannot listen on ${address}: this machine has no such address`, {
      cause: error,
      hint: "Use 127.0.0.1, or an address of one of this machine's interfaces",
    });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new CodexError("LISTEN_FAILED", `Cannot listen on ${address}: permission denied`, {
      cause: error,
      hint: "Choose a port above 1023",
    });
  }
  return new CodexError("LISTEN_FAILED", `Cannot listen on ${address}: ${messageOf(error)}`, { cause: error });
}

function addressText(target: ListenTarget): string {
  if (target.kind === "unix") return target.path;
  return target.hostname.includes(":") ? `[${target.hostname}]:${target.port}` : `${target.hostname}:${target.port}`;
}
