// All loaded threads: made new, brought back from disk, let go. Threads do not know of each other.
import { isAbsolutePath, joinPath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import { readAsset } from "../host/assets.ts";
import { createCommandInspector } from "../exec/command_inspection.ts";
import { uuidV7 } from "../base/ids.ts";
import type { EffectiveConfig } from "../config/effective_config.ts";
import type { ParamsOf } from "../protocol/client_requests.ts";
import type { SessionSource } from "../protocol/types/thread.ts";
import type { ResponseItem } from "../protocol/types/response_item.ts";
import { REFERENCE_VERSION } from "../protocol/version.ts";
import type { LoadedThread, SessionMeta } from "../store/thread_store.ts";
import { findGitInfo } from "../workspace/git_info.ts";
import { findInstructions } from "../workspace/instructions.ts";
import { CommandRules } from "./command_rules.ts";
import { History } from "./history.ts";
import { Journal } from "./journal.ts";
import type { AgentPorts } from "./ports.ts";
import { SYSTEM_PROMPT } from "./prompts/system_prompt.ts";
import { Thread, type ThreadOrigin } from "./thread.ts";
import { resumeSettings, startSettings } from "./thread_settings.ts";
import type { Agent, AgentThread } from "./threads.ts";
import { TokenUsage } from "./token_usage.ts";
import { previewOfHistory } from "./user_input.ts";

/** wire: what the reference's app server says of its threads. */
const SOURCE: SessionSource = "vscode";

/** Fields that starting and resuming have in common. */
type OpenParams = Pick<
  ParamsOf<"thread/resume">,
  | "approvalPolicy"
  | "approvalsReviewer"
  | "baseInstructions"
  | "config"
  | "cwd"
  | "developerInstructions"
  | "model"
  | "modelProvider"
  | "personality"
  | "sandbox"
  | "serviceTier"
>;

export function createAgent(ports: AgentPorts): Agent {
  const threads = new Map<string, Thread>();
  /** Resumes under way, so that two requests for one thread get the same. */
  const opening = new Map<string, Promise<Thread>>();
  const inspector = createCommandInspector(readAsset);
  const rules = new CommandRules(ports.codexHome);
  let isShutDown = false;

  function absolute(cwd: string | null | undefined): string {
    if (!cwd) return ports.serverCwd;
    return isAbsolutePath(cwd) ? joinPath(cwd) : joinPath(ports.serverCwd, cwd);
  }

  function loadConfig(cwd: string, params: OpenParams, provider?: string): Promise<EffectiveConfig> {
    const modelProvider = params.modelProvider ?? provider;
    return ports.loadConfig(cwd, { ...params.config, ...(modelProvider ? { model_provider: modelProvider } : {}) });
  }

  function keep(thread: Thread): Thread {
    if (isShutDown) throw new CodexError("PROTOCOL", "Cannot open a thread: the server is shutting down");
    threads.set(thread.id, thread);
    return thread;
  }

  interface NewThread {
    readonly clientName: string;
    readonly ephemeral: boolean;
    readonly history: readonly ResponseItem[];
  }

  async function create(params: OpenParams, { clientName, ephemeral, history }: NewThread): Promise<Thread> {
    const cwd = absolute(params.cwd);
    const config = await loadConfig(cwd, params);
    const nowMs = ports.clock.nowMs();
    const [git, projectInstructions] = await Promise.all([
      findGitInfo(cwd),
      readInstructions(cwd, config),
      rules.reload(),
    ]);
    const instructions = params.baseInstructions ?? config.baseInstructions ?? SYSTEM_PROMPT;
    const meta: SessionMeta = {
      id: uuidV7(nowMs),
      timestamp: new Date(nowMs).toISOString(),
      cwd,
      originator: clientName,
      cliVersion: REFERENCE_VERSION,
      source: SOURCE,
      modelProvider: config.modelProvider.id,
      baseInstructions: instructions,
      forkedFromId: null,
      git,
    };
    const journal = new Journal(new History(), ephemeral ? null : ports.store.create(meta));
    if (history.length > 0) journal.response(...history);
    const createdAt = Math.floor(nowMs / 1000);
    return keep(
      new Thread({
        id: meta.id,
        ports,
        config,
        settings: startSettings({ config, cwd, params, environment: ports.environment }),
        client: ports.modelClient(config.modelProvider),
        inspector,
        rules,
        journal,
        usage: new TokenUsage(),
        instructions,
        developerInstructions: params.developerInstructions ?? config.developerInstructions,
        projectInstructions,
        origin: { ...originOf(meta), createdAt, updatedAt: createdAt, preview: previewOfHistory(history) },
      }),
    );
  }

  async function reopen(params: ParamsOf<"thread/resume">): Promise<Thread> {
    const loaded = await ports.store.load(params.path ?? params.threadId);
    const known = threads.get(loaded.id);
    if (known !== undefined) return known;
    const last = loaded.lastTurnContext;
    const cwd = params.cwd ? absolute(params.cwd) : last?.cwd ?? loaded.meta.cwd;
    const config = await loadConfig(cwd, params, loaded.meta.modelProvider);
    const [projectInstructions] = await Promise.all([readInstructions(cwd, config), rules.reload()]);
    const writer = await ports.store.reopen(loaded);
    return keep(
      new Thread({
        id: loaded.id,
        ports,
        config,
        settings: resumeSettings({ config, cwd, params, environment: ports.environment }, last),
        client: ports.modelClient(config.modelProvider),
        inspector,
        rules,
        journal: new Journal(new History(loaded.history), writer),
        usage: new TokenUsage(loaded.tokenUsage),
        instructions: params.baseInstructions ?? (loaded.meta.baseInstructions || SYSTEM_PROMPT),
        developerInstructions: params.developerInstructions ?? config.developerInstructions,
        projectInstructions,
        origin: { ...originOf(loaded.meta), ...storedFacts(loaded) },
      }),
    );
  }

  async function readInstructions(cwd: string, config: EffectiveConfig): Promise<string | null> {
    const found = await findInstructions({
      cwd,
      codexHome: ports.codexHome,
      projectRootMarkers: config.projectRootMarkers,
      maxBytes: config.projectDocMaxBytes,
      fallbackFilenames: config.projectDocFallbackFilenames,
    });
    return found.text;
  }

  async function unload(threadId: string): Promise<void> {
    const thread = threads.get(threadId);
    if (thread === undefined) return;
    try {
      await thread.close();
    } finally {
      threads.delete(threadId);
    }
  }

  return {
    start: (params, client) =>
      create(params, { clientName: client.name, ephemeral: params.ephemeral ?? false, history: [] }),

    async resume(params): Promise<AgentThread> {
      const known = threads.get(params.threadId);
      if (known !== undefined) return known;
      if (params.history) return await create(params, { clientName: "", ephemeral: false, history: params.history });
      const key = params.path ?? params.threadId;
      const work = opening.get(key) ?? reopen(params).finally(() => opening.delete(key));
      opening.set(key, work);
      return await work;
    },

    find: (threadId) => threads.get(threadId),
    loadedIds: () => [...threads.keys()],
    unload,

    async shutdown(signal): Promise<void> {
      isShutDown = true;
      const idle = Promise.all([...threads.values()].map((thread) => thread.whenIdle()));
      const { promise: late, resolve } = Promise.withResolvers<void>();
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
      await Promise.race([idle, late]);
      const results = await Promise.allSettled([...threads.keys()].map(unload));
      await ports.exec.terminateAll();
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}

function originOf(meta: SessionMeta): ThreadOrigin {
  return {
    createdAt: 0,
    updatedAt: 0,
    preview: "",
    name: null,
    cwd: meta.cwd,
    git: meta.git,
    source: meta.source,
    cliVersion: meta.cliVersion,
    forkedFromId: meta.forkedFromId,
    turns: [],
    lastTurnContext: null,
  };
}

function storedFacts(loaded: LoadedThread): Partial<ThreadOrigin> {
  const { createdAt, updatedAt, preview, name, turns, lastTurnContext } = loaded;
  return { createdAt, updatedAt, preview, name, turns, lastTurnContext };
}
