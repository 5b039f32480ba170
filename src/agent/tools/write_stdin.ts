// `write_stdin`: type into a command that was left running, or just look at it again.
import { messageOf } from "../../base/errors.ts";
import { commandReport, DEFAULT_OUTPUT_TOKENS, denialNote } from "./exec_output.ts";
import { readNumber, readText } from "./arguments.ts";
import { badArguments, parseArguments, type Tool } from "./tool.ts";
import { clampYield, unlessInterrupted, waitForCommand, YIELD_AFTER_INPUT_MS, YIELD_POLL_MS } from "./yielding.ts";

export const writeStdin: Tool = {
  isParallel: true,

  spec: {
    type: "function",
    name: "write_stdin",
    description: "Type into a command that is still running, or give no characters to see what it printed since.",
    strict: false,
    parameters: {
      type: "object",
      properties: {
        chars: { type: "string", description: "What to type; empty or absent to look only. End a line with \\n." },
        max_output_tokens: { type: "number", description: "Most tokens of output to return; the middle is cut out." },
        session_id: { type: "number", description: "The session id that exec_command gave." },
        yield_time_ms: { type: "number", description: "How long to wait for output or the end, in milliseconds." },
      },
      required: ["session_id"],
      additionalProperties: false,
    },
  },

  async run(call, context): Promise<string> {
    const args = parseArguments(call);
    if (typeof args === "string") return args;
    const sessionId = readNumber(args, "session_id");
    const chars = readText(args, "chars");
    const maxTokens = readNumber(args, "max_output_tokens");
    const yieldMs = readNumber(args, "yield_time_ms");
    if (sessionId.value === null) return badArguments(call, sessionId.problem ?? "missing field `session_id`");
    const problem = chars.problem ?? maxTokens.problem ?? yieldMs.problem;
    if (problem !== null) return badArguments(call, problem);

    const { turn, runs } = context;
    const run = runs.find(String(sessionId.value));
    if (run === undefined) return `write_stdin failed: no running command has the session id ${sessionId.value}`;
    const typed = chars.value ?? "";
    const startedMs = context.clock.nowMs();
    turn.emit({
      method: "item/commandExecution/terminalInteraction",
      params: { itemId: run.item.id, processId: run.session.processId, stdin: typed },
    });
    if (typed !== "") {
      try {
        await unlessInterrupted(run.session.write(typed), turn);
      } catch (error) {
        turn.signal.throwIfAborted();
        return `write_stdin failed: ${messageOf(error)}`;
      }
    }
    const limits = typed === "" ? YIELD_POLL_MS : YIELD_AFTER_INPUT_MS;
    const exit = await waitForCommand(run, clampYield(yieldMs.value, limits), context);
    if (exit !== null) {
      await run.complete(exit);
      runs.forget(run);
    }
    return commandReport({
      wallMs: context.clock.nowMs() - startedMs,
      output: run.session.takeNewOutput(),
      maxTokens: Math.min(maxTokens.value ?? DEFAULT_OUTPUT_TOKENS, context.toolOutputTokens),
      exitCode: exit?.exitCode ?? null,
      processId: run.session.processId,
      note: exit?.sandboxDenied ? denialNote(exit.denials) : null,
    });
  },
};
