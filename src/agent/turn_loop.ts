// One turn from its first event to its last: what the person said goes into the record, the model is asked until it
// calls no more tools and nobody steers, and the end is on disk before it is told. All ways to end meet here.
import type { EffectiveConfig } from "../config/effective_config.ts";
import type { ModelClient, ModelRequest } from "../model/model_client.ts";
import type { ModelInfo } from "../model/catalog.ts";
import { ModelError } from "../model/model_error.ts";
import { streamRetryDelayMs } from "../model/retry.ts";
import type { ResponseItem } from "../protocol/types/response_item.ts";
import { taskComplete, taskStarted, turnAborted } from "../store/rollout_record.ts";
import type { RolloutItem } from "../store/thread_store.ts";
import { streamAttempt } from "./model_stream.ts";
import { TURN_ABORTED } from "./prompts/turn_notes.ts";
import type { TokenUsage } from "./token_usage.ts";
import { ToolCalls } from "./tool_calls.ts";
import { failTurn, taskEnd, toTurnError } from "./turn_end.ts";
import { recordInput, tellInput } from "./turn_input.ts";
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

/** Never rejects: however the turn ends, its end is told. */
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
      else await this.#failed(error);
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
    await this.#takeInput();
  }

  /** Records and tells what waits, and what comes meanwhile. */
  async #takeInput(): Promise<void> {
    const { turn, settings } = this.#scope.toolContext;
    // One by one: what is not taken when the record fails stays for the end of the turn.
    for (let input = turn.pending.take(); input !== null; input = turn.pending.take()) {
      await tellInput(turn, await recordInput(turn, input, settings.cwd));
    }
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
      if (!turn.pending.isEmpty) {
        await this.#takeInput();
        continue;
      }
      if (hasCalled) continue;
      // In the same breath as the look for input: none is lost.
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
      await this.#takeInput();
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
      await this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<void> {
    const { turn, status, clock, settings: { cwd } } = this.#scope.toolContext;
    await failTurn({ turn, status, clock, cwd, lastAgentMessage: this.#lastMessage }, toTurnError(error));
  }
}

/** What is asked of the model in summaries of its reasoning; "none" when nothing is. */
export function summaryOf(
  scope: Pick<TurnScope, "config" | "model"> & { readonly toolContext: Pick<ToolContext, "settings"> },
): NonNullable<ModelRequest["reasoningSummary"]> {
  const { toolContext: { settings }, config, model } = scope;
  return model.supportsReasoning ? settings.summary ?? config.reasoningSummary ?? model.defaultSummary : "none";
}
