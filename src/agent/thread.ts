// A loaded thread: its settings, its record, its turns one after the other. Knows how turns queue and end, not what
// happens in them (turn_loop).
import type { EffectiveConfig } from "../config/effective_config.ts";
import { uuidV7 } from "../base/ids.ts";
import type { ParamsOf } from "../protocol/client_requests.ts";
import type { GitInfo, SessionSource, Thread as WireThread, ThreadStatus } from "../protocol/types/thread.ts";
import type { Turn as WireTurn, TurnError } from "../protocol/types/turn.ts";
import type { ResponseItem } from "../protocol/types/response_item.ts";
import { modelInfo } from "../model/catalog.ts";
import type { ModelClient } from "../model/model_client.ts";
import { taskStarted, turnContextRecord } from "../store/rollout_record.ts";
import type { TurnContextRecord } from "../store/thread_store.ts";
import { ApprovalCache } from "./approval_cache.ts";
import type { CommandRules } from "./command_rules.ts";
import { contextUpdate, initialContext, readSurroundings } from "./context.ts";
import type { Journal } from "./journal.ts";
import type { AgentPorts } from "./ports.ts";
import type { CommandInspector } from "../exec/command_inspection.ts";
import { checkSteer } from "./steering.ts";
import { overrideSettings, toThreadSettings, type TurnSettings } from "./thread_settings.ts";
import type { AgentEvent } from "./events.ts";
import { type AgentThread, type ThreadSettings, TurnRejected } from "./threads.ts";
import { StatusTracker } from "./thread_status.ts";
import type { TokenUsage } from "./token_usage.ts";
import { CommandRuns } from "./tools/command_run.ts";
import { toolsFor } from "./tools/registry.ts";
import { PATCH_BY_SHELL } from "./tools/patch_grammar.ts";
import { turnSandbox } from "./tools/turn_sandbox.ts";
import type { ToolContext } from "./tools/tool.ts";
import { Turn } from "./turn.ts";
import { TurnDiff } from "./turn_diff.ts";
import { failTurn, toTurnError } from "./turn_end.ts";
import { runTurn, summaryOf, type TurnScope } from "./turn_loop.ts";
import { previewOf } from "./user_input.ts";

export interface ThreadOptions {
  readonly id: string;
  readonly ports: AgentPorts;
  readonly config: EffectiveConfig;
  readonly settings: TurnSettings;
  readonly client: ModelClient;
  readonly inspector: CommandInspector;
  readonly rules: CommandRules;
  readonly journal: Journal;
  readonly usage: TokenUsage;
  /** The system prompt. */
  readonly instructions: string;
  readonly developerInstructions: string | null;
  /** Text of the AGENTS.md files, or null. */
  readonly projectInstructions: string | null;
  readonly origin: ThreadOrigin;
}

/** What a thread was before this process had it. */
export interface ThreadOrigin {
  /** Unix seconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Absolute; where the thread began. */
  readonly cwd: string;
  readonly preview: string;
  readonly name: string | null;
  readonly git: GitInfo | null;
  readonly source: SessionSource;
  readonly cliVersion: string;
  readonly forkedFromId: string | null;
  readonly turns: readonly WireTurn[];
  /** Null when the model has not been told anything yet. */
  readonly lastTurnContext: TurnContextRecord | null;
}

/** Turns that may wait behind the running one; more are refused, so that a client that floods a thread hears of it. */
const MAX_WAITING_TURNS = 64;

interface QueuedTurn {
  readonly turn: Turn;
  readonly params: ParamsOf<"turn/start">;
}

export class Thread implements AgentThread {
  readonly id: string;
  readonly #options: ThreadOptions;
  readonly #status: StatusTracker;
  readonly #cache = new ApprovalCache();
  readonly #runs = new CommandRuns();
  #settings: TurnSettings;
  #lastTurnContext: TurnContextRecord | null;
  #preview: string;
  #updatedAtMs: number;
  /** Turns of this process, the running one last. */
  readonly #turns: Turn[] = [];
  readonly #queue: QueuedTurn[] = [];
  #running: { readonly turn: Turn; readonly ended: Promise<void> } | null = null;

