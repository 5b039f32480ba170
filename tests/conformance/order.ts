// The order of what a server sends in a flow, in short words; repeated deltas count once. What the reference itself
// sends at varying moments is left out.

import type { LoggedMessage, Message } from "../support/json_rpc.ts";
import { requestMethods } from "./shapes.ts";

// Sent beside the turn, not in it: other clients must not rely on their place.
const UNORDERED = new Set([
  "account/rateLimits/updated",
  "thread/tokenUsage/updated",
  "turn/diff/updated",
  "mcpServer/startupStatus/updated",
  "configWarning",
  "deprecationNotice",
  "skills/changed",
  "thread/name/updated",
  "hook/started",
  "hook/completed",
]);

/**
 * Items that began and did not end before their turn did. The reference is often late with a command's end, so that
 * the end of a command has no place in `orderOf`; ours must never be late. An answer that was interrupted, or broken
 * off and asked for again, has no end.
 */
export function unfinishedItems(log: LoggedMessage[]): string[] {
  const open = new Map<string, string>();
  const ended = new Set<string>();
  const late: string[] = [];
  const brokeOff = log.some(({ message }) => message.method === "error");
  for (const { direction, message } of log) {
    if (direction !== "received") continue;
    const item = message.params?.item;
    if (message.method === "item/started") open.set(item.id, item.type);
    if (message.method === "item/completed") {
      if (!open.delete(item.id) && !ended.has(item.id)) late.push(`${item.type} ended without a start`);
      ended.add(item.id);
    }
    if (message.method === "turn/completed") {
      const noAnswer = brokeOff || message.params.turn.status !== "completed";
      late.push(...[...open.values()].filter((type) => !(noAnswer && type === "agentMessage")));
      open.clear();
    }
  }
  return late;
}

export function orderOf(log: LoggedMessage[]): string[] {
  const methods = requestMethods(log);
  const words: string[] = [];
  for (const { direction, message } of log) {
    if (direction !== "received") continue;
    const word = wordOf(message, methods);
    if (word !== undefined && word !== words.at(-1)) words.push(word);
  }
  return words;
}

function wordOf(message: Message, methods: Map<unknown, string>): string | undefined {
  if (message.method === undefined) {
    const method = methods.get(message.id);
    return method === "thread/loaded/list" ? undefined : `answer ${method}${message.error ? " error" : ""}`;
  }
  if (UNORDERED.has(message.method)) return undefined;
  if (message.method === "item/commandExecution/outputDelta") return undefined;
  if (message.method === "item/completed" && message.params.item.type === "commandExecution") return undefined;
  const { item, turn, status, error, willRetry } = message.params ?? {};
  if (message.id !== undefined) return `ask ${message.method}`;
  if (item !== undefined) return `${message.method} ${item.type}${item.status ? ` ${item.status}` : ""}`;
  if (message.method === "turn/completed") return `turn/completed ${turn.status}`;
  if (status !== undefined) return `${message.method} ${[status.type, ...(status.activeFlags ?? [])].join(" ")}`;
  if (error !== undefined) return `${message.method} ${willRetry ? "retry" : "final"}`;
  return message.method;
}
