/**
 * The turns that people saw, built again from the records of a rollout, in one pass and in file order.
 * Ids of items without one of their own are `item-1`, `item-2`, … as the wire has them after a resume. A turn with
 * no end record was cut off (a crash, a kill): it is `interrupted` and keeps what it has.
 * Source: what the reference answers to `thread/read` for recorded and for hand-made files.
 */
import type { ThreadItem } from "../protocol/types/item.ts";
import type { Turn, TurnError } from "../protocol/types/turn.ts";
import { agentMessageFrom, toolItemFrom, userContentFrom } from "./event_item.ts";
import { asInteger, asObject, asString, type JsonObject } from "./json_value.ts";
import { errorInfoFrom } from "./rollout_record.ts";
import type { RolloutItem } from "./thread_store.ts";

interface OpenTurn {
  id: string;
  items: ThreadItem[];
  status: Turn["status"];
  error: TurnError | null;
  startedAt: number | null;
  completedAt: number | null;
  durationMs: number | null;
  /** Opened by `task_started`; others come from files older than that record, or from compaction between turns. */
  readonly explicit: boolean;
  compacted: boolean;
}

/** Takes records one by one, for files that are streamed. */
export class TurnHistory {
  #turns: OpenTurn[] = [];
  /** The turn that new items belong to; the last of `#turns`, or null between turns. */
  #current: OpenTurn | null = null;
  #nextItem = 1;
  #nextTurn = 1;

  take(record: RolloutItem): void {
    if (record.type === "compacted") this.#ensureTurn().compacted = true;
    else if (record.type === "event_msg") this.#takeEvent(record.payload);
  }

  turns(): Turn[] {
    return this.#turns.filter(isWorthKeeping).map((turn) => ({
      id: turn.id,
      items: [...turn.items],
      status: turn.status === "inProgress" ? "interrupted" : turn.status,
      error: turn.error,
      startedAt: turn.startedAt,
      completedAt: turn.completedAt,
      durationMs: turn.durationMs,
    }));
  }

  #takeEvent(event: JsonObject): void {
    switch (event["type"]) {
      case "task_started":
      case "turn_started":
        this.#open(asString(event["turn_id"]), asInteger(event["started_at"]));
        return;
      case "task_complete":
      case "turn_complete":
        this.#end(event, (turn) => turn.status === "inProgress" ? "completed" : turn.status);
        return;
      case "turn_aborted":
        this.#end(event, () => "interrupted");
        return;
      case "error":
        this.#fail(event);
        return;
      case "thread_rolled_back":
        this.#rollBack(asInteger(event["num_turns"]) ?? 0);
        return;
      case "user_message":
        this.#takeUserMessage(event);
        return;
      case "agent_message": {
        const item = agentMessageFrom(event, `item-${this.#nextItem}`);
        if (item !== null) this.#add(item);
        return;
      }
      case "agent_reasoning":
        this.#takeReasoning(event, "summary");
        return;
      case "agent_reasoning_raw_content":
        this.#takeReasoning(event, "content");
        return;
      case "context_compacted":
        this.#add({ type: "contextCompaction", id: `item-${this.#nextItem}` });
        return;
      case "entered_review_mode": {
        const review = asString(event["user_facing_hint"]) ?? "";
        this.#add({ type: "enteredReviewMode", id: `item-${this.#nextItem}`, review });
        return;
      }
      case "exited_review_mode": {
        const review = asString(asObject(event["review_output"])?.["overall_explanation"]) ?? "";
        this.#add({ type: "exitedReviewMode", id: `item-${this.#nextItem}`, review });
        return;
      }
      default: {
        const item = toolItemFrom(event);
        if (item !== null) this.#put(item, asString(event["turn_id"]));
      }
    }
  }

  #open(id: string | null, startedAt: number | null): OpenTurn {
    const turn: OpenTurn = {
      // A file older than turn ids gets the same ids every time it is read.
      id: id ?? `00000000-0000-7000-8000-${String(this.#nextTurn).padStart(12, "0")}`,
      items: [],
      status: id === null ? "completed" : "inProgress",
      error: null,
      startedAt,
      completedAt: null,
      durationMs: null,
      explicit: id !== null,
      compacted: false,
    };
    this.#nextTurn++;
    this.#turns.push(turn);
    this.#current = turn;
    return turn;
  }

  #ensureTurn(): OpenTurn {
    return this.#current ?? this.#open(null, null);
  }

  #find(id: string | null): OpenTurn | null {
    if (id === null) return this.#current;
    if (this.#current?.id === id) return this.#current;
    return this.#turns.findLast((turn) => turn.id === id) ?? null;
  }

  #end(event: JsonObject, statusOf: (turn: OpenTurn) => Turn["status"]): void {
    const turn = this.#find(asString(event["turn_id"]));
    if (turn === null) return;
    turn.status = statusOf(turn);
    turn.completedAt = asInteger(event["completed_at"]) ?? turn.completedAt;
    turn.durationMs = asInteger(event["duration_ms"]) ?? turn.durationMs;
    if (turn === this.#current) this.#current = null;
  }

  #fail(event: JsonObject): void {
    const info = errorInfoFrom(event["codex_error_info"]);
    // These tell of a request that was refused while the turn went on.
    const isAside = info === "threadRollbackFailed" ||
      (asObject(info) !== null && "activeTurnNotSteerable" in Object(info));
    if (this.#current === null || isAside) return;
    this.#current.status = "failed";
    this.#current.error = {
      message: asString(event["message"]) ?? "",
      codexErrorInfo: info,
      additionalDetails: asString(event["additional_details"]),
    };
  }

  #rollBack(count: number): void {
    this.#current = null;
    this.#turns = this.#turns.filter(isWorthKeeping);
    this.#turns.length = Math.max(0, this.#turns.length - Math.max(0, count));
    this.#nextItem = 1 + this.#turns.reduce((sum, turn) => sum + turn.items.length, 0);
  }

  #takeUserMessage(event: JsonObject): void {
    // Without turn records every message of the user starts a turn; one that only holds a compaction takes it in.
    const current = this.#current;
    if (current !== null && !current.explicit && !(current.compacted && current.items.length === 0)) {
      this.#current = null;
    }
    this.#add({ type: "userMessage", id: `item-${this.#nextItem}`, content: userContentFrom(event) });
  }

  #takeReasoning(event: JsonObject, part: "summary" | "content"): void {
    const text = asString(event["text"]) ?? "";
    if (text === "") return;
    const last = this.#ensureTurn().items.at(-1);
    if (last?.type === "reasoning") last[part].push(text);
    else this.#add({ type: "reasoning", id: `item-${this.#nextItem}`, summary: [], content: [], [part]: [text] });
  }

  #add(item: ThreadItem): void {
    this.#nextItem++;
    this.#ensureTurn().items.push(item);
  }

  /** An item with an id of its own: a later record of the same id replaces the earlier, in its place. */
  #put(item: ThreadItem, turnId: string | null): void {
    const turn = turnId === null ? this.#ensureTurn() : this.#find(turnId);
    if (turn === null) return;
    const index = turn.items.findIndex((known) => known.id === item.id);
    if (index === -1) turn.items.push(item);
    else turn.items[index] = item;
  }
}

function isWorthKeeping(turn: OpenTurn): boolean {
  return turn.explicit || turn.compacted || turn.items.length > 0;
}
