// The tool calls of one model response: those that may run together do, the others wait their turn; outputs enter the
// history in the order of the calls, whatever finished first. Every call gets an output, also when the turn is
// interrupted.
import { messageOf } from "../base/errors.ts";
import { toolOutput } from "./history.ts";
import type { CallItem } from "./model_stream.ts";
import type { Tool, ToolContext } from "./tools/tool.ts";
import { findTool } from "./tools/registry.ts";
import { isFatal } from "./turn_end.ts";

const NOT_RUN = "not run: the response was not completed";

interface Started {
  readonly call: CallItem;
  readonly startedMs: number;
  readonly output: Promise<string>;
}

export class ToolCalls {
  readonly #tools: readonly Tool[];
  readonly #context: ToolContext;
  #waiting: CallItem[] = [];
  #started: Started[] = [];
  /** Settles when the last call that must run alone is done. */
  #lastExclusive: Promise<unknown> = Promise.resolve();
  /** Settles when all calls so far are done. */
  #all: Promise<unknown> = Promise.resolve();

  constructor(tools: readonly Tool[], context: ToolContext) {
    this.#tools = tools;
    this.#context = context;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#started.length === 0;
  }

  add(call: CallItem): void {
    this.#waiting.push(call);
  }

  /** Begins the calls that were added and not begun. */
  start(): void {
    for (const call of this.#waiting.splice(0)) {
      const startedMs = this.#context.clock.nowMs();
      const output = this.#enqueue(call);
      // Looked at in `finish`; until then a failure is not unheard.
      output.catch(() => {});
      this.#started.push({ call, startedMs, output });
    }
  }

  #enqueue(call: CallItem): Promise<string> {
    const isCustom = call.type === "custom_tool_call";
    const tool = findTool(this.#tools, { name: call.name, kind: isCustom ? "custom" : "function" });
    // wire: models know this answer.
    if (tool === undefined) {
      return Promise.resolve(`unsupported ${isCustom ? "custom tool call" : "call"}: ${call.name}`);
    }
    const input = isCustom ? call.input : call.arguments;
    const before = tool.isParallel ? this.#lastExclusive : this.#all;
    const output = before.then(() => {
      this.#context.turn.signal.throwIfAborted();
      return tool.run({ callId: call.call_id, name: call.name, input }, this.#context);
    });
    const done = output.catch(() => {});
    this.#all = Promise.all([this.#all, done]);
    if (!tool.isParallel) this.#lastExclusive = this.#all;
    return output;
  }

  /** Gives up the calls that have not begun: the response they came in failed for good. */
  drop(): void {
    for (const call of this.#waiting.splice(0)) {
      this.#started.push({ call, startedMs: this.#context.clock.nowMs(), output: Promise.resolve(NOT_RUN) });
    }
  }

  /**
   * Waits for all calls and writes their outputs down. @throws the turn's abort reason, once every call that runs has
   * stopped and every call has an output; CodexError STORE_FAILED.
   */
  async finish(): Promise<void> {
    this.start();
    const { turn, clock } = this.#context;
    let fatal: unknown;
    for (const { call, startedMs, output } of this.#started.splice(0)) {
      let text: string;
      try {
        text = await output;
      } catch (error) {
        if (turn.signal.aborted) {
          const seconds = ((clock.nowMs() - startedMs) / 1000).toFixed(1);
          text = `aborted by user after ${seconds}s`;
        } else {
          text = `${call.name} failed: ${messageOf(error)}`;
          if (isFatal(error)) fatal ??= error;
        }
      }
      turn.journal.response(toolOutput(call, text));
    }
    turn.signal.throwIfAborted();
    if (fatal !== undefined) throw fatal;
  }
}
