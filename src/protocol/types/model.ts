// Wire types of the `model` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, Type, u32 } from "../schema.ts";
import { ReasoningEffort } from "./policy.ts";

export const ModelListParams = Type.Object({
  cursor: Type.Optional(nullable(Type.String())),
  includeHidden: Type.Optional(nullable(Type.Boolean())),
  limit: Type.Optional(nullable(u32())),
});
export type ModelListParams = Static<typeof ModelListParams>;

export const ModelAvailabilityNux = Type.Object({
  message: Type.String(),
});
export type ModelAvailabilityNux = Static<typeof ModelAvailabilityNux>;

export const InputModality = Type.Union([
  Type.Literal("text"),
  Type.Literal("image"),
]);
export type InputModality = Static<typeof InputModality>;

export const ReasoningEffortOption = Type.Object({
  description: Type.String(),
  reasoningEffort: ReasoningEffort,
});
export type ReasoningEffortOption = Static<typeof ReasoningEffortOption>;

export const ModelUpgradeInfo = Type.Object({
  migrationMarkdown: nullable(Type.String()),
  model: Type.String(),
  modelLink: nullable(Type.String()),
  upgradeCopy: nullable(Type.String()),
});
export type ModelUpgradeInfo = Static<typeof ModelUpgradeInfo>;

export const Model = Type.Object({
  id: Type.String(),
  additionalSpeedTiers: Type.Array(Type.String()),
  availabilityNux: nullable(ModelAvailabilityNux),
  defaultReasoningEffort: ReasoningEffort,
  description: Type.String(),
  displayName: Type.String(),
  hidden: Type.Boolean(),
  inputModalities: Type.Array(InputModality),
  isDefault: Type.Boolean(),
  model: Type.String(),
  supportedReasoningEfforts: Type.Array(ReasoningEffortOption),
  supportsPersonality: Type.Boolean(),
  upgrade: nullable(Type.String()),
  upgradeInfo: nullable(ModelUpgradeInfo),
});
export type Model = Static<typeof Model>;

export const ModelListResponse = Type.Object({
  data: Type.Array(Model),
  nextCursor: nullable(Type.String()),
});
export type ModelListResponse = Static<typeof ModelListResponse>;
