// An agent that is loaded when the first thread is wanted. Until then there are no threads: nothing to find, to
// unload or to wait for.
import type { Agent } from "../agent/threads.ts";

export function createLateAgent(load: () => Promise<Agent>): Agent {
  let agent: Agent | null = null;
  const loaded = async (): Promise<Agent> => agent ??= await load();
  return {
    start: async (params, client) => await (await loaded()).start(params, client),
    resume: async (params) => await (await loaded()).resume(params),
    find: (threadId) => agent?.find(threadId),
    loadedIds: () => agent?.loadedIds() ?? [],
    unload: async (threadId) => await agent?.unload(threadId),
    shutdown: async (signal) => await agent?.shutdown(signal),
  };
}
