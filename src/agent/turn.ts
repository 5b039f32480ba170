// One turn as clients see it: its id, its items, its lifecycle events. An item's records are on disk before its
// completion is announced. What happens in between is decided by turn_loop and the tools.
import type { ThreadItem, UserInput } from "../protocol/types/item.ts";
import type { Turn as WireTurn, TurnError, TurnStatus } from "../protocol/types/turn.ts";
import { type ItemRecordExtra, recordOfItem } from "../store/item_record.ts";
import type { AgentEvent, EventNote, EventSink } from "./events.ts";
import type { Journal } from "./journal.ts";
import { PendingInput } from "./steering.ts";

/** Why a turn's signal fired: the person wanted it to end. */
class TurnInterrupted extends Error {
  override readonly name = "TurnInterrupted";

  constructor() {
    super("The turn was interrupted");
  }
}

type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** Events of a turn with the ids left out: the turn adds them. */
export type TurnEvent = {
  [M in AgentEvent["method"]]: Extract<AgentEvent, { method: M }> extends { params: infer P }
    ? P extends { threadId: string; turnId: string } ? { method: M; params: DistributiveOmit<P, "threadId" | "turnId"> }
    : never
    : never;
}[AgentEvent["method"]];

/** Plans of one turn that are kept for clients that join late. */
const MAX_PLANS = 64;

export interface TurnOptions {
  readonly id: string;
  readonly threadId: string;
  readonly input: readonly UserInput[];
  readonly events: EventSink;
  readonly journal: Journal;
}

export class Turn {
  readonly id: string;
  readonly threadId: string;
  readonly journal: Journal;
  /** What was said to this turn, at its start and later, and is not taken yet. */
  readonly pending: PendingInput;
  readonly #events: EventSink;
  readonly #abort = new AbortController();
  readonly #items = new Map<string, () => ThreadItem>();
  readonly #plans: AgentEvent[] = [];
  readonly #firstInput = Promise.withResolvers<void>();
  #status: TurnStatus = "inProgress";
  #takesInput = true;
  #error: TurnError | null = null;
  #startedAtMs: number | null = null;
  #completedAtMs: number | null = null;

  constructor(options: TurnOptions) {
    this.id = options.id;
    this.threadId = options.threadId;
    this.pending = new PendingInput(options.input);
    this.journal = options.journal;
    this.#events = options.events;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get startedAtMs(): number {
    return this.#startedAtMs ?? 0;
  }

  /** Settles when what the turn was started with is on disk, or the turn has ended without that. */
  get firstInputSaved(): Promise<void> {
    return this.#firstInput.promise;
  }

  inputSaved(): void {
    this.#firstInput.resolve();
  }

  /** False from the moment the turn has decided to end: input would be lost. */
  get takesInput(): boolean {
    return this.#takesInput;
  }

  refuseInput(): void {
    this.#takesInput = false;
  }

  interrupt(): void {
    this.#abort.abort(new TurnInterrupted());
  }

  /** The wire's `Turn`. Events carry no items; a thread read with its turns does. */
  toWire(options: { items: boolean }): WireTurn {
    const seconds = (ms: number | null): number | null => ms === null ? null : Math.floor(ms / 1000);
    const duration = this.#startedAtMs !== null && this.#completedAtMs !== null
      ? Math.round(this.#completedAtMs - this.#startedAtMs)
      : null;
    return {
      id: this.id,
      items: options.items ? [...this.#items.values()].map((item) => item()) : [],
      status: this.#status,
      error: this.#error,
      startedAt: seconds(this.#startedAtMs),
      completedAt: seconds(this.#completedAtMs),
      durationMs: duration,
    };
  }

  begin(nowMs: number): void {
    this.#startedAtMs = nowMs;
    this.#events.emit(this.threadId, {
      method: "turn/started",
      params: { threadId: this.threadId, turn: this.toWire({ items: false }) },
    });
  }

  /** Fixes the outcome; `announceEnd` tells it. The end is recorded in between. */
  settle(status: Exclude<TurnStatus, "inProgress">, error: TurnError | null, nowMs: number): void {
    this.#status = status;
    this.#error = error;
    this.#completedAtMs = nowMs;
    this.#firstInput.resolve();
  }

  announceEnd(): void {
    this.#events.emit(this.threadId, {
      method: "turn/completed",
      params: { threadId: this.threadId, turn: this.toWire({ items: false }) },
    });
  }

  /** What a client that joins late cannot read from the items: the plans, in order. */
  get plans(): readonly AgentEvent[] {
    return this.#plans;
  }

  emit(event: TurnEvent, note?: EventNote): void {
    // The ids complete exactly the params that `TurnEvent` took them from.
    const params = { ...event.params, threadId: this.threadId, turnId: this.id };
    const whole = { method: event.method, params } as AgentEvent;
    if (event.method === "turn/plan/updated" && this.#plans.push(whole) > MAX_PLANS) this.#plans.shift();
    this.#events.emit(this.threadId, whole, note);
  }

  /** As `EventSink.pace`. */
  pace(): Promise<void> | undefined {
    return this.#events.pace?.(this.threadId);
  }

  /** An event of the thread's that has no turn. */
  emitToThread(event: Extract<AgentEvent, { method: "account/rateLimits/updated" }>): void {
    this.#events.emit(this.threadId, event);
  }

  /**
   * Tells whoever follows the thread of something that went wrong and that the turn survives. Not as `error`: clients
   * take one that is not retried for the end of the running turn.
   */
  warn(summary: string, details: string): void {
    this.#events.emit(this.threadId, { method: "configWarning", params: { summary, details } });
  }

  /** Tells the operator of a command that may not even be asked about. */
  commandRefused(itemId: string, { command, cwd }: { command: string; cwd: string }): void {
    this.#events.commandRefused?.({ threadId: this.threadId, turnId: this.id, itemId, command, cwd });
  }

  hasItem(id: string): boolean {
    return this.#items.has(id);
  }

  /** `now` is the item as it stands while it is open: a client that joins late reads it. */
  startItem(item: ThreadItem, now: () => ThreadItem = () => item): void {
    this.followItem(item.id, now);
    this.emit({ method: "item/started", params: { item } });
  }

  followItem(id: string, now: () => ThreadItem): void {
    this.#items.set(id, now);
  }

  /** Records, saves, announces. @throws CodexError STORE_FAILED: then nothing was announced. */
  async completeItem(
    item: ThreadItem,
    extra: Omit<ItemRecordExtra, "threadId"> = {},
    note?: EventNote,
  ): Promise<void> {
    this.recordItem(item, extra);
    await this.finishItem(item, note);
  }

  recordItem(item: ThreadItem, extra: Omit<ItemRecordExtra, "threadId"> = {}): void {
    this.journal.append(...recordOfItem(this.id, item, { threadId: this.threadId, ...extra }));
  }

  /** Saves what is recorded so far, then announces the item's completion. @throws CodexError STORE_FAILED */
  async finishItem(item: ThreadItem, note?: EventNote): Promise<void> {
    await this.journal.save();
    this.followItem(item.id, () => item);
    this.emit({ method: "item/completed", params: { item } }, note);
  }
}
