// The command line on top of config.toml, in a home of its own.
import assert from "node:assert/strict";
import type { ConfigArgs } from "../../../src/cli/config_args.ts";
import { findLocalProvider } from "../../../src/cli/local_provider.ts";
import { localModelSettings, makeConfigLoader, overridesOf } from "../../../src/cli/session_config.ts";
import type { EffectiveConfig } from "../../../src/config/effective_config.ts";

const nothing: ConfigArgs = { assignments: [], settings: [], profile: null, writableRoots: [], localProvider: null };

async function load(toml: string, args: Partial<ConfigArgs>): Promise<EffectiveConfig> {
  const codexHome = await Deno.makeTempDir({ prefix: "codex-test-" });
  try {
    await Deno.writeTextFile(`${codexHome}/config.toml`, toml);
    const options = { codexHome, environment: {}, folder: codexHome };
    const loader = await makeConfigLoader({ ...nothing, ...args }, options);
    return (await loader.load(codexHome)).config;
  } finally {
    await Deno.remove(codexHome, { recursive: true });
  }
}

Deno.test("makeConfigLoader() lays assignments over the file and flags over assignments", async () => {
  const config = await load('model = "file"\nmodel_reasoning_effort = "low"\n', {
    assignments: ["model=assigned", "model_reasoning_effort=high"],
    settings: [{ key: "model", value: "flag" }],
  });
  assert.deepEqual([config.model, config.reasoningEffort], ["flag", "high"]);
});

Deno.test("makeConfigLoader() adds folders to the configured ones", async () => {
  const config = await load('[sandbox_workspace_write]\nwritable_roots = ["/configured"]\n', {
    writableRoots: ["/usr", "."],
  });
  assert.deepEqual(config.sandboxWorkspaceWrite.writableRoots, ["/configured", "/usr", config.codexHome]);
  await assert.rejects(load("", { writableRoots: ["missing"] }), {
    code: "USAGE",
    message: /there is no such folder$/,
  });
});

Deno.test("makeConfigLoader() takes the local provider and its model before what was said outright", async () => {
  const plain = await load('model = "file"\n', { localProvider: "ollama" });
  assert.deepEqual([plain.modelProvider.id, plain.model], ["ollama", "gpt-oss:20b"]);
  const named = await load("", { localProvider: "lmstudio", settings: [{ key: "model", value: "mine" }] });
  assert.deepEqual([named.modelProvider.id, named.model], ["lmstudio", "mine"]);
});

Deno.test("makeConfigLoader() asks config.toml which local provider is meant", async () => {
  const config = await load('oss_provider = "lmstudio"\n', { localProvider: "detect" });
  assert.equal(config.modelProvider.id, "lmstudio");
});

Deno.test("overridesOf() refuses an assignment without a value", () => {
  assert.throws(() => overridesOf({ ...nothing, assignments: ["model"] }), { code: "USAGE" });
});

Deno.test("localModelSettings() names a model for each local provider", () => {
  assert.deepEqual(["ollama", "lmstudio"].map((id) => localModelSettings(id).length), [2, 2]);
});

const found: [running: readonly string[], configured: string | null, provider: string | RegExp][] = [
  [["ollama"], null, "ollama"],
  [["lmstudio"], null, "lmstudio"],
  [["ollama", "lmstudio"], "lmstudio", "lmstudio"],
  [[], "ollama", "ollama"],
  [[], null, /no local model server answers/],
  [["ollama", "lmstudio"], null, /more than one local model server answers/],
];
for (const [running, configured, provider] of found) {
  Deno.test(`findLocalProvider() with ${running.join(" and ") || "nothing"} running, configured: ${configured}`, async () => {
    const answer = findLocalProvider({ configured, isRunning: (id) => Promise.resolve(running.includes(id)) });
    if (typeof provider === "string") assert.equal(await answer, provider);
    else await assert.rejects(answer, { message: provider });
  });
}
