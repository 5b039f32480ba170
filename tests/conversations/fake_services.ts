// The server's services with fixed answers.
import { CodexError } from "../../src/base/errors.ts";
import { type Log, SILENT_LOG } from "../../src/base/log.ts";
import { NO_AUDIT } from "../../src/server/audit.ts";
import { NO_METRICS } from "../../src/server/metrics.ts";
import type { Agent } from "../../src/agent/threads.ts";
import type { AgentSidePorts, ServerServices, WorldWritableFolders } from "../../src/server/services.ts";
import type { LoadedThread, SessionMeta, ThreadStore } from "../../src/store/thread_store.ts";
import type { ModelListResponse } from "../../src/protocol/types/model.ts";
import { NOW } from "./fake_agent.ts";

export const STORED_ID = "00000000-0000-7000-8000-00000000aaaa";

const META: SessionMeta = {
  id: STORED_ID,
  timestamp: "2027-01-15T08:00:00.000Z",
  cwd: "/work",
  originator: "probe",
  cliVersion: "0.120.0",
  source: "cli",
  modelProvider: "mock",
  baseInstructions: "",
  forkedFromId: null,
  git: null,
};

const STORED: LoadedThread = {
  id: STORED_ID,
  path: "/home/.codex/sessions/rollout.jsonl",
  preview: "from yesterday",
  createdAt: NOW,
  updatedAt: NOW,
  meta: META,
  name: null,
  history: [],
  turns: [{
    id: "turn-1",
    items: [],
    status: "completed",
    error: null,
    startedAt: NOW,
    completedAt: NOW,
    durationMs: 5,
  }],
  lastTurnContext: null,
  tokenUsage: null,
};

const store: ThreadStore = {
  create(): never {
    throw new Error("the server does not write");
  },
  reopen(): never {
    throw new Error("the server does not write");
  },
  list(query): ReturnType<ThreadStore["list"]> {
    if (query.cursor === "bogus") throw new CodexError("PROTOCOL", "invalid cursor: bogus");
    const wanted = query.sources?.includes("cli") ?? true;
    return Promise.resolve({ threads: wanted ? [STORED] : [], nextCursor: null });
  },
  load(id): Promise<LoadedThread> {
    if (id === STORED_ID) return Promise.resolve(STORED);
    return Promise.reject(new CodexError("THREAD_NOT_FOUND", `Cannot find thread "${id}"`));
  },
};

export function fakeServices(
  logged: string[],
  makeAgent: (ports: AgentSidePorts) => Agent,
  worldWritable: WorldWritableFolders = null,
): ServerServices {
  return {
    makeAgent,
    store,
    info: {
      codexHome: "/home/.codex",
      platformFamily: "unix",
      platformOs: "linux",
      osDescription: "Debian 12.0.0",
      arch: "x86_64",
      terminal: "xterm",
      version: "0.120.0",
    },
    account: { read: () => ({ account: null, requiresOpenaiAuth: false }) },
    models: {
      list(params): ModelListResponse {
        if (params.cursor === "bogus") throw new CodexError("PROTOCOL", "invalid cursor: bogus");
        return { data: [], nextCursor: null };
      },
    },
    skills: { list: () => Promise.resolve({ data: [{ cwd: "/work", skills: [], errors: [] }] }) },
    config: {
      read: () => Promise.reject(new CodexError("CONFIG_INVALID", "config.toml:3:7: unknown variant `x`")),
    },
    windowsSandbox: {
      setUp: (mode) =>
        mode === "unelevated"
          ? Promise.resolve()
          : Promise.reject(new CodexError("SANDBOX_UNAVAILABLE", "It did not work", { hint: "Try again" })),
      findWorldWritable: () => Promise.resolve(worldWritable),
    },
    configWarnings: () => [{ summary: "Something to know", details: null }],
    log: {
      ...SILENT_LOG,
      warn: (message) => void logged.push(message),
      error: (message) => void logged.push(message),
      for(): Log {
        return this;
      },
    },
    metrics: NO_METRICS,
    audit: NO_AUDIT,
  };
}
