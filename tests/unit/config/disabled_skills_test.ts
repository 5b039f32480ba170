import assert from "node:assert/strict";
import { disabledSkillPaths } from "../../../src/config/disabled_skills.ts";

Deno.test("disabledSkillPaths() takes the entries that are switched off", () => {
  const config = [{ path: "/a", enabled: false }, { path: "/b", enabled: true }, { name: "c", enabled: false }, "x"];
  assert.deepEqual(disabledSkillPaths({ skills: { config } }), ["/a"]);
  for (const table of [{}, { skills: "x" }, { skills: {} }]) assert.deepEqual(disabledSkillPaths(table), []);
});
