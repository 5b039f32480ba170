// Which skills `skills.config` switches off.
import type { ConfigTable } from "./loaded_config.ts";
import { isList, isTable, ownValue } from "./value_type.ts";

/** The SKILL.md paths with `enabled = false`; `table` is a loaded configuration's `merged`. */
export function disabledSkillPaths(table: ConfigTable): readonly string[] {
  const skills = ownValue(table, "skills");
  const entries = isTable(skills) ? ownValue(skills, "config") : undefined;
  if (!isList(entries)) return [];
  return entries.flatMap((entry) => {
    if (!isTable(entry) || ownValue(entry, "enabled") !== false) return [];
    const path = ownValue(entry, "path");
    return typeof path === "string" ? [path] : [];
  });
}
