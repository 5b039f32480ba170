// A conversation between clients and the real server, written down as text and compared with its golden file. Run with
// `-- -u` to rewrite the golden files; the diff is the review.
import assert from "node:assert/strict";
import { createMemoryStreamPair } from "../../src/rpc/memory_stream.ts";
import type { MessageStream } from "../../src/rpc/message_stream.ts";
import { type AppServer, type AppServerOptions, createAppServer } from "../../src/server/app_server.ts";
import { FakeAgent } from "./fake_agent.ts";
import type { WorldWritableFolders } from "../../src/server/services.ts";
import { fakeServices } from "./fake_services.ts";

const GOLDEN = new URL("golden/", import.meta.url);

/** Turns of the event loop that let everything that can happen happen; nothing here waits for time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

export class Client {
  readonly name: string;
  readonly stream: MessageStream;
  readonly #talk: Conversation;
  #nextId = 1;

  constructor(name: string, stream: MessageStream, talk: Conversation) {
    this.name = name;
    this.stream = stream;
    this.#talk = talk;
    void this.#read();
  }

  /** Sends a request with the next id and lets the answer arrive. */
  async request(method: string, params?: unknown): Promise<void> {
    await this.say({ method, id: this.#nextId++, params });
  }

  async initialize(capabilities: unknown = { experimentalApi: true }): Promise<void> {
    await this.request("initialize", { clientInfo: { name: "probe", version: "1.0" }, capabilities });
    await this.say({ method: "initialized" });
  }

  async say(message: unknown): Promise<void> {
    await this.text(JSON.stringify(message));
  }

  async text(text: string): Promise<void> {
    this.#talk.write(`${this.name} -> ${text}`);
    this.stream.send(text);
    await settle();
  }

  /** As `say`, without waiting and without a line. */
  silently(message: unknown): void {
    this.stream.send(JSON.stringify(message));
  }

  async leave(): Promise<void> {
    this.#talk.write(`${this.name} leaves`);
    await this.stream.close({ code: 1000, reason: "bye" });
    await settle();
  }

  async #read(): Promise<void> {
    for await (const incoming of this.stream.incoming) {
      const shown = incoming.kind === "message" ? JSON.stringify(incoming.value) : incoming.reason;
      this.#talk.write(`${this.name} <- ${shown}`);
    }
    const { code, reason } = await this.stream.closed;
    if (code !== 1000) this.#talk.write(`${this.name} closed: ${code} ${reason}`);
  }
}

export interface ConversationOptions extends AppServerOptions {
  readonly worldWritable?: WorldWritableFolders;
}

export class Conversation {
  readonly lines: string[] = [];
  readonly server: AppServer;
  readonly agent: FakeAgent;
  readonly logged: string[];

  constructor({ worldWritable = null, ...options }: ConversationOptions) {
    let agent: FakeAgent | null = null;
    this.logged = [];
    const services = fakeServices(this.logged, (ports) => agent = new FakeAgent(ports), worldWritable);
    this.server = createAppServer(services, options);
    assert.ok(agent);
    this.agent = agent;
  }

  write(line: string): void {
    this.lines.push(normalize(line));
  }

  /** A line of the test itself. */
  note(text: string): void {
    this.write(`\n# ${text}`);
  }

  connect(name: string): Client {
    const [ours, theirs] = createMemoryStreamPair();
    void this.server.connect(theirs);
    return new Client(name, ours, this);
  }

  /** A client that is initialized, without lines about it. */
  async join(name: string, capabilities: unknown = { experimentalApi: true }): Promise<Client> {
    const before = this.lines.length;
    const client = this.connect(name);
    await client.initialize(capabilities);
    this.lines.splice(before);
    return client;
  }
}

/** What differs from run to run, and what only repeats the method table. */
function normalize(line: string): string {
  return line
    .replace(/log id [0-9a-f]{8}/g, "log id <log id>")
    .replace(/(unknown variant `[^`]*`, expected one of) `initialize`, (`[a-z/]+`(, )?)+/gi, "$1 <every method>");
}

/** Defines a test: plays the scenario and compares what was said with `golden/<name>.txt`. */
export function conversation(
  name: string,
  proves: string,
  play: (talk: Conversation) => Promise<void>,
  options: ConversationOptions = {},
): void {
  Deno.test(`conversation ${name}`, async () => {
    const talk = new Conversation(options);
    await play(talk);
    await settle();
    const before = talk.lines.length;
    await talk.server.shutdown(AbortSignal.abort(new Error("end of test")));
    await settle();
    talk.lines.splice(before);
    const head = proves.trim().split("\n").map((line) => `# ${line.trim()}`);
    const text = [...head, "", ...talk.lines, ""].join("\n");
    const file = new URL(`${name}.txt`, GOLDEN);
    if (Deno.args.includes("-u")) await Deno.writeTextFile(file, text);
    assert.equal(text, await Deno.readTextFile(file));
  });
}
