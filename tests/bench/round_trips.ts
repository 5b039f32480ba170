// Requests a second on one connection, one after the other, for the two reads that clients make most.

import { startWebSocketServer } from "../support/json_rpc.ts";
import type { CommandLine } from "../support/process.ts";
import { type Scratch, testEnv } from "../support/workspace.ts";
import type { Figure } from "./figures.ts";

const ROUNDS = 9;
const ROUND_MS = 500;

const REQUESTS = [
  ["model/list", {}],
  ["config/read", { includeLayers: false }],
] as const;

interface Sides {
  ours: CommandLine;
  reference: CommandLine;
  scratch: Scratch;
}

export async function measureRoundTrips({ ours, reference, scratch }: Sides): Promise<Figure[]> {
  const home = await scratch.home(`round_trips_${crypto.randomUUID()}`, { baseUrl: "http://127.0.0.1:9/v1" });
  await using cleanup = new AsyncDisposableStack();
  const open = async (line: CommandLine): Promise<BareConnection> => {
    const { server, url } = await startWebSocketServer(line, { cwd: scratch.path, env: testEnv(home) });
    cleanup.use(server);
    return await BareConnection.open(url);
  };
  const mine = await open(ours);
  const theirs = await open(reference);
  cleanup.defer(() => mine.close());
  cleanup.defer(() => theirs.close());
  const figures: Figure[] = [];
  for (const [method, params] of REQUESTS) {
    const samples = { mine: [] as number[], theirs: [] as number[] };
    for (let round = -1; round < ROUNDS; round++) {
      const a = await mine.rate(method, params);
      const b = await theirs.rate(method, params);
      if (round < 0) continue;
      samples.mine.push(a);
      samples.theirs.push(b);
    }
    figures.push({
      name: `${method} round trips on one WebSocket`,
      unit: "per second",
      ours: { name: "codex", values: samples.mine },
      other: { name: "reference", values: samples.theirs },
      atLeast: 10,
    });
  }
  return figures;
}

/** A WebSocket that does next to nothing itself, so that the server is what is measured. */
class BareConnection {
  readonly #socket: WebSocket;
  #nextId = 1;
  #onText: (text: string) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = (event) => this.#onText(String(event.data));
  }

  static async open(url: string): Promise<BareConnection> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`Cannot connect to ${url}`));
    });
    const connection = new BareConnection(socket);
    await connection.ask("initialize", {
      clientInfo: { name: "bench", title: null, version: "1.0.0" },
      capabilities: { experimentalApi: true },
    });
    socket.send(JSON.stringify({ method: "initialized" }));
    return connection;
  }

  async rate(method: string, params: unknown): Promise<number> {
    const start = performance.now();
    let count = 0;
    while (performance.now() - start < ROUND_MS) {
      await this.ask(method, params);
      count += 1;
    }
    return count * 1000 / (performance.now() - start);
  }

  ask(method: string, params: unknown): Promise<void> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The id stands at the start or at the end of an answer, depending on the server; a look is cheaper than parsing.
      const start = `{"id":${id},`;
      const end = `"id":${id}}`;
      this.#onText = (text) => {
        if (!text.startsWith(start) && !text.endsWith(end)) return;
        if (text.includes('"error":{') && !text.includes('"result":')) return reject(new Error(text.slice(0, 300)));
        resolve();
      };
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
  }
}
