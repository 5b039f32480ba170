// thread/read, thread/list, thread/loaded/list: looking at threads without touching them.
import type { Agent } from "../../agent/threads.ts";
import { CodexError } from "../../base/errors.ts";
import type { Thread, ThreadStatus } from "../../protocol/types/thread.ts";
import { invalidCursor, noTurnsOfEphemeral, noTurnsYet, RequestRejected, threadNotLoaded } from "../error_map.ts";
import type { ResultOf } from "../../protocol/client_requests.ts";
import type { Handlers } from "../handler.ts";
import { projectStoredThread } from "../project_thread.ts";
import { checkThreadId, toThreadId } from "../thread_id.ts";

const DEFAULT_PAGE_THREADS = 25;
const MAX_PAGE_THREADS = 100;
/** Threads that a person started, as opposed to scripts and sub-agents. */
const INTERACTIVE_SOURCES = ["cli", "vscode"];

export const threadListHandlers = {
  async "thread/read"(params, { agent, services }): Promise<ResultOf<"thread/read">> {
    const threadId = checkThreadId(params.threadId);
    const includeTurns = params.includeTurns ?? false;
    const live = agent.find(threadId);
    if (live) {
      const thread = live.snapshot({ includeTurns });
      if (includeTurns) checkHasTurns(thread);
      return { thread };
    }
    const stored = await services.store.load(threadId).catch((error: unknown) => {
      if (error instanceof CodexError && error.code === "THREAD_NOT_FOUND") {
        throw new RequestRejected(threadNotLoaded(threadId));
      }
      throw error;
    });
    const turns = includeTurns ? stored.turns : [];
    return { thread: projectStoredThread(stored, { status: { type: "notLoaded" }, turns }) };
  },

  async "thread/list"(params, { agent, services }): Promise<ResultOf<"thread/list">> {
    // Nothing archives threads, so there is none to show.
    if (params.archived === true) return { data: [], nextCursor: null };
    const sources = params.sourceKinds ?? [];
    const { threads, nextCursor } = await services.store.list({
      limit: Math.min(Math.max(params.limit ?? DEFAULT_PAGE_THREADS, 1), MAX_PAGE_THREADS),
      cursor: params.cursor ?? null,
      sortKey: params.sortKey ?? "created_at",
      modelProviders: params.modelProviders ?? null,
      sources: sources.length > 0 ? sources : INTERACTIVE_SOURCES,
      cwd: params.cwd ?? null,
      searchTerm: params.searchTerm ?? null,
    });
    const data = threads.map((stored) =>
      projectStoredThread(stored, { status: statusOf(agent, stored.id), turns: [] })
    );
    return { data, nextCursor };
  },

  "thread/loaded/list"(params, { agent }): ResultOf<"thread/loaded/list"> {
    const { cursor } = params;
    const ids = [...agent.loadedIds()].sort();
    const after = cursor === undefined || cursor === null ? "" : toThreadId(cursor);
    if (after === null) throw new RequestRejected(invalidCursor(cursor ?? ""));
    const rest = ids.filter((id) => id > after);
    const data = rest.slice(0, Math.max(params.limit ?? rest.length, 1));
    return { data, nextCursor: data.length < rest.length ? data.at(-1) ?? null : null };
  },
} satisfies Partial<Handlers>;

function statusOf(agent: Agent, threadId: string): ThreadStatus {
  return agent.find(threadId)?.status ?? { type: "notLoaded" };
}

/** wire: the reference reads turns from disk, where these have none. */
function checkHasTurns(thread: Thread): void {
  if (thread.ephemeral) throw new RequestRejected(noTurnsOfEphemeral());
  if (thread.turns.length === 0 && thread.preview === "") throw new RequestRejected(noTurnsYet(thread.id));
}
