// One turn from its first event to its last: what the person said goes into the record, the model is asked until it
// calls no more tools and nobody steers, and the end is on disk before it is told. All ways to end meet here.
import { uuidV4 } from "../base/ids.ts";
import type { EffectiveConfig } from "../config/effective_config.ts";
import type { ModelClient, ModelRequest } from "../model/model_client.ts";
import type { ModelInfo } from "../model/catalog.ts";
import { ModelError } from "../model/model_error.ts";
import { streamRetryDelayMs } from "../model/retry.ts";
import type { UserInput } from "../protocol/types/item.ts";
import type { TurnError } from "../protocol/types/turn.ts";
import type { ResponseItem } from "../protocol/types/response_item.ts";
import { taskComplete, type TaskEnd, taskStarted, turnAborted, turnFailed } from "../store/rollout_record.ts";
import type { RolloutItem } from "../store/thread_store.ts";
import { streamAttempt } from "./model_stream.ts";
import { TURN_ABORTED } from "./prompts/turn_notes.ts";
import type { TokenUsage } from "./token_usage.ts";
import { ToolCalls } from "./tool_calls.ts";
import { toTurnError } from "./turn_end.ts";
import type { Turn } from "./turn.ts";
import { inputMessages, shownInput } from "./user_input.ts";
import type { Tool, ToolContext } from "./tools/tool.ts";

/** What a turn runs with; made by the thread when the turn begins. */
export interface TurnScope {
  readonly tools: readonly Tool[];
  readonly toolContext: ToolContext;
  readonly config: EffectiveConfig;
  readonly client: ModelClient;
  readonly model: ModelInfo;
  readonly contextWindow: number;
  readonly instructions: string;
  readonly outputSchema: unknown;
  readonly usage: TokenUsage;
  /** What the model has to be told before the input. */
  readonly contextItems: readonly ResponseItem[];
  readonly turnContext: RolloutItem;
}

export async function runTurn(scope: TurnScope): Promise<void> {
  await new TurnRun(scope).run();
}

class TurnRun {
  readonly #scope: TurnScope;
  #lastMessage: string | null = null;

  constructor(scope: TurnScope) {
    this.#scope = scope;
  }

  async run(): Promise<void> {
    const { turn } = this.#scope.toolContext;
    try {
      await this.#open();
      await this.#work();
      turn.signal.throwIfAborted();
      await this.#complete();
    } catch (error) {
      if (turn.signal.aborted) await this.#interrupted();
      else await this.#failed(toTurnError(error));
    }
  }

