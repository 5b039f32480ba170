// Our method tables as validators, to prove that they accept what the reference really sends.

import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { clientRequests } from "../../src/protocol/client_requests.ts";
import { serverNotifications } from "../../src/protocol/server_notifications.ts";
import { serverRequests } from "../../src/protocol/server_requests.ts";

/** `undefined`: our tables know no such method; an empty string: the value conforms. */
export type Check = (method: string, value: unknown) => string | undefined;

export const ourNotification: Check = checker((method) => lookUp(serverNotifications, method)?.params);
export const ourServerRequest: Check = checker((method) => lookUp(serverRequests, method)?.params);
export const ourParams: Check = checker((method) => lookUp(clientRequests, method)?.params);
export const ourResult: Check = checker((method) => lookUp(clientRequests, method)?.result);

function lookUp<T>(table: Record<string, T>, method: string): T | undefined {
  return Object.hasOwn(table, method) ? table[method] : undefined;
}

function checker(find: (method: string) => TSchema | undefined): Check {
  const compiled = new Map<string, Validator>();
  return (method, value) => {
    const schema = find(method);
    if (schema === undefined) return undefined;
    const validator = compiled.get(method) ?? Compile(schema);
    compiled.set(method, validator);
    if (validator.Check(value)) return "";
    return validator.Errors(value).slice(0, 4).map((error) => `${error.instancePath} ${error.message}`).join("; ");
  };
}