  constructor(options: ThreadOptions) {
    this.id = options.id;
    this.#options = options;
    this.#settings = options.settings;
    this.#status = new StatusTracker(options.id, options.ports.events);
    this.#lastTurnContext = options.origin.lastTurnContext;
    this.#preview = options.origin.preview;
    this.#updatedAtMs = options.origin.updatedAt * 1000;
  }

  get status(): ThreadStatus {
    return this.#status.current;
  }

  get settings(): ThreadSettings {
    return toThreadSettings(this.#settings);
  }

  snapshot({ includeTurns }: { includeTurns: boolean }): WireThread {
    const { origin, journal } = this.#options;
    const isNew = origin.turns.length === 0 && this.#turns.length === 0;
    return {
      id: this.id,
      forkedFromId: origin.forkedFromId,
      preview: this.#preview,
      ephemeral: journal.path === null,
      modelProvider: this.#settings.modelProvider,
      createdAt: origin.createdAt,
      updatedAt: Math.floor(this.#updatedAtMs / 1000),
      status: this.status,
      path: journal.path,
      // wire: turns that move elsewhere leave it as it was.
      cwd: origin.cwd,
      cliVersion: origin.cliVersion,
      source: origin.source,
      agentNickname: null,
      agentRole: null,
      // wire: told from the first turn on.
      gitInfo: isNew ? null : origin.git,
      name: origin.name,
      turns: includeTurns ? [...origin.turns, ...this.#turns.map((turn) => turn.toWire({ items: true }))] : [],
    };
  }

  startTurn(params: ParamsOf<"turn/start">): WireTurn {
    const { ports, journal } = this.#options;
    if (this.#queue.length >= MAX_WAITING_TURNS) {
      throw new TurnRejected(`too many turns wait on thread ${this.id}: ${MAX_WAITING_TURNS}; retry later`);
    }
    const id = uuidV7(ports.clock.nowMs());
    const turn = new Turn({ id, threadId: this.id, input: params.input, events: ports.events, journal });
    const answer = turn.toWire({ items: false });
    const queued = { turn, params };
    if (this.#running === null) this.#begin(queued);
    else this.#queue.push(queued);
    return answer;
  }

  async inputSaved(turnId: string): Promise<void> {
    if (this.#running?.turn.id === turnId) await this.#running.turn.firstInputSaved;
  }

  steer(params: ParamsOf<"turn/steer">): string {
    const running = this.#running?.turn;
    const runningTurnId = running?.takesInput ? running.id : null;
    checkSteer({ expectedTurnId: params.expectedTurnId, input: params.input, runningTurnId });
    running?.pending.push(params.input);
    return params.expectedTurnId;
  }

  async interrupt(turnId: string): Promise<void> {
    const waiting = this.#queue.findIndex(({ turn }) => turn.id === turnId);
    if (waiting !== -1) {
      for (const { turn } of this.#queue.splice(waiting, 1)) this.#dropQueued(turn);
    } else if (this.#running?.turn.id === turnId) {
      this.#running.turn.interrupt();
      await this.#running.ended;
    }
  }

  retold(): readonly AgentEvent[] {
    const { usage, origin } = this.#options;
    const last = this.#turns.at(-1);
    const turnId = last?.id ?? origin.turns.at(-1)?.id;
    if (usage.current === null || turnId === undefined) return last?.plans ?? [];
    const params = { threadId: this.id, turnId, tokenUsage: usage.current };
    return [...last?.plans ?? [], { method: "thread/tokenUsage/updated", params }];
  }

  /** Settles when no turn runs or waits. */
  async whenIdle(): Promise<void> {
    while (this.#running !== null) await this.#running.ended;
  }

  /** Ends everything and closes the record. @throws CodexError STORE_FAILED */
  async close(): Promise<void> {
    for (const { turn } of this.#queue.splice(0)) this.#dropQueued(turn);
    this.#running?.turn.interrupt();
    await this.whenIdle();
    try {
      await this.#runs.endAll();
    } finally {
      // Writes what waits, too.
      await this.#options.journal.close();
    }
  }

  /** A turn that waited and never ran: whoever started it still hears its end. */
  #dropQueued(turn: Turn): void {
    turn.settle("interrupted", null, this.#options.ports.clock.nowMs());
    turn.announceEnd();
  }

  #begin({ turn, params }: QueuedTurn): void {
    const nowMs = this.#options.ports.clock.nowMs();
    this.#settings = overrideSettings(this.#settings, params);
    this.#updatedAtMs = nowMs;
    if (this.#preview === "") this.#preview = previewOf(params.input);
    this.#turns.push(turn);
    this.#status.set({ type: "active", activeFlags: [] });
    turn.begin(nowMs);
    // Loads the shell grammar while the model thinks; the first command would wait for it.
    this.#options.inspector.inspect(["sh", "-c", "true"]).catch(() => {});
    const ended = this.#run(turn, params.outputSchema).finally(() => this.#ended());
    this.#running = { turn, ended };
  }

  /** Never rejects: a turn that has been announced gets its end. */
  async #run(turn: Turn, outputSchema: unknown): Promise<void> {
    let scope: TurnScope;
    try {
      scope = this.#scope(turn, outputSchema);
    } catch (error) {
      return await this.#failUnopened(turn, toTurnError(error));
    }
    await runTurn(scope);
  }

  async #failUnopened(turn: Turn, error: TurnError): Promise<void> {
    const { cwd, collaborationMode } = this.#settings;
    turn.journal.append(taskStarted({
      turnId: turn.id,
      startedAt: Math.floor(turn.startedAtMs / 1000),
      modelContextWindow: null,
      collaborationMode: collaborationMode?.mode ?? "default",
    }));
    const { clock } = this.#options.ports;
    await failTurn({ turn, status: this.#status, clock, cwd, lastAgentMessage: null }, error);
  }

  #ended(): void {
    this.#updatedAtMs = this.#options.ports.clock.nowMs();
    this.#running = null;
    const next = this.#queue.shift();
    if (next !== undefined) this.#begin(next);
  }

  #scope(turn: Turn, outputSchema: unknown): TurnScope {
    const { config, client, usage, instructions, ports } = this.#options;
    const model = modelInfo(this.#settings.model);
    const toolContext: ToolContext = {
      turn,
      settings: this.#settings,
      config,
      status: this.#status,
      approvals: ports.approvals,
      cache: this.#cache,
      exec: ports.exec,
      runs: this.#runs,
      inspector: this.#options.inspector,
      rules: this.#options.rules,
      diff: new TurnDiff(this.#settings.cwd),
      clock: ports.clock,
      codexHome: ports.codexHome,
      environment: ports.environment,
      toolOutputTokens: config.toolOutputTokenLimit ?? model.toolOutputTokens,
    };
    const surroundings = readSurroundings(ports.clock.nowMs(), ports.environment);
    const turnContext = turnContextRecord({
      turnId: turn.id,
      cwd: this.#settings.cwd,
      currentDate: surroundings.currentDate,
      timezone: surroundings.timezone,
      approvalPolicy: this.#settings.approvalPolicy,
      sandboxPolicy: this.#settings.sandbox,
      model: this.#settings.model,
      personality: this.#settings.personality,
      effort: this.#settings.effort,
      summary: summaryOf({ config, model, toolContext }),
      ...(this.#settings.collaborationMode === null ? {} : { collaborationMode: this.#settings.collaborationMode }),
      truncationTokens: toolContext.toolOutputTokens,
    });
    const contextItems = this.#contextItems(toolContext, surroundings, model.applyPatchTool);
    // The builder makes no other record.
    if (turnContext.type === "turn_context") this.#lastTurnContext = turnContext.payload;
    return {
      tools: toolsFor(model),
      toolContext,
      config,
      client,
      model,
      contextWindow: config.modelContextWindow ?? model.contextWindow,
      instructions,
      outputSchema,
      usage,
      contextItems,
      turnContext,
    };
  }

  #contextItems(
    toolContext: ToolContext,
    surroundings: ReturnType<typeof readSurroundings>,
    hasPatchTool: boolean,
  ): ResponseItem[] {
    const { projectInstructions, developerInstructions } = this.#options;
    const notes = [developerInstructions, hasPatchTool ? null : PATCH_BY_SHELL].filter((note) => note !== null);
    const parts = {
      settings: this.#settings,
      surroundings,
      plan: turnSandbox(toolContext),
      developerInstructions: notes.length === 0 ? null : notes.join("\n\n"),
      projectInstructions,
    };
    return this.#lastTurnContext === null ? initialContext(parts) : contextUpdate(this.#lastTurnContext, parts);
  }
}
