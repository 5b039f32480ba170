// Listening for HTTP on TCP, TLS or a socket file. Each request is given to the caller (server/upgrade), who decides with
// plain values which ones become WebSockets.
import { type HandleRequest, startHttpServer } from "./http_server.ts";
import { type Listener, type ListenTarget, type TcpTarget, tryListen } from "./listen_target.ts";

export interface ListenOptions {
  readonly target: ListenTarget;
  readonly handle: HandleRequest;
}

/** @throws CodexError LISTEN_FAILED with the address and what to do; AUTH_SETUP for a certificate that cannot be used. */
export async function listenWebSocket({ target, handle }: ListenOptions): Promise<Listener> {
  if (target.kind === "unix") {
    const { listenOnFile } = await import("./listen_file.ts");
    return await listenOnFile(target, handle);
  }
  if (target.tls !== null) {
    const { listenTls } = await import("./listen_tls.ts");
    return listenTls({ ...target, tls: target.tls }, handle);
  }
  return listenPlain(target, handle);
}

function listenPlain(target: TcpTarget, handle: HandleRequest): Listener {
  const { hostname, port } = target;
  const { server, stop } = tryListen(
    target,
    () => startHttpServer(handle, (parts) => Deno.serve({ hostname, port, ...parts })),
  );
  return {
    address: { hostname: server.addr.hostname, port: server.addr.port },
    replaceTls(): void {},
    stop,
  };
}