  /** The record of the turn's beginning, then the person's input. */
  async #open(): Promise<void> {
    const { toolContext: { turn, settings }, contextItems, turnContext, contextWindow } = this.#scope;
    const { journal } = turn;
    journal.append(taskStarted({
      turnId: turn.id,
      startedAt: Math.floor(turn.startedAtMs / 1000),
      modelContextWindow: contextWindow,
      collaborationMode: settings.collaborationMode?.mode ?? "default",
    }));
    journal.response(...contextItems);
    journal.append(turnContext);
    await this.#say(turn.input);
  }

  async #say(input: readonly UserInput[]): Promise<void> {
    const { turn, settings } = this.#scope.toolContext;
    turn.journal.response(...await inputMessages(input, settings.cwd));
    const item = { type: "userMessage" as const, id: uuidV4(), content: shownInput(input) };
    turn.recordItem(item);
    await turn.journal.save();
    turn.startItem(item);
    await turn.finishItem(item);
  }

  async #work(): Promise<void> {
    const { toolContext } = this.#scope;
    const { turn, diff } = toolContext;
    while (true) {
      const calls = new ToolCalls(this.#scope.tools, toolContext);
      const revision = diff.revision;
      let hasCalled: boolean;
      try {
        await this.#respond(calls);
      } catch (error) {
        if (!turn.signal.aborted) calls.drop();
        throw error;
      } finally {
        hasCalled = !calls.isEmpty;
        await calls.finish();
      }
      if (diff.revision !== revision) await this.#tellDiff();
      await turn.journal.save();
      const steered = turn.pending.takeAll();
      for (const input of steered) await this.#say(input);
      if (hasCalled || steered.length > 0) continue;
      // What arrived while the last input was written down counts too.
      if (!turn.pending.isEmpty) continue;
      turn.refuseInput();
      return;
    }
  }

  /** One whole response, with as many streams as it takes. Calls of a stream that broke are run before the next. */
  async #respond(calls: ToolCalls): Promise<void> {
    const { toolContext: { turn, clock }, config } = this.#scope;
    const max = config.modelProvider.streamMaxRetries;
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#stream(calls);
      } catch (error) {
        if (!(error instanceof ModelError) || turn.signal.aborted) throw error;
        this.#noteRefusal(error);
        if (!error.retryable || attempt > max) throw error;
        await calls.finish();
        turn.emit({
          method: "error",
          params: {
            error: {
              // wire: clients show this text as it is.
              message: `Reconnecting... ${attempt}/${max}`,
              codexErrorInfo: error.retryInfo,
              additionalDetails: error.message,
            },
            willRetry: true,
          },
        });
        await clock.sleep(streamRetryDelayMs(attempt, error.retryAfterMs), turn.signal);
      }
    }
  }

  async #stream(calls: ToolCalls): Promise<void> {
    const { toolContext: { turn }, client, usage, contextWindow } = this.#scope;
    const { lastMessage } = await streamAttempt({
      client,
      request: this.#request(),
      turn,
      hooks: {
        onLimits: (limits) => {
          usage.noteLimits(limits);
          this.#tellUsage();
        },
        onCall: (call) => calls.add(call),
        startCalls: () => calls.start(),
        onCompleted: (counts) => {
          if (counts !== null) usage.add(counts, contextWindow);
          this.#tellUsage();
        },
      },
    });
    this.#lastMessage = lastMessage ?? this.#lastMessage;
    await this.#tellDiff();
  }

  #request(): ModelRequest {
    const { toolContext: { turn, settings }, tools, config, model, instructions, outputSchema } = this.#scope;
    const summary = summaryOf(this.#scope);
    return {
      model: settings.model,
      instructions,
      input: turn.journal.history.forRequest(),
      tools: tools.map((tool) => tool.spec),
      reasoningEffort: model.supportsReasoning ? settings.effort ?? model.defaultEffort : null,
      reasoningSummary: summary === "none" ? null : summary,
      verbosity: model.defaultVerbosity === null ? null : config.verbosity ?? model.defaultVerbosity,
      serviceTier: settings.serviceTier,
      outputSchema: outputSchema ?? null,
      threadId: turn.threadId,
      turnId: turn.id,
    };
  }

  /** What a refused request says of limits and length. */
  #noteRefusal(error: ModelError): void {
    const { usage, contextWindow } = this.#scope;
    const isTooLong = error.info === "contextWindowExceeded";
    if (isTooLong) usage.fill(contextWindow);
    if (error.rateLimits !== undefined) usage.noteLimits(error.rateLimits);
    if (isTooLong || error.rateLimits !== undefined) this.#tellUsage();
  }

  /** As recorded: the last known counts and limits at each response's begin and end. */
  #tellUsage(): void {
    const { toolContext: { turn }, usage } = this.#scope;
    turn.journal.append(usage.toRecord());
    if (usage.current !== null) {
      turn.emit({ method: "thread/tokenUsage/updated", params: { tokenUsage: usage.current } });
    }
    turn.emitToThread({ method: "account/rateLimits/updated", params: { rateLimits: usage.limits } });
  }

  async #tellDiff(): Promise<void> {
    const { turn, diff } = this.#scope.toolContext;
    if (diff.revision === 0) return;
    turn.emit({ method: "turn/diff/updated", params: { diff: await diff.text() } });
  }

  async #complete(): Promise<void> {
    const { turn, status, clock } = this.#scope.toolContext;
    const nowMs = clock.nowMs();
    turn.journal.append(this.#taskComplete(nowMs));
    await turn.journal.save();
    turn.settle("completed", null, nowMs);
    status.set({ type: "idle" });
    turn.announceEnd();
  }

  #taskComplete(nowMs: number): RolloutItem {
    const { turn } = this.#scope.toolContext;
    return taskComplete({ ...taskEnd(turn, nowMs), lastAgentMessage: this.#lastMessage });
  }

  async #interrupted(): Promise<void> {
    const { turn, status, clock, runs } = this.#scope.toolContext;
    turn.refuseInput();
    try {
      await runs.endAll(turn);
      for (const input of turn.pending.takeAll()) await this.#say(input);
      const nowMs = clock.nowMs();
      turn.journal.response({
        type: "message",
        role: "user",
        content: [{ type: "input_text", text: TURN_ABORTED }],
      });
      turn.journal.append(turnAborted({ ...taskEnd(turn, nowMs), reason: "interrupted" }));
      await turn.journal.save();
      turn.settle("interrupted", null, nowMs);
      status.set({ type: "idle" });
      turn.announceEnd();
    } catch (error) {
      await this.#failed(toTurnError(error));
    }
  }

  async #failed(error: TurnError): Promise<void> {
    const { turn, status, clock } = this.#scope.toolContext;
    turn.refuseInput();
    const nowMs = clock.nowMs();
    turn.journal.append(turnFailed(error), this.#taskComplete(nowMs));
    const problem = await turn.journal.save().then(() => null, toTurnError);
    turn.settle("failed", error, nowMs);
    status.set({ type: "systemError" });
    turn.emit({ method: "error", params: { error, willRetry: false } });
    // The same trouble is not told twice.
    if (problem !== null && problem.message !== error.message) {
      turn.emit({ method: "error", params: { error: problem, willRetry: false } });
    }
    turn.announceEnd();
  }
}

function taskEnd(turn: Turn, nowMs: number): TaskEnd {
  return {
    turnId: turn.id,
    completedAt: Math.floor(nowMs / 1000),
    durationMs: Math.round(nowMs - turn.startedAtMs),
  };
}

/** What is asked of the model in summaries of its reasoning; "none" when nothing is. */
export function summaryOf(
  scope: Pick<TurnScope, "config" | "model"> & { readonly toolContext: Pick<ToolContext, "settings"> },
): NonNullable<ModelRequest["reasoningSummary"]> {
  const { toolContext: { settings }, config, model } = scope;
  return model.supportsReasoning ? settings.summary ?? config.reasoningSummary ?? model.defaultSummary : "none";
}
