// Skills: folders with a SKILL.md that the agent can be told of.
import type { SkillsListParams, SkillsListResponse } from "../protocol/types/skills.ts";

export interface SkillFinder {
  /** `skills/list`; no cwd means the server's own. */
  listSkills(params: SkillsListParams): Promise<SkillsListResponse>;
}

export interface SkillFinderOptions {
  readonly codexHome: string;
  /** The person's home folder, or null. */
  readonly home: string | null;
  readonly serverCwd: string;
  /** Names that mark a project's root. Default `[".git"]`. */
  readonly projectRootMarkers?: readonly string[];
}

export function createSkillFinder(_options: SkillFinderOptions): SkillFinder {
  throw new Error("in the making");
}
