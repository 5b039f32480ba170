// The only HTTP server of the program: it listens on TCP, TLS or a socket file, asks the caller about each request, and
// upgrades to WebSocket the ones that may. Which request may is decided by the caller (server/upgrade), with plain
// values.
import { CodexError, messageOf } from "../base/errors.ts";
import { type FileTrouble, fileTroubleOf } from "./files.ts";
import { openListeningSockets } from "./listening_sockets.ts";
import type { TcpAddress } from "./socket_table.ts";

/** Certificate chain and key, PEM texts. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

export type ListenTarget =
  | {
    readonly kind: "tcp";
    /** An IP address, without brackets. */
    readonly hostname: string;
    /** 0: the system picks one. */
    readonly port: number;
    readonly tls: TlsIdentity | null;
  }
  /** A file that only this user can open; a stale one is replaced. */
  | { readonly kind: "unix"; readonly path: string };

/** Gets an accepted socket before anything was received. Must attach its listeners at once. */
export type Accept = (socket: WebSocket) => void;

export interface ListenOptions {
  readonly target: ListenTarget;
  /** A response refuses or answers the request; a function upgrades it. `peer` is null on a socket file. Must not reject. */
  readonly handle: (request: Request, peer: TcpAddress | null) => Promise<Response | Accept>;
}

export interface Listener {
  /** Null for a socket file. */
  readonly address: TcpAddress | null;
  /** From now on new connections get this certificate; open ones stay. @throws CodexError AUTH_SETUP, LISTEN_FAILED */
  replaceTls(identity: TlsIdentity): void;
  /** Stops accepting; open sockets are the caller's to close first. */
  stop(): Promise<void>;
}

/**
 * A client that is silent is pinged after half of this time and given up at its end, in seconds: dead peers are gone
 * within half a minute.
 */
const IDLE_TIMEOUT_S = 28;
/** `sun_path` with its terminator holds 108 bytes on Linux, 104 on macOS. */
const MAX_SOCKET_PATH_BYTES = 103;
const PRIVATE_UMASK = 0o177;

/** @throws CodexError LISTEN_FAILED with the address and what to do; AUTH_SETUP for a certificate that cannot be used. */
export async function listenWebSocket(options: ListenOptions): Promise<Listener> {
  const { target } = options;
  if (target.kind === "unix") return await listenOnFile(target.path, options);
  const { hostname, port, tls } = target;
  if (tls !== null) return listenTls({ hostname, port, tls }, options);
  const { server, stop } = tryListen(
    target,
    () => stoppable((signal) => Deno.serve({ hostname, port, signal, ...quietly(options) })),
  );
  return {
    address: { hostname: server.addr.hostname, port: server.addr.port },
    replaceTls(): void {},
    stop,
  };
}

/**
 * To change the certificate a second server takes over the port: both share it for a moment, then the first one's
 * socket listens no longer, and its clients stay.
 */
function listenTls(at: TcpAddress & { readonly tls: TlsIdentity }, options: ListenOptions): Listener {
  const { hostname, port } = at;
  checkTls(at.tls);
  // Sharing a port is asked for below; a stranger that listens there is still an error.
  const probe = tryListen(options.target, () => Deno.listen({ hostname, port }));
  const chosen = port === 0 ? probe.addr.port : port;
  probe.close();
  const serve = ({ cert, key }: TlsIdentity): Stoppable<Deno.HttpServer<Deno.NetAddr>> =>
    tryListen(
      options.target,
      () =>
        stoppable((signal) =>
          Deno.serve({ hostname, port: chosen, reusePort: true, cert, key, signal, ...quietly(options) })
        ),
    );
  let current = serve(at.tls);
  return {
    address: { hostname: current.server.addr.hostname, port: current.server.addr.port },
    replaceTls(identity): void {
      checkTls(identity);
      const sockets = openListeningSockets();
      if (sockets === null) {
        throw new CodexError("LISTEN_FAILED", "this system cannot change a certificate without a restart");
      }
      // The runtime's own way to stop a server would close its clients, too.
      const before = sockets.on(chosen);
      current.server.finished.catch(() => {});
      current = serve(identity);
      before.forEach(sockets.end);
    },
    stop: () => current.stop(),
  };
}

