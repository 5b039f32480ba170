// The table of server → client notifications.
import type { Static, TSchema } from "typebox";
import { AccountRateLimitsUpdatedNotification } from "./types/account.ts";
import { ServerRequestResolvedNotification } from "./types/approval.ts";
import { ConfigWarningNotification, DeprecationNoticeNotification } from "./types/config.ts";
import {
  AgentMessageDeltaNotification,
  CommandExecutionOutputDeltaNotification,
  FileChangeOutputDeltaNotification,
  ItemCompletedNotification,
  ItemStartedNotification,
  ReasoningSummaryPartAddedNotification,
  ReasoningSummaryTextDeltaNotification,
  ReasoningTextDeltaNotification,
  TerminalInteractionNotification,
} from "./types/item.ts";
import {
  ThreadClosedNotification,
  ThreadStartedNotification,
  ThreadStatusChangedNotification,
  ThreadTokenUsageUpdatedNotification,
} from "./types/thread.ts";
import {
  ErrorNotification,
  TurnCompletedNotification,
  TurnDiffUpdatedNotification,
  TurnPlanUpdatedNotification,
  TurnStartedNotification,
} from "./types/turn.ts";
import {
  WindowsSandboxSetupCompletedNotification,
  WindowsWorldWritableWarningNotification,
} from "./types/windows_sandbox.ts";

export interface NotificationRow<P extends TSchema = TSchema> {
  readonly params: P;
  readonly doc: string;
}

function row<P extends TSchema>(params: P, doc: string): NotificationRow<P> {
  return { params, doc };
}

export const serverNotifications = {
  "error": row(ErrorNotification, "A turn failed, or an attempt failed and will be retried (`willRetry`)."),
  "configWarning": row(
    ConfigWarningNotification,
    "Something in the configuration or on the machine deserves attention.",
  ),
  "deprecationNotice": row(DeprecationNoticeNotification, "A setting in use will go away."),
  "account/rateLimits/updated": row(
    AccountRateLimitsUpdatedNotification,
    "The provider's rate limits, as last reported.",
  ),
  "thread/started": row(ThreadStartedNotification, "A thread was made or loaded."),
  "thread/status/changed": row(
    ThreadStatusChangedNotification,
    "A thread became idle, active, waiting, failed or unloaded.",
  ),
  "thread/closed": row(ThreadClosedNotification, "A thread left memory."),
  "thread/tokenUsage/updated": row(
    ThreadTokenUsageUpdatedNotification,
    "Token counts of the last response and in total.",
  ),
  "turn/started": row(TurnStartedNotification, "A turn began."),
  "turn/completed": row(TurnCompletedNotification, "A turn ended: completed, interrupted or failed."),
  "turn/diff/updated": row(TurnDiffUpdatedNotification, "The unified diff of all that the turn changed so far."),
  "turn/plan/updated": row(TurnPlanUpdatedNotification, "The agent's plan, whole."),
  "item/started": row(ItemStartedNotification, "An item of a turn began."),
  "item/completed": row(ItemCompletedNotification, "An item of a turn ended; its final value."),
  "item/agentMessage/delta": row(AgentMessageDeltaNotification, "More text of an agent message."),
  "item/reasoning/summaryTextDelta": row(
    ReasoningSummaryTextDeltaNotification,
    "More text of a reasoning summary part.",
  ),
  "item/reasoning/summaryPartAdded": row(ReasoningSummaryPartAddedNotification, "A new reasoning summary part."),
  "item/reasoning/textDelta": row(ReasoningTextDeltaNotification, "More raw reasoning text."),
  "item/commandExecution/outputDelta": row(
    CommandExecutionOutputDeltaNotification,
    "More output of a running command.",
  ),
  "item/commandExecution/terminalInteraction": row(
    TerminalInteractionNotification,
    "Input given to a running command.",
  ),
  "item/fileChange/outputDelta": row(FileChangeOutputDeltaNotification, "What applying a patch printed."),
  "serverRequest/resolved": row(
    ServerRequestResolvedNotification,
    "A request of the server was answered or withdrawn.",
  ),
  "windows/worldWritableWarning": row(
    WindowsWorldWritableWarningNotification,
    "Windows: folders that everybody may write to, and so every sandboxed command.",
  ),
  "windowsSandbox/setupCompleted": row(
    WindowsSandboxSetupCompletedNotification,
    "How a setup that the client asked for ended.",
  ),
} as const satisfies Record<string, NotificationRow>;

export type ServerNotificationMethod = keyof typeof serverNotifications;
export type ServerNotificationParams<M extends ServerNotificationMethod> = Static<
  (typeof serverNotifications)[M]["params"]
>;

/** Any notification of the server, as a closed union to switch on. */
export type ServerNotification = {
  [M in ServerNotificationMethod]: { readonly method: M; readonly params: ServerNotificationParams<M> };
}[ServerNotificationMethod];
