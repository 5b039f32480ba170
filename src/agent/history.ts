// The conversation as the model sees it. Grows at the end only; what a request carries is a repaired copy, because a
// provider refuses a call without an output and an output without a call.
import type { ResponseItem } from "../protocol/types/response_item.ts";

/** The output that stands for one that was lost (the process died, the disk was full). */
const LOST_OUTPUT = "aborted";

type Call = Extract<ResponseItem, { type: "function_call" | "custom_tool_call" }>;

function callIdOf(item: ResponseItem): string | null {
  return item.type === "function_call" || item.type === "custom_tool_call" ? item.call_id : null;
}

function outputIdOf(item: ResponseItem): string | null {
  return item.type === "function_call_output" || item.type === "custom_tool_call_output" ? item.call_id : null;
}

export function toolOutput(call: Call, output: string): ResponseItem {
  return call.type === "function_call"
    ? { type: "function_call_output", call_id: call.call_id, output }
    : { type: "custom_tool_call_output", call_id: call.call_id, output };
}

/** Items that a model request may carry: every call directly answered or given a stand-in, no stray outputs. */
export function repaired(items: readonly ResponseItem[]): ResponseItem[] {
  const called = new Set<string>();
  const answered = new Set<string>();
  for (const item of items) {
    const call = callIdOf(item);
    if (call !== null) called.add(call);
    const output = outputIdOf(item);
    if (output !== null) answered.add(output);
  }
  const result: ResponseItem[] = [];
  for (const item of items) {
    if (item.type === "other" || item.type === "ghost_snapshot") continue;
    const output = outputIdOf(item);
    if (output !== null && !called.has(output)) continue;
    result.push(item);
    if ((item.type === "function_call" || item.type === "custom_tool_call") && !answered.has(item.call_id)) {
      result.push(toolOutput(item, LOST_OUTPUT));
    }
  }
  return result;
}

export class History {
  readonly #items: ResponseItem[];

  constructor(items: readonly ResponseItem[] = []) {
    this.#items = [...items];
  }

  get items(): readonly ResponseItem[] {
    return this.#items;
  }

  add(...items: readonly ResponseItem[]): void {
    this.#items.push(...items);
  }

  forRequest(): ResponseItem[] {
    return repaired(this.#items);
  }
}
