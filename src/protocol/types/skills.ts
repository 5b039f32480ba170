// Wire types of the `skills` family. Names and shapes are those of the app-server protocol.
import type { Static } from "typebox";
import { nullable, oneOf, Type } from "../schema.ts";

export const SkillsListExtraRootsForCwd = Type.Object({
  cwd: Type.String(),
  extraUserRoots: Type.Array(Type.String()),
});
export type SkillsListExtraRootsForCwd = Static<typeof SkillsListExtraRootsForCwd>;

export const SkillsListParams = Type.Object({
  cwds: Type.Optional(Type.Array(Type.String())),
  forceReload: Type.Optional(Type.Boolean()),
  perCwdExtraUserRoots: Type.Optional(nullable(Type.Array(SkillsListExtraRootsForCwd))),
});
export type SkillsListParams = Static<typeof SkillsListParams>;

export const SkillErrorInfo = Type.Object({
  message: Type.String(),
  path: Type.String(),
});
export type SkillErrorInfo = Static<typeof SkillErrorInfo>;

export const SkillToolDependency = Type.Object({
  type: Type.String(),
  command: Type.Optional(nullable(Type.String())),
  description: Type.Optional(nullable(Type.String())),
  transport: Type.Optional(nullable(Type.String())),
  url: Type.Optional(nullable(Type.String())),
  value: Type.String(),
});
export type SkillToolDependency = Static<typeof SkillToolDependency>;

export const SkillDependencies = Type.Object({
  tools: Type.Array(SkillToolDependency),
});
export type SkillDependencies = Static<typeof SkillDependencies>;

export const SkillInterface = Type.Object({
  brandColor: Type.Optional(nullable(Type.String())),
  defaultPrompt: Type.Optional(nullable(Type.String())),
  displayName: Type.Optional(nullable(Type.String())),
  iconLarge: Type.Optional(nullable(Type.String())),
  iconSmall: Type.Optional(nullable(Type.String())),
  shortDescription: Type.Optional(nullable(Type.String())),
});
export type SkillInterface = Static<typeof SkillInterface>;

export const SkillScope = oneOf(["user", "repo", "system", "admin"]);
export type SkillScope = Static<typeof SkillScope>;

export const SkillMetadata = Type.Object({
  dependencies: Type.Optional(nullable(SkillDependencies)),
  description: Type.String(),
  enabled: Type.Boolean(),
  interface: Type.Optional(nullable(SkillInterface)),
  name: Type.String(),
  path: Type.String(),
  scope: SkillScope,
  shortDescription: Type.Optional(nullable(Type.String())),
});
export type SkillMetadata = Static<typeof SkillMetadata>;

export const SkillsListEntry = Type.Object({
  cwd: Type.String(),
  errors: Type.Array(SkillErrorInfo),
  skills: Type.Array(SkillMetadata),
});
export type SkillsListEntry = Static<typeof SkillsListEntry>;

export const SkillsListResponse = Type.Object({
  data: Type.Array(SkillsListEntry),
});
export type SkillsListResponse = Static<typeof SkillsListResponse>;
