// A small raw client of the app-server protocol for tests: it sends what it is told, keeps every message both ways,
// and knows nothing of the product's own client, so that it can catch both ends being wrong together.

import { type CommandLine, RunningProcess, type StartOptions, WAIT_MS } from "./process.ts";

// deno-lint-ignore no-explicit-any -- messages of a wire under test; every use asserts what it reads
export type Message = any;

export interface LoggedMessage {
  direction: "sent" | "received";
  message: Message;
}

/** How a request of the server is answered: a result, or undefined to leave it open. */
export type AskHandler = (request: Message) => unknown | undefined | Promise<unknown | undefined>;

export class RpcError extends Error {
  constructor(readonly method: string, readonly code: number, message: string) {
    super(message);
  }
}

interface Wire {
  send(text: string): void | Promise<void>;
  close(): Promise<void>;
}

/** One connection. `await using` closes it. */
export class RawClient implements AsyncDisposable {
  /** Every message, in order. */
  readonly log: LoggedMessage[] = [];
  /** Set once the other side is gone: the close code of a WebSocket, or -1. */
  closed: { code: number; reason: string } | undefined;
  #wire: Wire | undefined;
  #nextId = 1;
  readonly #pending = new Map<number | string, (message: Message | Error) => void>();
  readonly #wakers = new Set<() => void>();
  #onAsk: AskHandler = () => undefined;

  attach(wire: Wire): void {
    this.#wire = wire;
  }

  onAsk(handler: AskHandler): void {
    this.#onAsk = handler;
  }

  /** Everything the server sent. */
  received(): Message[] {
    return this.log.filter((entry) => entry.direction === "received").map((entry) => entry.message);
  }

  /** All notifications of one method, in order. */
  notifications(method: string): Message[] {
    return this.received().filter((message) => message.method === method && message.id === undefined);
  }

  /** Sends a request and waits for its answer; an error answer throws `RpcError`. */
  async request(method: string, params?: unknown, timeoutMs = WAIT_MS): Promise<Message> {
    const answer = await this.requestRaw(method, params, timeoutMs);
    if (answer.error !== undefined) throw new RpcError(method, answer.error.code, answer.error.message);
    return answer.result;
  }

  /** Sends a request and gives back the whole answer, error or not. */
  requestRaw(method: string, params?: unknown, timeoutMs = WAIT_MS): Promise<Message> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Error(`No answer to ${method} within ${timeoutMs} ms\n${this.tail()}`));
      }, timeoutMs);
      this.#pending.set(id, (message) => {
        clearTimeout(timer);
        if (message instanceof Error) reject(message);
        else resolve(message);
      });
      if (this.closed !== undefined) this.#failPending();
      this.send({ id, method, ...(params === undefined ? {} : { params }) });
    });
  }

  notify(method: string, params?: unknown): void {
    this.send({ method, ...(params === undefined ? {} : { params }) });
  }

  send(message: Message): void {
    this.log.push({ direction: "sent", message });
    this.sendText(JSON.stringify(message));
  }

  /** Sends text as it is, well formed or not. */
  sendText(text: string): void {
    void Promise.resolve(this.#wire?.send(text)).catch(() => {});
  }

  async initialize(name = "test_client", capabilities: unknown = { experimentalApi: true }): Promise<Message> {
    const result = await this.request("initialize", {
      clientInfo: { name, title: "Test client", version: "1.0.0" },
      capabilities,
    });
    this.notify("initialized");
    return result;
  }

  /** The first received message after position `from` for which `match` holds, now or later. */
  async waitFor(
    what: string,
    match: (message: Message) => boolean,
    options: { from?: number; timeoutMs?: number } = {},
  ): Promise<Message> {
    const timeoutMs = options.timeoutMs ?? WAIT_MS;
    const deadline = Date.now() + timeoutMs;
    let at = options.from ?? 0;
    while (true) {
      for (; at < this.log.length; at++) {
        const entry = this.log[at]!;
        if (entry.direction === "received" && match(entry.message)) return entry.message;
      }
      if (this.closed !== undefined) throw new Error(`Connection closed before ${what}\n${this.tail()}`);
      if (Date.now() > deadline) throw new Error(`Did not see ${what} within ${timeoutMs} ms\n${this.tail()}`);
      await this.#nextMessage(deadline - Date.now());
    }
  }

  /** Starts a turn and waits until it ends; gives the `turn/completed` params. */
  async turn(threadId: string, text: string, more: Record<string, unknown> = {}, timeoutMs = 60_000): Promise<Message> {
    const from = this.log.length;
    await this.request("turn/start", { threadId, input: [{ type: "text", text, text_elements: [] }], ...more });
    const done = await this.waitFor(
      `turn/completed of "${text}"`,
      (message) => message.method === "turn/completed" && message.params.threadId === threadId,
      { from, timeoutMs },
    );
    return done.params;
  }

  /** The last messages, shortened, for error texts. */
  tail(count = 12): string {
    const lines = this.log.slice(-count).map((entry) => {
      const arrow = entry.direction === "sent" ? "->" : "<-";
      return `${arrow} ${JSON.stringify(entry.message).slice(0, 400)}`;
    });
    return `last messages:\n${lines.join("\n")}`;
  }

  receive(text: string): void {
    if (text.trim() === "") return;
    let message: Message;
    try {
      message = JSON.parse(text);
    } catch {
      message = { unparsable: text };
    }
    this.log.push({ direction: "received", message });
    if (message.id !== undefined && message.method === undefined) {
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
    } else if (message.id !== undefined) {
      void this.#answer(message);
    }
    this.#wake();
  }

  markClosed(code: number, reason: string): void {
    this.closed = { code, reason };
    this.#failPending();
    this.#wake();
  }

  async close(): Promise<void> {
    await this.#wire?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #answer(request: Message): Promise<void> {
    const result = await this.#onAsk(request);
    if (result !== undefined) this.send({ id: request.id, result });
  }

  #failPending(): void {
    const why = new Error(`Connection closed: ${this.closed?.code} ${this.closed?.reason}\n${this.tail()}`);
    for (const settle of this.#pending.values()) settle(why);
    this.#pending.clear();
  }

  #wake(): void {
    for (const waker of [...this.#wakers]) waker();
  }

  #nextMessage(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wakers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, timeoutMs));
      this.#wakers.add(done);
    });
  }
}

