// An app server as far as a client can tell, in memory: answers requests from a table, keeps what it was asked, and says
// what a test tells it to say.
import type { CloseReason, MessageStream } from "../../src/rpc/message_stream.ts";
import { createMemoryStreamPair } from "../../src/rpc/memory_stream.ts";
import { sampleStart, sampleTurn, THREAD_ID } from "./wire_samples.ts";

export interface Asked {
  readonly id: unknown;
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** A result, an error, or `undefined` for no answer at all. */
export type Answer = { readonly result: unknown } | { readonly error: unknown } | undefined;
export type Answers = Readonly<Record<string, (asked: Asked, server: ScriptedServer) => Answer>>;

export interface ScriptedServer {
  readonly client: MessageStream;
  readonly asked: Asked[];
  /** Answers to this server's own requests. */
  readonly answered: { readonly id: unknown; readonly result: unknown }[];
  notify(method: string, params?: Record<string, unknown>): void;
  ask(id: number, method: string, params: Record<string, unknown>): void;
  /** Settles when the client has sent a message that `matches`. */
  waitFor(matches: (asked: Asked) => boolean): Promise<Asked>;
  close(reason?: CloseReason): Promise<void>;
}

const ordinary: Answers = {
  "initialize": () => ({
    result: { userAgent: "scripted", codexHome: "/home", platformFamily: "unix", platformOs: "linux" },
  }),
  "account/read": () => ({ result: { account: null, requiresOpenaiAuth: false } }),
  "model/list": () => ({ result: { data: [], nextCursor: null } }),
  "thread/start": () => ({ result: sampleStart() }),
  "thread/resume": () => ({ result: sampleStart() }),
  "thread/unsubscribe": () => ({ result: { status: "unsubscribed" } }),
  "skills/list": () => ({ result: { data: [] } }),
  "turn/start": () => ({ result: { turn: sampleTurn("turn-1", "inProgress") } }),
  "turn/steer": () => ({ result: { turnId: "turn-1" } }),
  "turn/interrupt": () => ({ result: {} }),
};

export function startScriptedServer(answers: Answers = {}): ScriptedServer {
  const [server, client] = createMemoryStreamPair();
  const waiting: { matches: (asked: Asked) => boolean; resolve: (asked: Asked) => void }[] = [];
  const self: ScriptedServer = {
    client,
    asked: [],
    answered: [],
    notify: (method, params = {}) =>
      server.send(JSON.stringify({ method, params: { threadId: THREAD_ID, ...params } })),
    ask: (id, method, params) =>
      server.send(JSON.stringify({ id, method, params: { threadId: THREAD_ID, ...params } })),
    waitFor(matches): Promise<Asked> {
      const found = self.asked.find(matches);
      if (found) return Promise.resolve(found);
      return new Promise((resolve) => waiting.push({ matches, resolve }));
    },
    close: (reason = { code: 1006, reason: "" }) => server.close(reason),
  };
  const run = async (): Promise<void> => {
    for await (const incoming of server.incoming) {
      if (incoming.kind !== "message") continue;
      const message = incoming.value as {
        id?: unknown;
        method?: string;
        params?: Record<string, unknown>;
        result?: unknown;
      };
      if (message.method === undefined) {
        self.answered.push({ id: message.id, result: message.result });
        continue;
      }
      const asked: Asked = { id: message.id, method: message.method, params: message.params ?? {} };
      self.asked.push(asked);
      if (asked.id !== undefined) {
        const answer = (answers[asked.method] ?? ordinary[asked.method] ?? (() => undefined))(asked, self);
        if (answer) server.send(JSON.stringify({ id: asked.id, ...answer }));
      }
      for (const one of waiting.filter(({ matches }) => matches(asked))) one.resolve(asked);
    }
  };
  void run();
  return self;
}
