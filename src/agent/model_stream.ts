// One model attempt: the provider's events become items of the turn while they come, and whole output items become
// history. Says which tools the model called; running them is the business of turn_loop. Items that a failed attempt
// leaves open are finished with what there is, so that no client waits for them.
import type { ModelClient, ModelEvent, ModelRequest, ModelUsage } from "../model/model_client.ts";
import type { RateLimitSnapshot } from "../protocol/types/account.ts";
import type { MessagePhase, ResponseItem } from "../protocol/types/response_item.ts";
import type { ThreadItem } from "../protocol/types/item.ts";
import { uuidV4 } from "../base/ids.ts";
import type { Turn } from "./turn.ts";

export type CallItem = Extract<ResponseItem, { type: "function_call" | "custom_tool_call" }>;
type MessageItem = Extract<ResponseItem, { type: "message" }>;
type ReasoningItem = Extract<ResponseItem, { type: "reasoning" }>;

interface OpenMessage {
  readonly kind: "message";
  readonly id: string;
  readonly phase: MessagePhase | null;
  text: string;
}

interface OpenReasoning {
  readonly kind: "reasoning";
  readonly id: string;
  readonly summary: string[];
  readonly content: string[];
}

type OpenItem = OpenMessage | OpenReasoning;

export interface StreamHooks {
  /** The provider took the request; what it says of the account's limits. */
  onLimits(limits: RateLimitSnapshot): void;
  /** A call is whole; it may begin as soon as `startCalls` is called. */
  onCall(call: CallItem): void;
  /** Another output item began: the calls before it may run. */
  startCalls(): void;
  onCompleted(usage: ModelUsage | null): void;
}

export interface AttemptOptions {
  readonly client: ModelClient;
  readonly request: ModelRequest;
  readonly turn: Turn;
  readonly hooks: StreamHooks;
}

export interface AttemptResult {
  /** Text of the last whole message, or null. */
  readonly lastMessage: string | null;
}

/** @throws ModelError, the turn's abort reason, or CodexError STORE_FAILED. */
export async function streamAttempt(options: AttemptOptions): Promise<AttemptResult> {
  const attempt = new Attempt(options);
  try {
    for await (const event of options.client.stream(options.request, options.turn.signal)) {
      options.turn.signal.throwIfAborted();
      await attempt.take(event);
    }
    options.turn.signal.throwIfAborted();
  } catch (error) {
    await attempt.closeOpenItems();
    throw error;
  }
  await attempt.closeOpenItems();
  return { lastMessage: attempt.lastMessage };
}

class Attempt {
  readonly #options: AttemptOptions;
  readonly #open = new Map<string, OpenItem>();
  lastMessage: string | null = null;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  async take(event: ModelEvent): Promise<void> {
    await this.#take(event);
    // A stream that is faster than every client waits, and with it the model's server.
    const wait = this.#options.turn.pace();
    if (wait !== undefined) await wait;
  }

