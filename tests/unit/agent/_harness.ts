// An agent between fakes: a model that follows a script, commands that print what a test says, a store in memory, and
// people who answer as told. What comes out is a list of events to compare whole.
import { createAgent } from "../../../src/agent/agent.ts";
import type { AgentEvent } from "../../../src/agent/events.ts";
import type { AgentPorts, ApprovalPort } from "../../../src/agent/ports.ts";
import type { AgentThread } from "../../../src/agent/threads.ts";
import { CodexError } from "../../../src/base/errors.ts";
import type { EffectiveConfig } from "../../../src/config/effective_config.ts";
import type { ExecExit, ExecRequest, ExecSession, ExecSessions } from "../../../src/exec/session.ts";
import type { ModelClient, ModelEvent, ModelRequest, ModelUsage } from "../../../src/model/model_client.ts";
import type { RateLimitSnapshot } from "../../../src/protocol/types/account.ts";
import type { ResponseItem } from "../../../src/protocol/types/response_item.ts";
import type { Denial } from "../../../src/sandbox/denial.ts";
import type { LoadedThread, RolloutItem, RolloutWriter, ThreadStore } from "../../../src/store/thread_store.ts";

export const LIMITS: RateLimitSnapshot = {
  limitId: "codex",
  limitName: null,
  primary: null,
  secondary: null,
  credits: null,
  planType: null,
};

export const USAGE: ModelUsage = {
  totalTokens: 12,
  inputTokens: 10,
  cachedInputTokens: 0,
  outputTokens: 2,
  reasoningOutputTokens: 0,
};

type Step = ModelEvent | Error | Promise<unknown> | (() => void);

/** A model response: events in order; an error is thrown, a promise is waited for, a function is called. */
export type Script = readonly Step[];

let nextId = 1;

export function opening(): ModelEvent[] {
  return [{ type: "rateLimits", snapshot: LIMITS }, { type: "created" }];
}

export function closing(): ModelEvent {
  return { type: "completed", responseId: "r", usage: USAGE };
}

export function message(text: string, phase?: "commentary" | "final_answer"): ResponseItem {
  return {
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text }],
    ...(phase === undefined ? {} : { phase }),
  };
}

export function says(text: string, id = `msg_${nextId++}`): Script {
  return [...opening(), ...saying(text, id), closing()];
}

export function saying(text: string, id: string): ModelEvent[] {
  return [
    { type: "itemAdded", id, item: message("") },
    { type: "textDelta", itemId: id, delta: text },
    { type: "itemDone", id, item: message(text) },
  ];
}

export function functionCall(name: string, args: unknown, callId: string): ResponseItem {
  const text = typeof args === "string" ? args : JSON.stringify(args);
  return { type: "function_call", name, arguments: text, call_id: callId };
}

export function customCall(name: string, input: string, callId: string): ResponseItem {
  return { type: "custom_tool_call", status: "completed", name, input, call_id: callId };
}

export function calling(...calls: readonly ResponseItem[]): Script {
  return [
    ...opening(),
    ...calls.flatMap((item, index): ModelEvent[] => [
      { type: "itemAdded", id: `c${index}`, item },
      { type: "itemDone", id: `c${index}`, item },
    ]),
    closing(),
  ];
}

class FakeModel implements ModelClient {
  readonly requests: ModelRequest[] = [];
  readonly #scripts: Script[];

  constructor(scripts: readonly Script[]) {
    this.#scripts = [...scripts];
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    this.requests.push(structuredClone(request));
    const script = this.#scripts.shift() ?? says("(no script left)");
    for (const step of script) {
      signal.throwIfAborted();
      if (step instanceof Error) throw step;
      if (typeof step === "function") step();
      else if (step instanceof Promise) await orAborted(step, signal);
      else yield step;
    }
  }
}

function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return Promise.race([work, promise]);
}

/** What a command does: prints, waits for its end, exits. */
export interface FakeCommand {
  readonly prints?: readonly string[];
  readonly exitCode?: number;
  readonly sandboxDenied?: boolean;
  readonly denials?: readonly Denial[];
  /** Stays until this settles, or until it is ended (exit code 143). */
  readonly until?: Promise<unknown>;
  /** What `exec.start` throws. */
  readonly startError?: Error;
  /** Printed for each write. */
  readonly answers?: (chars: string) => string;
}

