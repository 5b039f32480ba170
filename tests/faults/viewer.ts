// A client that follows one thread with the product's own parts (client, notification reader, reducer), loses its
// connection when told to, comes back, and remembers what it was asked. What it sees can be compared with others.
import { type AppServerClient, createAppServerClient } from "../../src/client/app_server_client.ts";
import { type Approval, findApproval } from "../../src/client/approval.ts";
import { createNotificationReader } from "../../src/client/server_event.ts";
import { EMPTY_VIEW, reduceThread, type ThreadEvent, type ThreadView } from "../../src/client/thread_view.ts";
import type { MessageStream } from "../../src/rpc/message_stream.ts";

export type Dial = () => MessageStream | Promise<MessageStream>;

export class Viewer implements AsyncDisposable {
  view: ThreadView = EMPTY_VIEW;
  /** Every question as it came, also when it came again. */
  readonly asked: Approval[] = [];
  /** Called with each notification that is heard, before it is folded. */
  onHeard: (method: string) => void = () => {};
  /** Called with each question, after it was folded. */
  onAsked: (approval: Approval) => void = () => {};
  readonly #dial: Dial;
  readonly #threadId: string;
  readonly #read = createNotificationReader();
  readonly #wakers = new Set<() => void>();
  #client: AppServerClient | null = null;
  #stream: MessageStream | null = null;
  #muted = false;

  constructor(dial: Dial, threadId: string) {
    this.#dial = dial;
    this.#threadId = threadId;
  }

  get client(): AppServerClient {
    if (this.#client === null) throw new Error("This viewer has not joined");
    return this.#client;
  }

  /** Connects and takes the thread up; again after `cut`. */
  async join(): Promise<void> {
    const again = this.#client !== null;
    const stream = await this.#dial();
    const client = createAppServerClient(stream);
    this.#stream = stream;
    this.#client = client;
    client.onNotification((method, params) => {
      if (this.#muted || client !== this.#client) return;
      const notification = this.#read(method, params);
      if (notification === null) return;
      this.onHeard(method);
      this.#fold({ type: "heard", notification, nowMs: 0 });
    });
    client.onServerRequest((ask) => {
      const approval = client === this.#client ? findApproval(ask) : null;
      if (approval === null) return false;
      this.asked.push(approval);
      this.#fold({ type: "asked", approval });
      this.onAsked(approval);
      return true;
    });
    await client.initialize({ name: "viewer", version: "1" });
    this.#muted = true;
    try {
      const { thread } = await client.request("thread/resume", { threadId: this.#threadId });
      this.#fold({ type: again ? "rejoined" : "opened", thread, nowMs: 0 });
    } finally {
      this.#muted = false;
    }
  }

  /** Loses the connection without a word of the protocol. */
  async cut(): Promise<void> {
    await this.#stream?.close({ code: 1000, reason: "cut" });
    this.#fold({ type: "disconnected" });
  }

  say(text: string): Promise<unknown> {
    return this.client.request("turn/start", {
      threadId: this.#threadId,
      input: [{ type: "text", text, text_elements: [] }],
    });
  }

  accept({ requestId }: Approval): void {
    this.client.respond(requestId, { decision: "accept" });
    this.#fold({ type: "answered", requestId });
  }

  async until(holds: (view: ThreadView) => boolean, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!holds(this.view)) {
      const left = deadline - Date.now();
      if (left <= 0) {
        throw new Error(`Waited ${timeoutMs} ms in vain; the view is ${JSON.stringify(this.view).slice(-2_000)}`);
      }
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.#wakers.delete(done);
          resolve();
        };
        const timer = setTimeout(done, left);
        this.#wakers.add(done);
      });
    }
  }

  /** Until so many turns have ended and none runs; what they cost is told after a snapshot. */
  untilEnded(turns = 1): Promise<void> {
    return this.until(({ turn, endedTurns, usage }) => turn === null && usage !== null && endedTurns.size >= turns);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.close();
  }

  #fold(event: ThreadEvent): void {
    this.view = reduceThread(this.view, event);
    for (const wake of [...this.#wakers]) wake();
  }
}

/** What viewers of one thread must agree on: all but the keys that each makes for itself. */
export function shared(view: ThreadView): unknown {
  return {
    ...view,
    endedTurns: [...view.endedTurns].sort(),
    entries: view.entries.map((entry) => entry.kind === "plan" ? { ...entry, key: "" } : entry),
    nextKey: 0,
    plansRetold: null,
  };
}
