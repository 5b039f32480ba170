// What the configuration says about skills: where a project ends, and which skills `skills.config` switches off.
import { isAbsolutePath } from "../base/absolute_path.ts";
import { CodexError } from "../base/errors.ts";
import type { ConfigLoader } from "./config_loader.ts";
import type { ConfigTable } from "./loaded_config.ts";
import { isList, isTable, ownValue } from "./value_type.ts";

export interface SkillSettings {
  /** Null: the built-in ones. */
  readonly projectRootMarkers: readonly string[] | null;
  readonly disabledPaths: readonly string[];
  readonly disabledNames: readonly string[];
}

const DEFAULTS: SkillSettings = { projectRootMarkers: null, disabledPaths: [], disabledNames: [] };

/** Those for a folder. A configuration that cannot be loaded counts as none: its problem is told elsewhere. */
export async function readSkillSettings(loader: ConfigLoader, cwd: string): Promise<SkillSettings> {
  try {
    const { config, merged } = await loader.load(cwd);
    return { projectRootMarkers: config.projectRootMarkers, ...disabledSkills(merged) };
  } catch (error) {
    if (error instanceof CodexError) return DEFAULTS;
    throw error;
  }
}

/**
 * The entries whose last word is `enabled = false`: SKILL.md files by absolute path, and names. `table` is a loaded
 * configuration's `merged`.
 */
export function disabledSkills(table: ConfigTable): Pick<SkillSettings, "disabledPaths" | "disabledNames"> {
  const skills = ownValue(table, "skills");
  const entries = isTable(skills) ? ownValue(skills, "config") : undefined;
  const paths = new Map<string, boolean>();
  const names = new Map<string, boolean>();
  for (const entry of isList(entries) ? entries : []) {
    if (!isTable(entry)) continue;
    const enabled = ownValue(entry, "enabled") !== false;
    const path = ownValue(entry, "path");
    const name = ownValue(entry, "name");
    if (typeof path === "string" && isAbsolutePath(path)) paths.set(path, enabled);
    else if (typeof name === "string") names.set(name, enabled);
  }
  return { disabledPaths: switchedOff(paths), disabledNames: switchedOff(names) };
}

function switchedOff(switches: ReadonlyMap<string, boolean>): string[] {
  return [...switches].filter(([, enabled]) => !enabled).map(([key]) => key);
}
