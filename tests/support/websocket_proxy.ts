// A WebSocket proxy for tests: passes text frames both ways until a test closes its client's side with a code of its
// choice, as a server does that lets go of a client.

export interface WebSocketProxy extends AsyncDisposable {
  readonly url: string;
  /** Closes every client with this code; the server sees them go. */
  closeClients(code: number, reason: string): void;
}

export function startWebSocketProxy(target: string): WebSocketProxy {
  const clients = new Set<WebSocket>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen(): void {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const onward = new WebSocket(target);
    const early: string[] = [];
    clients.add(socket);
    socket.onmessage = ({ data }): void => {
      if (onward.readyState === WebSocket.OPEN) onward.send(data);
      else early.push(data);
    };
    socket.onclose = (): void => {
      clients.delete(socket);
      onward.close();
    };
    onward.onopen = (): void => early.splice(0).forEach((text) => onward.send(text));
    onward.onmessage = ({ data }): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    };
    onward.onclose = (): void => socket.close();
    for (const one of [socket, onward]) one.onerror = (event): void => event.preventDefault();
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}`,
    closeClients(code, reason): void {
      for (const client of clients) client.close(code, reason);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const client of clients) client.close();
      await server.shutdown();
    },
  };
}
