// thread/start, thread/resume, thread/unsubscribe: threads in memory and who hears them.
import type { AgentThread } from "../../agent/threads.ts";
import { CodexError } from "../../base/errors.ts";
import type { ThreadResumeResponse } from "../../protocol/types/thread.ts";
import { noRollout, rejected, RequestRejected } from "../error_map.ts";
import type { ResultOf } from "../../protocol/client_requests.ts";
import { type Handlers, subscribe } from "../handler.ts";
import { checkThreadId } from "../thread_id.ts";

export const threadHandlers = {
  async "thread/start"(params, context): Promise<ResultOf<"thread/start">> {
    const { agent, broadcast, connection } = context;
    const thread = await agent.start(params, { name: connection.session?.name ?? "" });
    subscribe(context, thread);
    broadcast.noteIdle(thread.id);
    context.afterResponse(() => {
      broadcast.toAll({ method: "thread/started", params: { thread: thread.snapshot({ includeTurns: false }) } });
    });
    return describeThread(thread, { includeTurns: false });
  },

  async "thread/resume"(params, context): Promise<ResultOf<"thread/resume">> {
    const { agent, broadcast } = context;
    if (params.history?.length === 0) throw new RequestRejected(rejected("history must not be empty"));
    const givesHistory = params.history !== undefined && params.history !== null;
    const byPath = params.path !== undefined && params.path !== null;
    const threadId = givesHistory || byPath ? params.threadId : checkThreadId(params.threadId);
    const wasLoaded = agent.find(threadId) !== undefined;
    const thread = await agent.resume({ ...params, threadId }).catch((error: unknown) => {
      if (byPath || !(error instanceof CodexError) || error.code !== "THREAD_NOT_FOUND") throw error;
      throw new RequestRejected(noRollout(threadId));
    });
    if (!wasLoaded) {
      broadcast.status({
        method: "thread/status/changed",
        params: { threadId: thread.id, status: thread.status },
      });
    }
    // From here to the answer nothing may be awaited: what happens later must reach the client as events.
    subscribe(context, thread);
    // Held back until the answer is out, and before what happens meanwhile.
    if (wasLoaded) { for (const event of thread.retold()) broadcast.toOne(context.connection, event); }
    return describeThread(thread, { includeTurns: true });
  },

  "thread/unsubscribe"(params, context): ResultOf<"thread/unsubscribe"> {
    const { agent, asks, connection, subscriptions, unloading } = context;
    const threadId = checkThreadId(params.threadId);
    if (subscriptions.remove(threadId, connection)) {
      asks.detach(threadId, connection);
      context.afterResponse(() => unloading.nowInLane(threadId));
      return { status: "unsubscribed" };
    }
    return { status: agent.find(threadId) ? "notSubscribed" : "notLoaded" };
  },
} satisfies Partial<Handlers>;

function describeThread(thread: AgentThread, options: { includeTurns: boolean }): ThreadResumeResponse {
  return { thread: thread.snapshot(options), ...thread.settings };
}
