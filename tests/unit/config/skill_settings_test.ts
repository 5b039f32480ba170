import assert from "node:assert/strict";
import { disabledSkills, readSkillSettings } from "../../../src/config/skill_settings.ts";
import { makeHome } from "./_home.ts";

Deno.test("disabledSkills() takes the entries that are switched off, the last of each", () => {
  const config = [
    { path: "/a", enabled: false },
    { path: "/b", enabled: true },
    { name: "c", enabled: false },
    { path: "relative", enabled: false },
    { path: "/d", enabled: false },
    { path: "/d", enabled: true },
    { enabled: false },
    "x",
  ];
  assert.deepEqual(disabledSkills({ skills: { config } }), { disabledPaths: ["/a"], disabledNames: ["c"] });
  for (const table of [{}, { skills: "x" }, { skills: {} }]) {
    assert.deepEqual(disabledSkills(table), { disabledPaths: [], disabledNames: [] });
  }
});

Deno.test("readSkillSettings() reads those of the folder, and none of a configuration that is broken", async () => {
  await using home = await makeHome(
    'project_root_markers = [".marker"]\n[[skills.config]]\npath = "/a/SKILL.md"\nenabled = false\n',
  );
  assert.deepEqual(await readSkillSettings(home.loader(), home.root), {
    projectRootMarkers: [".marker"],
    disabledPaths: ["/a/SKILL.md"],
    disabledNames: [],
  });
  await home.write("home/config.toml", "model = 3\n");
  assert.deepEqual(await readSkillSettings(home.loader(), home.root), {
    projectRootMarkers: null,
    disabledPaths: [],
    disabledNames: [],
  });
});