export class FakeExec implements ExecSessions {
  readonly requests: ExecRequest[] = [];
  readonly #commands: (cmd: string, request: ExecRequest) => FakeCommand;
  readonly #sessions = new Map<string, ExecSession>();
  readonly terminated: string[] = [];

  constructor(commands: (cmd: string, request: ExecRequest) => FakeCommand) {
    this.#commands = commands;
  }

  // deno-lint-ignore require-await -- the port is asynchronous
  async start(request: ExecRequest, onOutput: (chunk: string) => void): Promise<ExecSession> {
    this.requests.push(request);
    const command = this.#commands(request.argv.at(-1) ?? "", request);
    if (command.startError !== undefined) throw command.startError;
    const processId = String(100 + this.#sessions.size);
    let output = "";
    let unread = "";
    const print = (chunk: string): void => {
      output += chunk;
      unread += chunk;
      onOutput(chunk);
    };
    const killed = Promise.withResolvers<ExecExit>();
    for (const chunk of command.prints ?? []) print(chunk);
    const natural = (async (): Promise<ExecExit> => {
      await (command.until ?? Promise.resolve());
      return {
        exitCode: command.exitCode ?? 0,
        durationMs: 5,
        sandboxDenied: command.sandboxDenied ?? false,
        ...(command.denials === undefined ? {} : { denials: command.denials }),
      };
    })();
    const session = {
      processId,
      request,
      exited: Promise.race([natural, killed.promise]),
      exit: null,
      aggregatedOutput: () => output,
      takeNewOutput(): string {
        const taken = unread;
        unread = "";
        return taken;
      },
      outputReady: () => Promise.resolve(),
      // deno-lint-ignore require-await -- the port is asynchronous
      async write(chars: string): Promise<void> {
        if (command.answers === undefined) throw new CodexError("EXEC_FAILED", "Cannot write: stdin is closed");
        print(command.answers(chars));
      },
      terminate: async (): Promise<void> => {
        this.terminated.push(processId);
        killed.resolve({ exitCode: 143, durationMs: 7, sandboxDenied: false });
        await session.exited;
      },
    };
    this.#sessions.set(processId, session);
    return session;
  }

  find(processId: string): ExecSession | undefined {
    return this.#sessions.get(processId);
  }

  running(): readonly ExecSession[] {
    return [];
  }

  terminateAll(): Promise<void> {
    return Promise.resolve();
  }
}

export class FakeWriter implements RolloutWriter {
  readonly path: string;
  readonly records: RolloutItem[] = [];
  /** How many of them are on disk. */
  saved = 0;
  /** Thrown by `flush` while it is set. */
  trouble: Error | null = null;

  constructor(path: string) {
    this.path = path;
  }

  append(items: readonly RolloutItem[]): void {
    this.records.push(...structuredClone(items));
  }

