// Wire types of the sandbox of Windows. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type } from "../schema.ts";
import { AbsolutePathBuf } from "./policy.ts";

export const WindowsSandboxSetupMode = oneOf(["elevated", "unelevated"]);
export type WindowsSandboxSetupMode = Static<typeof WindowsSandboxSetupMode>;

export const WindowsSandboxSetupStartParams = Type.Object({
  mode: WindowsSandboxSetupMode,
  cwd: Type.Optional(nullable(AbsolutePathBuf)),
});
export type WindowsSandboxSetupStartParams = Static<typeof WindowsSandboxSetupStartParams>;

export const WindowsSandboxSetupStartResponse = Type.Object({ started: Type.Boolean() });
export type WindowsSandboxSetupStartResponse = Static<typeof WindowsSandboxSetupStartResponse>;

export const WindowsSandboxSetupCompletedNotification = Type.Object({
  mode: WindowsSandboxSetupMode,
  success: Type.Boolean(),
  error: nullable(Type.String()),
});
export type WindowsSandboxSetupCompletedNotification = Static<typeof WindowsSandboxSetupCompletedNotification>;

export const WindowsWorldWritableWarningNotification = Type.Object({
  samplePaths: Type.Array(Type.String()),
  extraCount: Type.Integer({ minimum: 0 }),
  failedScan: Type.Boolean(),
});
export type WindowsWorldWritableWarningNotification = Static<typeof WindowsWorldWritableWarningNotification>;