/** Starts `line app-server` and talks over its stdio; closing the client ends the server. */
export function connectStdio(line: CommandLine, options: StartOptions): { client: RawClient; server: RunningProcess } {
  const server = new RunningProcess(
    { command: line.command, args: [...line.args, "app-server"] },
    { ...options, stdin: true },
  );
  const client = new RawClient();
  client.attach({
    send: (text) => server.write(`${text}\n`),
    close: () => server.stop(),
  });
  server.onStdoutLine((text) => client.receive(text));
  void server.exit(24 * 3600_000).then((status) => {
    client.markClosed(-1, `exit ${status.code}: ${server.stderrLines.slice(-6).join("\n")}`);
  }, () => {});
  return { client, server };
}

/** Opens a WebSocket to `url`; rejects when the upgrade is refused. */
export function connectWebSocket(url: string, token?: string): Promise<RawClient> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, { headers });
  const client = new RawClient();
  client.attach({
    send: (text) => socket.send(text),
    close: () =>
      new Promise((resolve) => {
        if (socket.readyState === WebSocket.CLOSED) return resolve();
        const timer = setTimeout(resolve, 1000);
        socket.addEventListener("close", () => {
          clearTimeout(timer);
          resolve();
        });
        socket.close();
      }),
  });
  socket.addEventListener("message", (event) => client.receive(String(event.data)));
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => resolve(client));
    socket.addEventListener("close", (event) => {
      client.markClosed(event.code, event.reason);
      reject(new Error(`WebSocket ${url} closed: ${event.code} ${event.reason}`));
    });
    socket.addEventListener("error", (event) => {
      reject(new Error(`WebSocket ${url}: ${event instanceof ErrorEvent ? event.message : "error"}`));
    });
  });
}

/** Starts `line app-server --listen ws://127.0.0.1:0` and waits for its address. */
export async function startWebSocketServer(
  line: CommandLine,
  options: StartOptions & { args?: string[]; listen?: string },
): Promise<{ server: RunningProcess; url: string }> {
  const listen = options.listen ?? "ws://127.0.0.1:0";
  const server = new RunningProcess(
    { command: line.command, args: [...line.args, "app-server", "--listen", listen, ...(options.args ?? [])] },
    options,
  );
  try {
    const match = await server.waitForLine(/(ws:\/\/[\w.:[\]]+)/);
    return { server, url: match[1]! };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
