// Wire types of the `account` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type } from "../schema.ts";

export const GetAccountParams = Type.Object({
  refreshToken: Type.Optional(Type.Boolean()),
});
export type GetAccountParams = Static<typeof GetAccountParams>;

export const PlanType = oneOf([
  "free",
  "go",
  "plus",
  "pro",
  "team",
  "self_serve_business_usage_based",
  "business",
  "enterprise_cbp_usage_based",
  "enterprise",
  "edu",
  "unknown",
]);
export type PlanType = Static<typeof PlanType>;

export const Account = Type.Union([
  Type.Object({
    type: Type.Literal("apiKey"),
  }),
  Type.Object({
    type: Type.Literal("chatgpt"),
    email: Type.String(),
    planType: PlanType,
  }),
]);
export type Account = Static<typeof Account>;

export const GetAccountResponse = Type.Object({
  account: nullable(Account),
  requiresOpenaiAuth: Type.Boolean(),
});
export type GetAccountResponse = Static<typeof GetAccountResponse>;

export const CreditsSnapshot = Type.Object({
  balance: nullable(Type.String()),
  hasCredits: Type.Boolean(),
  unlimited: Type.Boolean(),
});
export type CreditsSnapshot = Static<typeof CreditsSnapshot>;

export const RateLimitWindow = Type.Object({
  resetsAt: nullable(Type.Integer()),
  usedPercent: Type.Integer(),
  windowDurationMins: nullable(Type.Integer()),
});
export type RateLimitWindow = Static<typeof RateLimitWindow>;

export const RateLimitSnapshot = Type.Object({
  credits: nullable(CreditsSnapshot),
  limitId: nullable(Type.String()),
  limitName: nullable(Type.String()),
  planType: nullable(PlanType),
  primary: nullable(RateLimitWindow),
  secondary: nullable(RateLimitWindow),
});
export type RateLimitSnapshot = Static<typeof RateLimitSnapshot>;

export const AccountRateLimitsUpdatedNotification = Type.Object({
  rateLimits: RateLimitSnapshot,
});
export type AccountRateLimitsUpdatedNotification = Static<typeof AccountRateLimitsUpdatedNotification>;
