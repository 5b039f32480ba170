// turn/start, turn/steer, turn/interrupt: driving a loaded thread.
import type { AgentThread } from "../../agent/threads.ts";
import type { UserInput } from "../../protocol/types/item.ts";
import { inputTooLarge, rejected, RequestRejected, threadNotFound } from "../error_map.ts";
import type { ResultOf } from "../../protocol/client_requests.ts";
import type { Handlers, RequestContext } from "../handler.ts";
import { checkThreadId } from "../thread_id.ts";

/** Characters (Unicode scalar values) of all texts of one input. */
const MAX_INPUT_CHARS = 1024 * 1024;

export const turnHandlers = {
  async "turn/start"(params, context): Promise<ResultOf<"turn/start">> {
    const thread = getThread(params.threadId, context);
    checkInputSize(params.input);
    if (context.isClosing()) throw new RequestRejected(rejected("the server is shutting down; send it again later"));
    // The answer comes before the first event of the turn.
    context.hold();
    const turn = thread.startTurn(params);
    audit(context, "turn/start", { threadId: params.threadId, turnId: turn.id });
    // Who is told that the message was taken must find it again, whatever happens to this process.
    await thread.inputSaved(turn.id);
    return { turn };
  },

  "turn/steer"(params, context): ResultOf<"turn/steer"> {
    const thread = getThread(params.threadId, context);
    if (params.expectedTurnId === "") throw new RequestRejected(rejected("expectedTurnId must not be empty"));
    checkInputSize(params.input);
    context.hold();
    const turnId = thread.steer(params);
    audit(context, "turn/steer", { threadId: params.threadId, turnId });
    return { turnId };
  },

  async "turn/interrupt"(params, context): Promise<ResultOf<"turn/interrupt">> {
    const thread = getThread(params.threadId, context);
    // The turn has ended when this is answered, but the caller hears the answer before the events of the end.
    context.hold();
    await thread.interrupt(params.turnId);
    audit(context, "turn/interrupt", params);
    return {};
  },
} satisfies Partial<Handlers>;

function audit(
  { connection, services }: RequestContext,
  method: string,
  { threadId, turnId }: { threadId: string; turnId: string },
): void {
  services.audit.record({ event: "turn", ...connection.audited, method, threadId: checkThreadId(threadId), turnId });
}

function getThread(threadId: string, { agent }: RequestContext): AgentThread {
  const id = checkThreadId(threadId);
  const thread = agent.find(id);
  if (!thread) throw new RequestRejected(threadNotFound(id));
  return thread;
}

function checkInputSize(input: readonly UserInput[]): void {
  let units = 0;
  for (const part of input) if (part.type === "text") units += part.text.length;
  // Never more characters than UTF-16 units: the exact count is only needed near the limit.
  if (units <= MAX_INPUT_CHARS) return;
  let chars = 0;
  for (const part of input) if (part.type === "text") { for (const _ of part.text) chars++; }
  if (chars > MAX_INPUT_CHARS) throw new RequestRejected(inputTooLarge(MAX_INPUT_CHARS, chars));
}
