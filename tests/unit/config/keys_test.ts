import assert from "node:assert/strict";
import { KEYS, PROFILE_KEYS, ROOT } from "../../../src/config/keys.ts";
import { projectFields } from "../../../src/config/value_type.ts";

Deno.test("KEYS has no name twice, and says what each key is for", () => {
  const names = KEYS.map((key) => key.name);
  assert.equal(new Set(names).size, names.length);
  for (const key of KEYS) {
    assert.match(key.name, /^[a-z][a-z0-9_]*$/);
    assert.ok(key.meaning !== "" && key.default !== "", key.name);
    assert.doesNotMatch(key.meaning + key.default, /\.$/, key.name);
  }
});

Deno.test("KEYS has every key that a profile may lay over", () => {
  const names = new Set(KEYS.map((key) => key.name));
  // Old names that only profiles have, recorded from the reference.
  const onlyInProfiles = ["include_apply_patch_tool", "tools_view_image"];
  assert.deepEqual(PROFILE_KEYS.filter((key) => !names.has(key)).sort(), onlyInProfiles);
});

Deno.test("KEYS answers a value for every key of an empty configuration", () => {
  for (const [name, value] of Object.entries(projectFields(ROOT.fields, {}))) assert.notEqual(value, undefined, name);
});
