// An agent without a model: threads whose turns a test drives by hand, behind the real ports. Ids and times are fixed,
// so that a conversation is the same every time.
import { CodexError } from "../../src/base/errors.ts";
import type { AgentEvent } from "../../src/agent/events.ts";
import { type Agent, type AgentThread, SteerRejected, type ThreadSettings } from "../../src/agent/threads.ts";
import type { ParamsOf } from "../../src/protocol/client_requests.ts";
import type { Thread, ThreadStatus } from "../../src/protocol/types/thread.ts";
import type { Turn } from "../../src/protocol/types/turn.ts";
import type { AgentSidePorts } from "../../src/server/services.ts";
import type { ServerRequestResult } from "../../src/protocol/server_requests.ts";

export const NOW = 1_800_000_000;

export function threadIdOf(number: number): string {
  return `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
}

export class FakeThread implements AgentThread {
  readonly id: string;
  status: ThreadStatus = { type: "idle" };
  readonly settings: ThreadSettings;
  readonly #ports: AgentSidePorts;
  readonly #ephemeral: boolean;
  #turn: Turn | null = null;
  #turns: Turn[] = [];
  #askAborter = new AbortController();
  /** When set, `interrupt` waits for `finish`. */
  slowToStop = false;
  #interrupted: (() => void)[] = [];

  constructor(id: string, ports: AgentSidePorts, params: ParamsOf<"thread/start">, turns: Turn[] = []) {
    this.id = id;
    this.#ports = ports;
    this.#ephemeral = params.ephemeral ?? false;
    this.#turns = turns;
    this.settings = {
      model: params.model ?? "gpt-test",
      modelProvider: "mock",
      serviceTier: null,
      cwd: params.cwd ?? "/work",
      approvalPolicy: "on-request",
      approvalsReviewer: "user",
      sandbox: { type: "readOnly" },
      reasoningEffort: null,
    };
  }

  emit(event: AgentEvent): void {
    this.#ports.events.emit(this.id, event);
  }

  snapshot({ includeTurns }: { includeTurns: boolean }): Thread {
    return {
      id: this.id,
      forkedFromId: null,
      preview: this.#turns.length > 0 ? "hi" : "",
      ephemeral: this.#ephemeral,
      modelProvider: "mock",
      createdAt: NOW,
      updatedAt: NOW,
      status: this.status,
      path: null,
      cwd: this.settings.cwd,
      cliVersion: "0.120.0",
      source: "vscode",
      agentNickname: null,
      agentRole: null,
      gitInfo: null,
      name: null,
      turns: includeTurns ? this.#turns : [],
    };
  }

  /** Emits before it returns, to prove that the answer still comes first. */
  startTurn(): Turn {
    const turn: Turn = {
      id: `turn-${this.#turns.length + 1}`,
      items: [],
      status: "inProgress",
      error: null,
      startedAt: null,
      completedAt: null,
      durationMs: null,
    };
    this.#turn = turn;
    this.#turns = [...this.#turns, turn];
    this.#setStatus({ type: "active", activeFlags: [] });
    this.emit({
      method: "turn/started",
      params: { threadId: this.id, turn: { ...turn, startedAt: NOW } },
    });
    return turn;
  }

  inputSaved(): Promise<void> {
    return Promise.resolve();
  }

  say(delta: string): void {
    this.emit({
      method: "item/agentMessage/delta",
      params: { threadId: this.id, turnId: this.#turn?.id ?? "", itemId: "item-1", delta },
    });
  }

  async ask(
    command: string,
  ): Promise<ServerRequestResult<"item/commandExecution/requestApproval"> | null | "withdrawn"> {
    this.#setStatus({ type: "active", activeFlags: ["waitingOnApproval"] });
    try {
      const params = { threadId: this.id, turnId: this.#turn?.id ?? "", itemId: "item-2", command };
      const method = "item/commandExecution/requestApproval";
      return await this.#ports.approvals.ask(this.id, method, params, this.#askAborter.signal);
    } catch {
      return "withdrawn";
    } finally {
      if (this.#turn) this.#setStatus({ type: "active", activeFlags: [] });
    }
  }

  askForPatch(): Promise<ServerRequestResult<"item/fileChange/requestApproval"> | null> {
    const params = { threadId: this.id, turnId: this.#turn?.id ?? "", itemId: "item-3", reason: null, grantRoot: null };
    return this.#ports.approvals.ask(this.id, "item/fileChange/requestApproval", params, this.#askAborter.signal);
  }

  finish(status: "completed" | "interrupted" = "completed"): void {
    const turn = this.#turn;
    if (!turn) return;
    this.#turn = null;
    this.#askAborter.abort(new Error("turn ended"));
    this.#askAborter = new AbortController();
    this.#setStatus({ type: "idle" });
    this.emit({
      method: "turn/completed",
      params: { threadId: this.id, turn: { ...turn, status, startedAt: NOW, completedAt: NOW + 1, durationMs: 1000 } },
    });
    for (const resolve of this.#interrupted.splice(0)) resolve();
  }

  steer(params: ParamsOf<"turn/steer">): string {
    if (this.#turn === null) throw new SteerRejected("no active turn to steer");
    if (params.expectedTurnId !== this.#turn.id) {
      throw new SteerRejected(`expected active turn id \`${params.expectedTurnId}\` but found \`${this.#turn.id}\``);
    }
    return this.#turn.id;
  }

  interrupt(turnId: string): Promise<void> {
    if (this.#turn?.id !== turnId) return Promise.resolve();
    if (this.slowToStop) return new Promise((resolve) => this.#interrupted.push(resolve));
    this.finish("interrupted");
    return Promise.resolve();
  }

  retold(): readonly AgentEvent[] {
    return [];
  }

  #setStatus(status: ThreadStatus): void {
    this.status = status;
    this.emit({ method: "thread/status/changed", params: { threadId: this.id, status } });
  }
}

export class FakeAgent implements Agent {
  readonly #ports: AgentSidePorts;
  readonly #threads = new Map<string, FakeThread>();
  /** What was started and then unloaded can be resumed. */
  readonly #known = new Map<string, ParamsOf<"thread/start">>();
  #count = 0;
  readonly log: string[] = [];

  constructor(ports: AgentSidePorts) {
    this.#ports = ports;
  }

  thread(number: number): FakeThread {
    const thread = this.#threads.get(threadIdOf(number));
    if (!thread) throw new Error(`thread ${number} is not loaded`);
    return thread;
  }

  async start(params: ParamsOf<"thread/start">): Promise<AgentThread> {
    await Promise.resolve();
    if (params.modelProvider === "nope") throw new CodexError("CONFIG_INVALID", "Model provider `nope` not found");
    if (params.model === "boom") throw new TypeError("secret detail");
    const id = threadIdOf(++this.#count);
    const thread = new FakeThread(id, this.#ports, params);
    this.#threads.set(id, thread);
    this.#known.set(id, params);
    return thread;
  }

  async resume(params: ParamsOf<"thread/resume">): Promise<AgentThread> {
    await Promise.resolve();
    const loaded = this.#threads.get(params.threadId);
    if (loaded) return loaded;
    const known = this.#known.get(params.threadId);
    if (!known) throw new CodexError("THREAD_NOT_FOUND", `Cannot find thread "${params.threadId}"`);
    const thread = new FakeThread(params.threadId, this.#ports, known);
    this.#threads.set(params.threadId, thread);
    return thread;
  }

  find(threadId: string): AgentThread | undefined {
    return this.#threads.get(threadId);
  }

  loadedIds(): readonly string[] {
    return [...this.#threads.keys()];
  }

  unload(threadId: string): Promise<void> {
    this.#threads.get(threadId)?.finish("interrupted");
    this.#threads.delete(threadId);
    return Promise.resolve();
  }

  async shutdown(signal: AbortSignal): Promise<void> {
    const running = [...this.#threads.values()].filter((thread) => thread.status.type === "active");
    if (running.length > 0 && !signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    for (const id of this.loadedIds()) await this.unload(id);
  }
}