async function listenOnFile(path: string, options: ListenOptions): Promise<Listener> {
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH_BYTES) {
    throw new CodexError("LISTEN_FAILED", `Cannot listen on ${path}: the path is longer than a socket's may be`, {
      hint: `Use a path of at most ${MAX_SOCKET_PATH_BYTES} bytes, for example in /run/user/UID`,
    });
  }
  await removeStale(path);
  // No moment in which others could open it: the file is made with the right mode.
  const umask = Deno.build.os === "windows" ? null : Deno.umask(PRIVATE_UMASK);
  let stop: () => Promise<void>;
  try {
    ({ stop } = tryListen(
      options.target,
      () => stoppable((signal) => Deno.serve({ path, signal, ...quietly(options) })),
    ));
  } finally {
    if (umask !== null) Deno.umask(umask);
  }
  const made = await inodeOf(path);
  return {
    address: null,
    replaceTls(): void {},
    async stop(): Promise<void> {
      await stop();
      if (made !== null && await inodeOf(path) === made) await Deno.remove(path).catch(() => {});
    },
  };
}

/** A socket file that nobody answers on is what a killed server has left. @throws CodexError LISTEN_FAILED */
async function removeStale(path: string): Promise<void> {
  const info = await Deno.lstat(path).catch(() => null);
  if (info === null) return;
  if (!info.isSocket) {
    throw new CodexError("LISTEN_FAILED", `Cannot listen on ${path}: there is a file that is no socket`, {
      hint: "Choose another path, or remove the file",
    });
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return await Deno.remove(path);
    throw listenError({ kind: "unix", path }, error);
  }
  throw listenError({ kind: "unix", path }, new Deno.errors.AddrInUse());
}

async function inodeOf(path: string): Promise<number | null> {
  return (await Deno.lstat(path).catch(() => null))?.ino ?? null;
}

interface Quietly {
  onListen(): void;
  handler(request: Request, info: Deno.ServeHandlerInfo): Promise<Response>;
}

function quietly({ handle }: ListenOptions): Quietly {
  return {
    onListen(): void {},
    async handler(request: Request, { remoteAddr }: Deno.ServeHandlerInfo): Promise<Response> {
      const peer = remoteAddr.transport === "tcp" ? { hostname: remoteAddr.hostname, port: remoteAddr.port } : null;
      const outcome = await handle(request, peer);
      if (outcome instanceof Response) return outcome;
      const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: IDLE_TIMEOUT_S });
      outcome(socket);
      return response;
    },
  };
}

interface Stoppable<S> {
  readonly server: S;
  stop(): Promise<void>;
}

/** Stops at once: a client that never finishes its request must not keep the process. */
function stoppable<S extends Deno.HttpServer>(serve: (signal: AbortSignal) => S): Stoppable<S> {
  const aborter = new AbortController();
  const server = serve(aborter.signal);
  return {
    server,
    async stop(): Promise<void> {
      aborter.abort();
      await server.finished;
    },
  };
}

/** Asks TLS itself whether the two fit. @throws CodexError AUTH_SETUP, without a word of the key. */
function checkTls({ cert, key }: TlsIdentity): void {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
  } catch (cause) {
    throw new CodexError("AUTH_SETUP", `Cannot use the TLS certificate with its key: ${messageOf(cause)}`, {
      hint: "Give a PEM certificate chain, the server's own first, and the PEM private key that belongs to it",
    });
  }
}

function tryListen<T>(target: ListenTarget, listen: () => T): T {
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

function listenError(target: ListenTarget, error: unknown): CodexError {
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
