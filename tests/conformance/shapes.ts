// What a message looks like without its values: which fields each object of each kind has. Two servers agree when
// every field that one always sends is sent by the other too, null or not: clients of the wire tell these apart.

import type { LoggedMessage, Message } from "../support/json_rpc.ts";

export interface Shape {
  always: Set<string>;
  ever: Set<string>;
}

/** Objects whose field names are data, not a shape. */
const DATA_FIELDS = /(^model\/list.*upgradeInfo|\.config\b|\.origins\b|\.agentsStates\b|\.layers\b|^skills\/list)/;

/** Collects the shapes of everything that was received, by method and place. */
export function collectShapes(log: LoggedMessage[], into: Map<string, Shape>): void {
  const methods = requestMethods(log);
  for (const { direction, message } of log) {
    if (direction !== "received") continue;
    if (message.method !== undefined) walk(message.method, message.params, into);
    else if (message.error !== undefined) walk("error answer", message.error, into);
    else walk(`${methods.get(message.id)} result`, message.result, into);
  }
}

/** The method of each request that was sent, by id. */
export function requestMethods(log: LoggedMessage[]): Map<unknown, string> {
  const sent = log.filter((entry) => entry.direction === "sent" && entry.message.method !== undefined);
  return new Map(sent.map((entry) => [entry.message.id, entry.message.method]));
}

function walk(path: string, value: Message, into: Map<string, Shape>): void {
  if (DATA_FIELDS.test(path)) return;
  if (Array.isArray(value)) {
    for (const element of value) walk(`${path}[]`, element, into);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  const place = typeof value.type === "string" ? `${path}<${value.type}>` : path;
  const keys = Object.keys(value);
  const shape = into.get(place);
  if (shape === undefined) {
    into.set(place, { always: new Set(keys), ever: new Set(keys) });
  } else {
    for (const key of shape.always) if (!keys.includes(key)) shape.always.delete(key);
    for (const key of keys) shape.ever.add(key);
  }
  for (const key of keys) walk(`${place}.${key}`, value[key], into);
}

/** The differences that a client could notice, one line each. */
export function compareShapes(ours: Map<string, Shape>, reference: Map<string, Shape>): string[] {
  const lines: string[] = [];
  for (const [place, theirs] of reference) {
    const mine = ours.get(place);
    if (mine === undefined) continue;
    const missing = [...theirs.always].filter((key) => !mine.always.has(key));
    const extra = [...mine.ever].filter((key) => !theirs.ever.has(key));
    if (missing.length > 0) lines.push(`${place}: we leave out ${missing.join(", ")}`);
    if (extra.length > 0) lines.push(`${place}: we add ${extra.join(", ")}`);
  }
  return lines;
}
