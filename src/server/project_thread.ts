// A stored thread as the wire shows one that is not in memory.
import type { LoadedThread, StoredThread } from "../store/thread_store.ts";
import type { Thread, ThreadStatus } from "../protocol/types/thread.ts";

export interface ProjectOptions {
  readonly status: ThreadStatus;
  readonly turns: LoadedThread["turns"];
}

export function projectStoredThread(stored: StoredThread, options: ProjectOptions): Thread {
  const { meta } = stored;
  return {
    id: stored.id,
    forkedFromId: meta.forkedFromId,
    preview: stored.preview,
    ephemeral: false,
    modelProvider: meta.modelProvider,
    createdAt: stored.createdAt,
    updatedAt: stored.updatedAt,
    status: options.status,
    path: stored.path,
    cwd: meta.cwd,
    cliVersion: meta.cliVersion,
    source: meta.source,
    agentNickname: null,
    agentRole: null,
    gitInfo: meta.git,
    name: stored.name,
    turns: [...options.turns],
  };
}