  // deno-lint-ignore require-await -- the port is asynchronous
  async flush(): Promise<void> {
    if (this.trouble !== null) throw this.trouble;
    this.saved = this.records.length;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** One entry of the log. Thread ids are left out, turn ids become T1, T2…, user message ids become U. */
export type Logged = readonly [method: string, detail: unknown];

export interface HarnessOptions {
  readonly model?: readonly Script[];
  readonly commands?: (cmd: string, request: ExecRequest) => FakeCommand;
  /** Answers to approval requests in order; an answer may be a promise. Null is "nobody could answer". */
  readonly answers?: readonly unknown[];
  readonly config?: Partial<EffectiveConfig>;
  readonly cwd?: string;
  readonly codexHome?: string;
  readonly stored?: LoadedThread;
  readonly environment?: Readonly<Record<string, string>>;
  /** Sleeps shorter than this end at once; longer ones when `passTime` is called. Default 5000. */
  readonly shortSleepMs?: number;
}

export function testConfig(overrides: Partial<EffectiveConfig> = {}): EffectiveConfig {
  return {
    codexHome: "/home/codex",
    model: "gpt-5.4",
    modelProvider: {
      id: "mock",
      name: "mock",
      baseUrl: "http://127.0.0.1:1/v1",
      envKey: null,
      envKeyInstructions: null,
      bearerToken: null,
      queryParams: {},
      httpHeaders: {},
      envHttpHeaders: {},
      requestMaxRetries: 0,
      streamMaxRetries: 2,
      streamIdleTimeoutMs: 1000,
      requiresOpenaiAuth: false,
    },
    modelContextWindow: 1000,
    reasoningEffort: null,
    reasoningSummary: null,
    verbosity: null,
    serviceTier: null,
    personality: null,
    baseInstructions: null,
    developerInstructions: null,
    approvalPolicy: "on-request",
    approvalsReviewer: "user",
    sandboxMode: "workspace-write",
    sandboxWorkspaceWrite: {
      writableRoots: [],
      networkAccess: false,
      excludeTmpdirEnvVar: true,
      excludeSlashTmp: true,
      allowGitWrites: false,
      allowUnixSockets: [],
      allowLoopbackPorts: [],
    },
    permissions: null,
    legacyLandlock: false,
    windowsSandbox: { level: "unelevated", privateDesktop: true },
    shellEnvironmentPolicy: { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] },
    allowLoginShell: true,
    projectTrusted: true,
    projectRootMarkers: [".git"],
    projectDocMaxBytes: 0,
    projectDocFallbackFilenames: [],
    toolOutputTokenLimit: null,
    hideAgentReasoning: false,
    showRawAgentReasoning: false,
    ...overrides,
  };
}

export class Harness {
  readonly log: Logged[] = [];
  readonly model: FakeModel;
  readonly exec: FakeExec;
  readonly writers: FakeWriter[] = [];
  readonly asked: { method: string; params: unknown }[] = [];
  readonly ports: AgentPorts;
  readonly agent;
  nowMs = 1_700_000_000_000;
  readonly #turnNames = new Map<string, string>();
  #sleepers: (() => void)[] = [];
  #asleep = Promise.withResolvers<void>();
  #listeners: { matches: (entry: Logged) => boolean; resolve: () => void }[] = [];

  constructor(options: HarnessOptions = {}) {
    this.model = new FakeModel(options.model ?? []);
    this.exec = new FakeExec(options.commands ?? (() => ({})));
    const answers = [...options.answers ?? []];
    const cwd = options.cwd ?? "/ws";
    const codexHome = options.codexHome ?? "/home/codex";
    const approvals: ApprovalPort = {
      ask: async (_threadId, method, params, signal) => {
        this.asked.push({ method, params });
        this.#add([`ask ${method}`, this.#normal(params)]);
        const answer = answers.shift();
        try {
          // The test that gives an answer gives one of the method's result.
          return await orAborted(Promise.resolve(answer), signal) as never;
        } finally {
          this.#add(["resolved", null]);
        }
      },
    };
    const store: ThreadStore = {
      create: (meta) => {
        const writer = new FakeWriter(`/sessions/${meta.id}.jsonl`);
        this.writers.push(writer);
        return writer;
      },
      reopen: (thread) => {
        const writer = new FakeWriter(thread.path);
        this.writers.push(writer);
        return Promise.resolve(writer);
      },
      list: () => Promise.resolve({ threads: [], nextCursor: null }),
      load: (id) =>
        options.stored?.id === id
          ? Promise.resolve(options.stored)
          : Promise.reject(new CodexError("THREAD_NOT_FOUND", `Cannot find thread ${id}`)),
    };
    this.ports = {
      events: { emit: (_threadId, event) => this.#add([event.method, this.#describe(event)]) },
      approvals,
      store,
      exec: this.exec,
      clock: {
        nowMs: () => this.nowMs,
        sleep: (ms, signal) => {
          if (signal.aborted) return Promise.reject(signal.reason);
          if (ms < (options.shortSleepMs ?? 5000)) return Promise.resolve();
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          this.#sleepers.push(resolve);
          this.#asleep.resolve();
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          return promise;
        },
      },
      loadConfig: () => Promise.resolve(testConfig({ codexHome, ...options.config })),
      modelClient: () => this.model,
      serverCwd: cwd,
      codexHome,
      environment: options.environment ?? { SHELL: "/bin/bash", PATH: "/usr/bin:/bin" },
    };
    this.agent = createAgent(this.ports);
  }

  /** Waits until somebody sleeps, then ends all sleeps. */
  async passTime(): Promise<void> {
    if (this.#sleepers.length === 0) await this.#asleep.promise;
    for (const wake of this.#sleepers.splice(0)) wake();
    this.#asleep = Promise.withResolvers<void>();
  }

  get writer(): FakeWriter {
    const writer = this.writers.at(-1);
    if (writer === undefined) throw new Error("no thread was made");
    return writer;
  }

  start(params: Parameters<Harness["agent"]["start"]>[0] = {}): Promise<AgentThread> {
    return this.agent.start(params, { name: "test" });
  }

  /** Settles when an event (also one of the past) matches. */
  when(method: string, matches: (detail: unknown) => boolean = () => true): Promise<void> {
    const test = (entry: Logged): boolean => entry[0] === method && matches(entry[1]);
    if (this.log.some(test)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#listeners.push({ matches: test, resolve });
    return promise;
  }

  /** Starts a turn with a text and waits for its end. Returns what was logged meanwhile. */
  async turn(thread: AgentThread, text: string, params: object = {}): Promise<Logged[]> {
    const from = this.log.length;
    const { id } = thread.startTurn({ threadId: thread.id, input: [{ type: "text", text }], ...params });
    await this.ended(id);
    return this.log.slice(from);
  }

  ended(turnId: string): Promise<void> {
    const name = this.#turnName(turnId);
    return this.when("turn/completed", (detail) => (detail as { turn: { id: string } }).turn.id === name);
  }

  #add(entry: Logged): void {
    this.log.push(entry);
    this.#listeners = this.#listeners.filter(({ matches, resolve }) => {
      if (!matches(entry)) return true;
      resolve();
      return false;
    });
  }

  #turnName(id: string): string {
    const known = this.#turnNames.get(id) ?? `T${this.#turnNames.size + 1}`;
    this.#turnNames.set(id, known);
    return known;
  }

