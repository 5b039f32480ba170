import assert from "node:assert/strict";
import type { ShellEnvironmentPolicyConfig } from "../../../src/config/effective_config.ts";
import { commandEnvironment } from "../../../src/config/shell_environment.ts";

const BASE = { HOME: "/h", LANG: "C", PATH: "/bin", PLAIN: "1", MY_TOKEN: "t", api_key: "k", FOO_SECRET: "s", P2: "2" };
const POLICY: ShellEnvironmentPolicyConfig = {
  inherit: "all",
  ignoreDefaultExcludes: false,
  exclude: [],
  set: {},
  includeOnly: [],
};

Deno.test("commandEnvironment() follows the policy", () => {
  const rows: [string, Partial<ShellEnvironmentPolicyConfig>, string[]][] = [
    ["by default, without what looks like a secret", {}, ["HOME", "LANG", "P2", "PATH", "PLAIN"]],
    ["with everything", { ignoreDefaultExcludes: true }, Object.keys(BASE)],
    ["core", { inherit: "core" }, ["HOME", "LANG", "PATH"]],
    ["none", { inherit: "none", set: { A: "b" } }, ["A"]],
    ["exclude", { exclude: ["p*", "L?NG"] }, ["HOME"]],
    ["set is not excluded", { exclude: ["*"], set: { MY_TOKEN: "x" } }, ["MY_TOKEN"]],
    ["include_only comes last", { includeOnly: ["P*"], set: { Q: "1", PQ: "1" } }, ["P2", "PATH", "PLAIN", "PQ"]],
    ["special characters are plain", { includeOnly: ["P.*", "[P]LAIN"] }, []],
  ];
  for (const [name, policy, names] of rows) {
    const result = commandEnvironment(BASE, { ...POLICY, ...policy });
    assert.deepEqual(Object.keys(result).sort(), [...names].sort(), name);
  }
  assert.equal(commandEnvironment(BASE, { ...POLICY, set: { PLAIN: "new" } })["PLAIN"], "new");
});
