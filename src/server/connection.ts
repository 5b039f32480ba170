// One client: who it is, what it does not want to hear, and the way out to it. A connection holds back notifications
// while an answer that must come first is being made. It knows no method but refuses nothing either: see router.ts.
import type { RequestId, RpcErrorBody } from "../rpc/message.ts";
import type { CloseReason, MessageStream } from "../rpc/message_stream.ts";
import { Peer } from "../rpc/peer.ts";
import type { AuditedClient } from "./audit.ts";
import type { ClientOrigin } from "./client_origin.ts";
import { CLOSE_SLOW_READER, createOutbound, type Outbound, type SerializedEvent } from "./outbound.ts";

/** What `initialize` told about the client. */
export interface ClientSession {
  readonly name: string;
  readonly version: string;
  readonly experimentalApi: boolean;
  readonly optOuts: ReadonlySet<string>;
}

export interface ConnectionOptions {
  readonly origin: ClientOrigin;
  /** A delta was joined with the one before it. */
  onMerged(): void;
}

export class Connection {
  readonly id: number;
  readonly origin: ClientOrigin;
  /** Of the process's own clock. */
  readonly openedAtMs = performance.now();
  readonly peer: Peer;
  /** Settles once when the client has gone or was closed. */
  readonly closed: Promise<CloseReason>;
  /** Null until `initialize` has been answered. */
  session: ClientSession | null = null;
  readonly #stream: MessageStream;
  readonly #outbound: Outbound;
  readonly #held: (string | SerializedEvent)[] = [];
  #holds = 0;
  #closedFor: string | null = null;
  #hasGone = false;
  #inFlight = 0;
  #whenAnswered: (() => void)[] = [];

  constructor(id: number, stream: MessageStream, { origin, onMerged }: ConnectionOptions) {
    this.id = id;
    this.origin = origin;
    this.#stream = stream;
    this.#outbound = createOutbound(stream, {
      onOverflow: (reason) => void this.#end({ code: CLOSE_SLOW_READER, reason }),
      onMerged,
    });
    this.peer = new Peer({
      incoming: stream.incoming,
      closed: stream.closed,
      bufferedBytes: 0,
      // What the server asks must not overtake the answer that subscribed the client.
      send: (text) => this.#holds > 0 ? void this.#held.push(text) : this.#outbound.send(text),
      close: (reason) => this.close(reason),
    });
    this.closed = this.peer.closed;
    void this.closed.then(() => {
      this.#hasGone = true;
      this.#outbound.stop();
    });
  }

  /** Bytes that wait because the client reads slowly. */
  get waitingBytes(): number {
    return this.#outbound.waitingBytes;
  }

  /** True once `closed` has settled: nothing that it asked for reaches it any more. */
  get hasGone(): boolean {
    return this.#hasGone;
  }

  /** Why the server closed it; null when the client did. */
  get closedFor(): string | null {
    return this.#closedFor;
  }

  /** Requests that were taken and not yet answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whom the audit log names. */
  get audited(): AuditedClient {
    return { connectionId: this.id, clientName: this.session?.name ?? null, subject: this.origin.subject };
  }

  requestTaken(): void {
    this.#inFlight++;
  }

  requestAnswered(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) { for (const resolve of this.#whenAnswered.splice(0)) resolve(); }
  }

  /** Settles when no request waits for its answer. */
  allAnswered(): Promise<void> {
    return this.#inFlight === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenAnswered.push(resolve));
  }

  respond(id: RequestId, result: unknown): void {
    this.#outbound.send(JSON.stringify({ id, result }));
  }

  fail(id: RequestId | null, error: RpcErrorBody): void {
    this.#outbound.send(JSON.stringify({ error, id }));
  }

  /** A notification, unless the client opted out of its method or is not initialized. */
  /** As `Outbound.pace`. */
  pace(): "ahead" | "stalled" | Promise<void> {
    return this.#outbound.pace();
  }

  notify(event: SerializedEvent): void {
    if (this.session === null || this.session.optOuts.has(event.event.method)) return;
    if (this.#holds > 0) this.#held.push(event);
    else this.#outbound.sendEvent(event);
  }

  /** From now on notifications and requests of the server wait, until as many `release`s; answers do not. */
  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0) this.#sendHeld();
  }

  #sendHeld(): void {
    for (const event of this.#held.splice(0)) {
      if (typeof event === "string") this.#outbound.send(event);
      else this.#outbound.sendEvent(event);
    }
  }

  /** Sends what waits, then closes. */
  close(reason: CloseReason): Promise<void> {
    this.#sendHeld();
    this.#outbound.flush();
    return this.#end(reason);
  }

  #end(reason: CloseReason): Promise<void> {
    this.#closedFor ??= reason.reason;
    return this.#stream.close(reason);
  }
}
