// One message of a server held against schemas: the reference's, and our own tables.

import type { LoggedMessage, Message } from "../support/json_rpc.ts";
import { ourNotification, ourResult, ourServerRequest } from "./our_schema.ts";
import type { ReferenceSchemas } from "./reference_schema.ts";

/** What is wrong with a message of ours, by the reference's schemas; a line each. */
export function referenceProblems(
  { direction, message }: LoggedMessage,
  methods: Map<unknown, string>,
  schemas: ReferenceSchemas | undefined,
): string[] {
  if (direction !== "received") return [];
  if (schemas === undefined) throw new Error("No schemas");
  if (message.jsonrpc !== undefined) return [`a "jsonrpc" member: ${brief(message)}`];
  if (message.method !== undefined) {
    const problem = message.id === undefined ? schemas.notification(message) : schemas.request(message);
    return problem === "" ? [] : [`${message.method}: ${problem}: ${brief(message)}`];
  }
  const method = methods.get(message.id) ?? "unknown id";
  const problem = message.error !== undefined ? schemas.error(message) : schemas.response(method, message.result);
  return problem === "" ? [] : [`${method} answer: ${problem ?? "unknown method"}: ${brief(message)}`];
}

/** What our tables do not accept of what a server sent. */
export function ourProblems({ direction, message }: LoggedMessage, methods: Map<unknown, string>): string[] {
  if (direction === "sent") {
    // Only what the reference accepted is a fact about the wire.
    return [];
  }
  if (message.method !== undefined) {
    const check = message.id === undefined ? ourNotification : ourServerRequest;
    const problem = check(message.method, message.params);
    // Features that these flows do not need may be unknown to our tables; a known method must fit.
    return problem === undefined || problem === "" ? [] : [`${message.method}: ${problem}: ${brief(message)}`];
  }
  if (message.error !== undefined) return [];
  const method = methods.get(message.id) ?? "unknown id";
  const problem = ourResult(method, message.result);
  return problem === "" ? [] : [`${method} result: ${problem ?? "unknown method"}: ${brief(message)}`];
}

function brief(message: Message): string {
  return JSON.stringify(message).slice(0, 300);
}