  #describe(event: AgentEvent): unknown {
    return this.#normal(event.params);
  }

  #normal(value: unknown): unknown {
    const { threadId: _threadId, turnId, ...rest } = structuredClone(value) as Record<string, unknown>;
    const turn = rest["turn"] as { id: string } | undefined;
    if (turn !== undefined) turn.id = this.#turnName(turn.id);
    const item = rest["item"] as { id: string; type: string } | undefined;
    if (item?.type === "userMessage") item.id = "U";
    return turnId === undefined ? rest : { turnId: this.#turnName(String(turnId)), ...rest };
  }
}

/** Entries as one line each: the method and what tells it from others of its kind. */
export function brief(log: readonly Logged[]): string[] {
  return log.filter(([method]) => method !== "account/rateLimits/updated" && method !== "thread/tokenUsage/updated")
    .map(([method, detail]) => `${method}${briefDetail(method, detail as Record<string, never>)}`);
}

// deno-lint-ignore no-explicit-any -- test code that looks into events of every kind
function briefDetail(method: string, detail: any): string {
  switch (method) {
    case "thread/status/changed":
      return ` ${detail.status.type}${detail.status.activeFlags?.length ? ` ${detail.status.activeFlags}` : ""}`;
    case "turn/started":
      return ` ${detail.turn.id}`;
    case "turn/completed":
      return ` ${detail.turn.id} ${detail.turn.status}`;
    case "item/started":
    case "item/completed": {
      const { item } = detail;
      const status = item.status ? ` ${item.status}` : "";
      const text = item.text !== undefined ? ` ${JSON.stringify(item.text)}` : "";
      const said = item.type === "userMessage" ? ` ${JSON.stringify(item.content[0]?.text)}` : "";
      const result = method === "item/completed" && item.type === "commandExecution"
        ? ` ${item.exitCode} ${JSON.stringify(item.aggregatedOutput)}`
        : "";
      return ` ${item.type}${status}${text}${said}${result}`;
    }
    case "error":
      return ` ${detail.willRetry ? "retry" : "final"} ${detail.error.message}`;
    case "turn/diff/updated":
      return "";
    case "item/agentMessage/delta":
    case "item/commandExecution/outputDelta":
    case "item/fileChange/outputDelta":
      return ` ${JSON.stringify(detail.delta)}`;
    default:
      return "";
  }
}

/** Outputs of tool calls in the last request that the model got. */
export function outputsOf(request: ModelRequest | undefined): unknown[] {
  return (request?.input ?? []).flatMap((item) =>
    item.type === "function_call_output" || item.type === "custom_tool_call_output" ? [item.output] : []
  );
}
