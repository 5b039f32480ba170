// Turns what arrived on the wire into a checked notification of the protocol. Unknown methods and values of another
// shape are dropped: a newer server may say more than this client knows.
import { Compile, type Validator } from "typebox/compile";
import {
  type ServerNotification,
  type ServerNotificationMethod,
  serverNotifications,
} from "../protocol/server_notifications.ts";

export type NotificationReader = (method: string, params: unknown) => ServerNotification | null;

/** A reader that compiles each schema on its first use. */
export function createNotificationReader(): NotificationReader {
  const validators = new Map<string, Validator>();
  return (method, params) => {
    if (!isKnown(method)) return null;
    const validator = validators.get(method) ?? Compile(serverNotifications[method].params);
    validators.set(method, validator);
    // The validator of this very method has just accepted the params.
    return validator.Check(params) ? ({ method, params } as ServerNotification) : null;
  };
}

function isKnown(method: string): method is ServerNotificationMethod {
  return Object.hasOwn(serverNotifications, method);
}
