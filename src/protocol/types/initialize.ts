// Wire types of the `initialize` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, Type } from "../schema.ts";
import { AbsolutePathBuf } from "./policy.ts";

export const InitializeCapabilities = Type.Object({
  experimentalApi: Type.Optional(Type.Boolean()),
  optOutNotificationMethods: Type.Optional(nullable(Type.Array(Type.String()))),
});
export type InitializeCapabilities = Static<typeof InitializeCapabilities>;

export const ClientInfo = Type.Object({
  name: Type.String(),
  title: Type.Optional(nullable(Type.String())),
  version: Type.String(),
});
export type ClientInfo = Static<typeof ClientInfo>;

export const InitializeParams = Type.Object({
  capabilities: Type.Optional(nullable(InitializeCapabilities)),
  clientInfo: ClientInfo,
});
export type InitializeParams = Static<typeof InitializeParams>;

export const InitializeResponse = Type.Object({
  codexHome: AbsolutePathBuf,
  platformFamily: Type.String(),
  platformOs: Type.String(),
  userAgent: Type.String(),
});
export type InitializeResponse = Static<typeof InitializeResponse>;
