// Listening with TLS, and changing the certificate while it runs: a second server joins the port with the new one, the
// kernel is told to send it all new connections, and a moment later the first one's socket listens no longer. Its
// clients stay, and nobody who was just connecting is refused.
import { CodexError, messageOf } from "../base/errors.ts";
import { type HandleRequest, type HttpServer, startHttpServer } from "./http_server.ts";
import { type Listener, type TcpTarget, type TlsIdentity, tryListen } from "./listen_target.ts";
import { type ListeningSockets, openListeningSockets } from "./listening_sockets.ts";

type TlsServer = HttpServer<Deno.HttpServer<Deno.NetAddr>>;

/** Long enough for the server to accept whoever had reached the first socket by then. */
const HANDOVER_MS = 1_000;

/** @throws CodexError LISTEN_FAILED, AUTH_SETUP */
export function listenTls(target: TcpTarget & { readonly tls: TlsIdentity }, handle: HandleRequest): Listener {
  const { hostname, port } = target;
  checkTls(target.tls);
  // Sharing a port is asked for below; a stranger that listens there is still an error.
  const probe = tryListen(target, () => Deno.listen({ hostname, port }));
  const chosen = port === 0 ? probe.addr.port : port;
  probe.close();
  const servers = new Set<TlsServer>();
  const serve = ({ cert, key }: TlsIdentity): TlsServer => {
    const server = tryListen(target, () =>
      startHttpServer(
        handle,
        (parts) => Deno.serve({ hostname, port: chosen, reusePort: true, cert, key, ...parts }),
      ));
    servers.add(server);
    // One whose socket listens no longer ends with an error once its last client is gone.
    server.server.finished.catch(() => {}).finally(() => servers.delete(server));
    return server;
  };
  const first = serve(target.tls);
  const address = { hostname: first.server.addr.hostname, port: first.server.addr.port };
  let sockets: ListeningSockets | null = null;
  let handover: { readonly timer: ReturnType<typeof setTimeout>; finish(): void } | null = null;

  function finishHandover(): void {
    clearTimeout(handover?.timer);
    handover?.finish();
    handover = null;
  }

  return {
    address,
    replaceTls(identity): void {
      checkTls(identity);
      sockets ??= openListeningSockets();
      if (sockets === null) {
        throw new CodexError("LISTEN_FAILED", "this system cannot change a certificate without a restart");
      }
      const { end, on, preferSecond } = sockets;
      // So that never more than two share the port.
      finishHandover();
      // The runtime's own way to stop a server would close its clients, too.
      const before = on(address);
      serve(identity);
      const joined = on(address).find((fd) => !before.includes(fd));
      const finish = (): void => before.forEach(end);
      if (joined === undefined || !preferSecond(joined)) return finish();
      handover = { timer: setTimeout(finishHandover, HANDOVER_MS), finish };
    },
    async stop(): Promise<void> {
      clearTimeout(handover?.timer);
      await Promise.allSettled([...servers].map((server) => server.stop()));
    },
  };
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^No certificates found/, "there is no PEM certificate in the certificate's file"],
  [/^No keys found/, "there is no PEM private key in the key's file"],
  [/KeyMismatch/, "the key does not belong to the certificate"],
  [/^Unable to decode key/, "the key cannot be read; one that is encrypted must be decrypted first"],
  [/BadEncoding/, "the certificate's file is damaged"],
];

/** Asks TLS itself whether the two fit. @throws CodexError AUTH_SETUP, without a word of the key. */
function checkTls({ cert, key }: TlsIdentity): void {
  try {
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
  } catch (cause) {
    const problem = messageOf(cause);
    const reason = REASONS.find(([pattern]) => pattern.test(problem))?.[1] ?? problem;
    throw new CodexError("AUTH_SETUP", `Cannot use the TLS certificate with its key: ${reason}`, {
      hint: "Give a PEM certificate chain, the server's own first, and the PEM private key that belongs to it",
    });
  }
}
