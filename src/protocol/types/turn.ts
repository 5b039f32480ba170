// Wire types of the `turn` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type } from "../schema.ts";
import { ThreadItem, UserInput } from "./item.ts";
import {
  ApprovalsReviewer,
  AskForApproval,
  CollaborationMode,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
  ServiceTier,
} from "./policy.ts";

export const NonSteerableTurnKind = oneOf(["review", "compact"]);
export type NonSteerableTurnKind = Static<typeof NonSteerableTurnKind>;

export const CodexErrorInfo = Type.Union([
  oneOf([
    "contextWindowExceeded",
    "usageLimitExceeded",
    "serverOverloaded",
    "internalServerError",
    "unauthorized",
    "badRequest",
    "threadRollbackFailed",
    "sandboxError",
    "other",
  ]),
  Type.Object({
    httpConnectionFailed: Type.Object({
      httpStatusCode: nullable(Type.Integer({ minimum: 0 })),
    }),
  }),
  Type.Object({
    responseStreamConnectionFailed: Type.Object({
      httpStatusCode: nullable(Type.Integer({ minimum: 0 })),
    }),
  }),
  Type.Object({
    responseStreamDisconnected: Type.Object({
      httpStatusCode: nullable(Type.Integer({ minimum: 0 })),
    }),
  }),
  Type.Object({
    responseTooManyFailedAttempts: Type.Object({
      httpStatusCode: nullable(Type.Integer({ minimum: 0 })),
    }),
  }),
  Type.Object({
    activeTurnNotSteerable: Type.Object({
      turnKind: NonSteerableTurnKind,
    }),
  }),
]);
export type CodexErrorInfo = Static<typeof CodexErrorInfo>;

export const TurnError = Type.Object({
  additionalDetails: nullable(Type.String()),
  codexErrorInfo: nullable(CodexErrorInfo),
  message: Type.String(),
});
export type TurnError = Static<typeof TurnError>;

export const TurnStatus = oneOf(["completed", "interrupted", "failed", "inProgress"]);
export type TurnStatus = Static<typeof TurnStatus>;

export const Turn = Type.Object({
  id: Type.String(),
  completedAt: nullable(Type.Integer()),
  durationMs: nullable(Type.Integer()),
  error: nullable(TurnError),
  items: Type.Array(ThreadItem),
  startedAt: nullable(Type.Integer()),
  status: TurnStatus,
});
export type Turn = Static<typeof Turn>;

export const TurnStartParams = Type.Object({
  threadId: Type.String(),
  approvalPolicy: Type.Optional(nullable(AskForApproval)),
  approvalsReviewer: Type.Optional(nullable(ApprovalsReviewer)),
  collaborationMode: Type.Optional(nullable(CollaborationMode)),
  cwd: Type.Optional(nullable(Type.String())),
  effort: Type.Optional(nullable(ReasoningEffort)),
  input: Type.Array(UserInput),
  model: Type.Optional(nullable(Type.String())),
  outputSchema: Type.Optional(Type.Unknown()),
  personality: Type.Optional(nullable(Personality)),
  responsesapiClientMetadata: Type.Optional(nullable(Type.Record(Type.String(), Type.String()))),
  sandboxPolicy: Type.Optional(nullable(SandboxPolicy)),
  serviceTier: Type.Optional(nullable(ServiceTier)),
  summary: Type.Optional(nullable(ReasoningSummary)),
});
export type TurnStartParams = Static<typeof TurnStartParams>;

export const TurnStartResponse = Type.Object({
  turn: Turn,
});
export type TurnStartResponse = Static<typeof TurnStartResponse>;

export const TurnSteerParams = Type.Object({
  threadId: Type.String(),
  expectedTurnId: Type.String(),
  input: Type.Array(UserInput),
  responsesapiClientMetadata: Type.Optional(nullable(Type.Record(Type.String(), Type.String()))),
});
export type TurnSteerParams = Static<typeof TurnSteerParams>;

export const TurnSteerResponse = Type.Object({
  turnId: Type.String(),
});
export type TurnSteerResponse = Static<typeof TurnSteerResponse>;

export const TurnInterruptParams = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
});
export type TurnInterruptParams = Static<typeof TurnInterruptParams>;

export const TurnInterruptResponse = Type.Object({});
export type TurnInterruptResponse = Static<typeof TurnInterruptResponse>;

export const TurnStartedNotification = Type.Object({
  threadId: Type.String(),
  turn: Turn,
});
export type TurnStartedNotification = Static<typeof TurnStartedNotification>;

export const TurnCompletedNotification = Type.Object({
  threadId: Type.String(),
  turn: Turn,
});
export type TurnCompletedNotification = Static<typeof TurnCompletedNotification>;

export const TurnDiffUpdatedNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  diff: Type.String(),
});
export type TurnDiffUpdatedNotification = Static<typeof TurnDiffUpdatedNotification>;

export const TurnPlanStepStatus = oneOf(["pending", "inProgress", "completed"]);
export type TurnPlanStepStatus = Static<typeof TurnPlanStepStatus>;

export const TurnPlanStep = Type.Object({
  status: TurnPlanStepStatus,
  step: Type.String(),
});
export type TurnPlanStep = Static<typeof TurnPlanStep>;

export const TurnPlanUpdatedNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  explanation: nullable(Type.String()),
  plan: Type.Array(TurnPlanStep),
});
export type TurnPlanUpdatedNotification = Static<typeof TurnPlanUpdatedNotification>;

export const ErrorNotification = Type.Object({
  threadId: Type.String(),
  turnId: Type.String(),
  error: TurnError,
  willRetry: Type.Boolean(),
});
export type ErrorNotification = Static<typeof ErrorNotification>;