  async #take(event: ModelEvent): Promise<void> {
    const { turn, hooks } = this.#options;
    switch (event.type) {
      case "rateLimits":
        hooks.onLimits(event.snapshot);
        return;
      case "created":
        return;
      case "itemAdded":
        hooks.startCalls();
        this.#begin(event.id, event.item);
        return;
      case "textDelta": {
        const message = this.#message(event.itemId);
        message.text += event.delta;
        turn.emit({ method: "item/agentMessage/delta", params: { itemId: message.id, delta: event.delta } });
        return;
      }
      case "reasoningSummaryPartAdded": {
        const { id } = this.#reasoning(event.itemId);
        turn.emit({
          method: "item/reasoning/summaryPartAdded",
          params: { itemId: id, summaryIndex: event.summaryIndex },
        });
        return;
      }
      case "reasoningSummaryDelta": {
        const reasoning = this.#reasoning(event.itemId);
        addAt(reasoning.summary, event.summaryIndex, event.delta);
        turn.emit({
          method: "item/reasoning/summaryTextDelta",
          params: { itemId: reasoning.id, delta: event.delta, summaryIndex: event.summaryIndex },
        });
        return;
      }
      case "reasoningTextDelta": {
        const reasoning = this.#reasoning(event.itemId);
        addAt(reasoning.content, event.contentIndex, event.delta);
        turn.emit({
          method: "item/reasoning/textDelta",
          params: { itemId: reasoning.id, delta: event.delta, contentIndex: event.contentIndex },
        });
        return;
      }
      case "itemDone":
        await this.#finish(event.id, event.item);
        return;
      case "completed":
        hooks.onCompleted(event.usage);
        return;
      default:
        event satisfies never;
    }
  }

  #begin(providerId: string, item: ResponseItem): void {
    if (item.type === "message" && item.role === "assistant") this.#openMessage(providerId, item.phase ?? null);
    else if (item.type === "reasoning") this.#openReasoning(providerId);
  }

  /** The provider's id where it gives one that this turn has not seen. */
  #itemId(providerId: string): string {
    return providerId === "" || this.#options.turn.hasItem(providerId) ? uuidV4() : providerId;
  }

  #openMessage(providerId: string, phase: MessagePhase | null): OpenMessage {
    const message: OpenMessage = { kind: "message", id: this.#itemId(providerId), phase, text: "" };
    this.#open.set(providerId, message);
    this.#options.turn.startItem(messageItem(message, ""), () => partialItem(message));
    return message;
  }

  #openReasoning(providerId: string): OpenReasoning {
    const reasoning: OpenReasoning = { kind: "reasoning", id: this.#itemId(providerId), summary: [], content: [] };
    this.#open.set(providerId, reasoning);
    const { id } = reasoning;
    this.#options.turn.startItem({ type: "reasoning", id, summary: [], content: [] }, () => partialItem(reasoning));
    return reasoning;
  }

  /** Providers that announce no items still stream their text. */
  #message(providerId: string): OpenMessage {
    const open = this.#open.get(providerId);
    return open?.kind === "message" ? open : this.#openMessage(providerId, null);
  }

  #reasoning(providerId: string): OpenReasoning {
    const open = this.#open.get(providerId);
    return open?.kind === "reasoning" ? open : this.#openReasoning(providerId);
  }

  async #finish(providerId: string, item: ResponseItem): Promise<void> {
    const { turn, hooks } = this.#options;
    if (item.type === "message" && item.role === "assistant") {
      const open = this.#open.get(providerId);
      const message = open?.kind === "message" ? open : this.#openMessage(providerId, item.phase ?? null);
      this.#open.delete(providerId);
      await this.#completeMessage(message, item);
    } else if (item.type === "reasoning") {
      const reasoning = this.#reasoning(providerId);
      this.#open.delete(providerId);
      await this.#completeReasoning(reasoning, item);
    } else if (item.type === "function_call" || item.type === "custom_tool_call") {
      turn.journal.response(withoutId(item));
      hooks.onCall(item);
    } else if (item.type !== "other") turn.journal.response(withoutId(item));
  }

  async #completeMessage(open: OpenMessage, item: MessageItem): Promise<void> {
    const { turn } = this.#options;
    const text = item.content.flatMap((part) => part.type === "output_text" ? [part.text] : []).join("");
    const done = messageItem({ ...open, phase: item.phase ?? open.phase }, text);
    this.lastMessage = text;
    turn.recordItem(done);
    turn.journal.response(withoutId(item));
    await turn.finishItem(done);
  }

  async #completeReasoning(open: OpenReasoning, item: ReasoningItem): Promise<void> {
    const { turn } = this.#options;
    const summary = item.summary.map((part) => part.text);
    // A provider that streams raw reasoning need not repeat it in the whole item.
    const content = item.content?.map((part) => part.text) ?? open.content;
    const done: ThreadItem = { type: "reasoning", id: open.id, summary, content };
    turn.recordItem(done);
    turn.journal.response(withoutId(item));
    await turn.finishItem(done);
  }

  /** After a cut or an interruption: what people saw so far is the item. */
  async closeOpenItems(): Promise<void> {
    const { turn } = this.#options;
    for (const open of this.#open.values()) {
      const done = partialItem(open);
      if (done.type !== "agentMessage" || done.text !== "") turn.recordItem(done);
      // An interrupted answer stays known to the model; a cut one is asked for again.
      if (open.kind === "message" && open.text !== "" && turn.signal.aborted) {
        turn.journal.response(partialMessage(open));
      }
      await turn.finishItem(done);
    }
    this.#open.clear();
  }
}

function partialItem(open: OpenItem): ThreadItem {
  return open.kind === "message"
    ? messageItem(open, open.text)
    : { type: "reasoning", id: open.id, summary: [...open.summary], content: [...open.content] };
}

function addAt(texts: string[], index: number, delta: string): void {
  while (texts.length <= index) texts.push("");
  texts[index] += delta;
}

function messageItem(
  { id, phase }: Pick<OpenMessage, "id" | "phase">,
  text: string,
): Extract<ThreadItem, { type: "agentMessage" }> {
  return { type: "agentMessage", id, text, phase, memoryCitation: null };
}

function partialMessage({ phase, text }: OpenMessage): ResponseItem {
  const content: MessageItem["content"] = [{ type: "output_text", text }];
  return { type: "message", role: "assistant", content, ...(phase === null ? {} : { phase }) };
}

/** Histories carry no provider ids: nothing is stored at the provider that they could refer to. */
function withoutId<T extends ResponseItem>(item: T): T {
  if (!("id" in item) || item.type === "image_generation_call") return item;
  const { id: _id, ...rest } = item;
  // `id` is optional in every item type that gets here.
  return rest as unknown as T;
}
