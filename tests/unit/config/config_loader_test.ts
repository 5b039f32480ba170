import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import { ConfigError } from "../../../src/config/config_error.ts";
import type { EffectiveConfig } from "../../../src/config/effective_config.ts";
import { parseOverride } from "../../../src/config/override.ts";
import { makeHome } from "./_home.ts";

Deno.test("load() fills in every default for an empty home", async () => {
  await using home = await makeHome();
  const { config, layers, origins, warnings } = await home.loader().load(null);
  const expected: EffectiveConfig = {
    codexHome: home.codexHome,
    model: null,
    modelProvider: {
      id: "openai",
      name: "OpenAI",
      baseUrl: "https://api.openai.com/v1",
      envKey: null,
      envKeyInstructions: null,
      bearerToken: null,
      queryParams: {},
      httpHeaders: {},
      envHttpHeaders: {},
      requestMaxRetries: 4,
      streamMaxRetries: 5,
      streamIdleTimeoutMs: 300_000,
      requiresOpenaiAuth: true,
    },
    modelContextWindow: null,
    reasoningEffort: null,
    reasoningSummary: null,
    verbosity: null,
    serviceTier: null,
    personality: null,
    baseInstructions: null,
    developerInstructions: null,
    approvalPolicy: "on-request",
    approvalsReviewer: "user",
    sandboxMode: "read-only",
    sandboxWorkspaceWrite: {
      writableRoots: [],
      networkAccess: false,
      excludeTmpdirEnvVar: false,
      excludeSlashTmp: false,
      allowGitWrites: false,
      allowUnixSockets: [],
      allowLoopbackPorts: [],
    },
    permissions: null,
    legacyLandlock: false,
    windowsSandbox: { level: "unelevated", privateDesktop: true },
    shellEnvironmentPolicy: { inherit: "all", ignoreDefaultExcludes: false, exclude: [], set: {}, includeOnly: [] },
    allowLoginShell: true,
    projectTrusted: false,
    projectRootMarkers: [".git"],
    projectDocMaxBytes: 32768,
    projectDocFallbackFilenames: [],
    toolOutputTokenLimit: null,
    hideAgentReasoning: false,
    showRawAgentReasoning: false,
  };
  assert.deepEqual(config, expected);
  assert.deepEqual(layers.map((layer) => layer.source.type), ["system", "user"]);
  assert.deepEqual([origins, warnings], [{}, []]);
});

Deno.test("load() reads every key that it acts on", async () => {
  await using home = await makeHome(`
model = "m"
model_provider = "q"
model_context_window = 1000
model_reasoning_effort = "xhigh"
model_reasoning_summary = "none"
model_verbosity = "high"
service_tier = "flex"
personality = "pragmatic"
model_instructions_file = "prompt.md"
developer_instructions = "dev"
approval_policy = { granular = { sandbox_approval = true, rules = false, mcp_elicitations = true } }
approvals_reviewer = "guardian_subagent"
sandbox_mode = "workspace-write"
allow_login_shell = false
project_root_markers = [".hg"]
project_doc_max_bytes = 7
project_doc_fallback_filenames = ["A.md"]
tool_output_token_limit = 9
hide_agent_reasoning = true
show_raw_agent_reasoning = true
unknown_key = { deep = 1 }

[sandbox_workspace_write]
writable_roots = ["/abs", "rel", "~/x", ""]
network_access = true
exclude_tmpdir_env_var = true
exclude_slash_tmp = true
allow_unix_sockets = ["/abs/s", "rel/s", "$SSH_AUTH_SOCK"]

[shell_environment_policy]
inherit = "core"
ignore_default_excludes = true
exclude = ["A*"]
set = { B = "c" }
include_only = ["P*"]

[history]
persistence = "none"

[model_providers.q]
name = "Q"
base_url = "http://127.0.0.1:1/v1/"
env_key = "K"
env_key_instructions = "Ask."
experimental_bearer_token = "t"
wire_api = "responses"
query_params = { a = "b" }
http_headers = { c = "d" }
env_http_headers = { e = "F" }
request_max_retries = 1000
stream_max_retries = 0
stream_idle_timeout_ms = 5
requires_openai_auth = true
`);
  await home.write("home/prompt.md", "Be good.");
  const { config } = await home.loader().load(null);
  assert.deepEqual(config, {
    codexHome: home.codexHome,
    model: "m",
    modelProvider: {
      id: "q",
      name: "Q",
      baseUrl: "http://127.0.0.1:1/v1",
      envKey: "K",
      envKeyInstructions: "Ask.",
      bearerToken: "t",
      queryParams: { a: "b" },
      httpHeaders: { c: "d" },
      envHttpHeaders: { e: "F" },
      requestMaxRetries: 100,
      streamMaxRetries: 0,
      streamIdleTimeoutMs: 5,
      requiresOpenaiAuth: true,
    },
    modelContextWindow: 1000,
    reasoningEffort: "xhigh",
    reasoningSummary: "none",
    verbosity: "high",
    serviceTier: "flex",
    personality: "pragmatic",
    baseInstructions: "Be good.",
    developerInstructions: "dev",
    approvalPolicy: {
      granular: {
        sandbox_approval: true,
        rules: false,
        skill_approval: false,
        request_permissions: false,
        mcp_elicitations: true,
      },
    },
    approvalsReviewer: "guardian_subagent",
    sandboxMode: "workspace-write",
    sandboxWorkspaceWrite: {
      writableRoots: ["/abs", `${home.codexHome}/rel`, `${home.root}/x`],
      networkAccess: true,
      excludeTmpdirEnvVar: true,
      excludeSlashTmp: true,
      allowGitWrites: false,
      allowUnixSockets: ["/abs/s", `${home.codexHome}/rel/s`, "$SSH_AUTH_SOCK"],
      allowLoopbackPorts: [],
    },
    permissions: null,
    legacyLandlock: false,
    windowsSandbox: { level: "unelevated", privateDesktop: true },
    shellEnvironmentPolicy: {
      inherit: "core",
      ignoreDefaultExcludes: true,
      exclude: ["A*"],
      set: { B: "c" },
      includeOnly: ["P*"],
    },
    allowLoginShell: false,
    projectTrusted: false,
    projectRootMarkers: [".hg"],
    projectDocMaxBytes: 7,
    projectDocFallbackFilenames: ["A.md"],
    toolOutputTokenLimit: 9,
    hideAgentReasoning: true,
    showRawAgentReasoning: true,
  });
});

Deno.test("load() lays system, user, project, profile, flags and request over each other", async () => {
  await using home = await makeHome();
  const project = `${home.root}/ws`;
  await home.makeFolder("ws/.git");
  await home.makeFolder("ws/sub/deep");
  await home.write("ws/.codex/config.toml", 'model = "root"\nmodel_verbosity = "low"\n');
  await home.write("ws/sub/.codex/config.toml", 'model = "sub"\n');
  await home.write("etc/config.toml", 'model = "system"\nmodel_provider = "ollama"\n');
  const trust = `[projects."${project}"]\ntrust_level = "trusted"\n`;
  const user = 'model = "user"\nprofile = "p"\n[profiles.p]\nmodel = "profile"\nnotify = ["x"]\n' + trust;
  const flags = { overrides: [parseOverride("model=flag")] };
  const rows = [
    { name: "system", config: "", cwd: null, model: "system" },
    { name: "user", config: 'model = "user"\n', cwd: null, model: "user" },
    { name: "an untrusted project", config: 'model = "user"\n', cwd: `${project}/sub`, model: "user" },
    { name: "a trusted project", config: trust, cwd: project, model: "root" },
    { name: "the nearest project folder", config: trust, cwd: `${project}/sub/deep`, model: "sub" },
    { name: "a profile", config: user, cwd: `${project}/sub`, model: "profile" },
    { name: "flags", config: user, cwd: `${project}/sub`, rest: flags, model: "flag" },
    { name: "the request", config: user, cwd: project, rest: flags, request: { model: "asked" }, model: "asked" },
    { name: "a profile by flag", config: "[profiles.q]\nmodel='q'\n", cwd: null, rest: { profile: "q" }, model: "q" },
    {
      name: "a profile by request",
      config: user,
      cwd: null,
      request: { "profiles.r.model": "r", profile: "r" },
      model: "r",
    },
    { name: "a null in the request", config: user, cwd: null, request: { model: null }, model: "profile" },
  ];
  for (const row of rows) {
    await home.write("home/config.toml", row.config);
    const { config } = await home.loader(row.rest).load(row.cwd, row.request);
    assert.equal(config.model, row.model, row.name);
    assert.equal(config.modelProvider.id, "ollama", row.name);
  }
});

Deno.test("load() decides sandbox and approvals by trust", async () => {
  await using home = await makeHome();
  await home.makeFolder("ws/.git");
  await home.makeFolder("ws/sub");
  await home.write("tree/.git", `gitdir: ${home.root}/ws/.git/worktrees/tree\n`);
  await Deno.symlink(`${home.root}/ws`, `${home.root}/link`);
  const rows = [
    { level: null, cwd: "ws", expected: [false, "read-only", "on-request"] },
    { level: "trusted", cwd: "ws", expected: [true, "workspace-write", "on-request"] },
    { level: "trusted", cwd: "ws/sub", expected: [true, "workspace-write", "on-request"] },
    { level: "trusted", cwd: "tree", expected: [true, "workspace-write", "on-request"] },
    { level: "trusted", cwd: "link/sub", expected: [true, "workspace-write", "on-request"] },
    { level: "trusted", cwd: "home", expected: [false, "read-only", "on-request"] },
    { level: "untrusted", cwd: "ws/sub", expected: [false, "read-only", "untrusted"] },
  ];
  for (const { level, cwd, expected } of rows) {
    const text = level === null ? "" : `[projects."${home.root}/ws"]\ntrust_level = "${level}"\n`;
    await home.write("home/config.toml", text);
    const { config } = await home.loader().load(`${home.root}/${cwd}`);
    assert.deepEqual(
      [config.projectTrusted, config.sandboxMode, config.approvalPolicy],
      expected,
      `${level} ${cwd}`,
    );
  }
});

Deno.test("load() says which project layer it left out, and why", async () => {
  await using home = await makeHome();
  await home.makeFolder("ws/.git");
  await home.write("ws/.codex/config.toml", 'model = "evil"\nsandbox_mode = "bogus"\n');
  const cwd = `${home.root}/ws`;
  const { config, warnings, layers } = await home.loader().load(cwd);
  assert.equal(config.model, null);
  const details = `To load config.toml, add ${cwd} as a trusted project in ${home.codexHome}/config.toml.`;
  assert.deepEqual(warnings, [{
    summary: "Project configuration is not loaded",
    details,
    path: `${cwd}/.codex/config.toml`,
  }]);
  assert.equal(layers.find((layer) => layer.source.type === "project")?.disabledReason, details);
  await home.write("ws/.codex/config.toml", "not = = toml");
  assert.equal((await home.loader().load(cwd)).config.model, null);
});

interface ErrorRow {
  readonly name: string;
  readonly config: string;
  /** After the file's path. */
  readonly message: string;
  readonly hint?: RegExp;
}

const ERRORS: readonly ErrorRow[] = [
  {
    name: "text that is not TOML",
    config: 'a = 1\nmodel = "x" "y"\n',
    message: ":2:13: invalid TOML: each key-value declaration must be followed by an end-of-line\n" +
      '  |\n2 | model = "x" "y"\n  |             ^',
    hint: /Correct the TOML/,
  },
  {
    name: "a value outside the choices",
    config: '# comment\nsandbox_mode = "bogus"\n',
    message: ":2:16: unknown variant `bogus`, expected one of `read-only`, `workspace-write`, `danger-full-access`\n" +
      '  |\n2 | sandbox_mode = "bogus"\n  |                ^',
    hint: /Correct "sandbox_mode" there, or remove it/,
  },
  {
    name: "a choice of two",
    config: '[projects."/x.y"]\ntrust_level = "maybe"\n',
    message: ":2:15: unknown variant `maybe`, expected `trusted` or `untrusted`\n" +
      '  |\n2 | trust_level = "maybe"\n  |               ^',
    hint: /projects\."\/x\.y"\.trust_level/,
  },
  {
    name: "a wrong type after wide characters and a tab",
    config: '\tnotify = ["é🎉", 3]\n',
    message:
      ':1:18: invalid type: integer `3`, expected a string\n  |\n1 | \tnotify = ["é🎉", 3]\n  | \t                ^',
  },
  {
    name: "a wrong type of policy",
    config: "approval_policy = 3\n",
    message:
      ":1:19: invalid type: integer `3`, expected string or table\n  |\n1 | approval_policy = 3\n  |                   ^",
  },
  {
    name: "an unknown policy",
    config: 'approval_policy = "sometimes"\n',
    message:
      ":1:19: unknown variant `sometimes`, expected one of `untrusted`, `on-failure`, `on-request`, `granular`, `never`\n" +
      '  |\n1 | approval_policy = "sometimes"\n  |                   ^',
  },
  {
    name: "a missing field in an inline table",
    config: "approval_policy = { granular = { rules = true } }\n",
    message: ":1:32: missing field `sandbox_approval`\n" +
      "  |\n1 | approval_policy = { granular = { rules = true } }\n  |                                ^",
  },
  {
    name: "a missing field in a table",
    config: '\n[model_providers.q]\nbase_url = "http://x"\n',
    message: ":2:1: missing field `name`\n  |\n2 | [model_providers.q]\n  | ^",
  },
  {
    name: "a negative count",
    config: "project_doc_max_bytes = -1",
    message: ":1:25: invalid value: integer `-1`, expected an integer of at least 0\n" +
      "  |\n1 | project_doc_max_bytes = -1\n  |                         ^",
  },
  {
    name: "an old wire API",
    config: '[model_providers.q]\nname = "Q"\nwire_api = "chat"\n',
    message: ':3:12: `wire_api = "chat"` is not supported\n  |\n3 | wire_api = "chat"\n  |            ^',
    hint: /wire_api = "responses"/,
  },
  {
    name: "a built-in provider overridden",
    config: '[model_providers.openai]\nname = "Q"\n',
    message: ":1:1: the provider id `openai` is built in and cannot be overridden\n" +
      "  |\n1 | [model_providers.openai]\n  | ^",
    hint: /openai-custom/,
  },
  {
    name: "an address that is none",
    config: '[model_providers.q]\nname = "Q"\nbase_url = "localhost:1"\n',
    message: ':3:12: `localhost:1` is not an http or https URL\n  |\n3 | base_url = "localhost:1"\n  |            ^',
  },
  {
    name: "an unknown profile",
    config: 'profile = "nope"\n[profiles.a]\n[profiles.b]\n',
    message: ':1:11: config profile `nope` not found\n  |\n1 | profile = "nope"\n  |           ^',
    hint: /Choose one of a, b/,
  },
  {
    name: "an unknown provider",
    config: 'model_provider = "nope"\n',
    message: ':1:18: Model provider `nope` not found\n  |\n1 | model_provider = "nope"\n  |                  ^',
    hint: /\[model_providers\.nope\]/,
  },
  {
    name: "an unknown provider in a profile",
    config: 'model_provider = "openai"\nprofile = "p"\n[profiles.p]\nmodel_provider = "nope"\n',
    message: ':4:18: Model provider `nope` not found\n  |\n4 | model_provider = "nope"\n  |                  ^',
  },
  {
    name: "a mistake in a profile that is not chosen",
    config: "[profiles.p]\nmodel = 3\n",
    message: ":2:9: invalid type: integer `3`, expected a string\n  |\n2 | model = 3\n  |         ^",
  },
];

for (const row of ERRORS) {
  Deno.test(`load() points at ${row.name}`, async () => {
    await using home = await makeHome(row.config);
    await assert.rejects(home.loader().load(null), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.code, "CONFIG_INVALID");
      assert.equal(error.message, `${home.codexHome}/config.toml${row.message}`);
      assert.equal(error.summary, error.message.split("\n")[0]);
      assert.match(error.hint ?? "", row.hint ?? /./);
      return true;
    });
  });
}

Deno.test("load() tells of a bad value that no file holds as recorded", async () => {
  await using home = await makeHome('sandbox_mode = "read-only"\n');
  const bogus = "unknown variant `bogus`, expected one of `read-only`, `workspace-write`, `danger-full-access`\n" +
    "in `sandbox_mode`\n";
  const rows = [
    { rest: {}, request: { sandbox_mode: "bogus" }, message: bogus },
    { rest: { overrides: [parseOverride("sandbox_mode=bogus")] }, request: {}, message: bogus },
    { rest: {}, request: { profile: "nope" }, message: "config profile `nope` not found" },
    { rest: { profile: "nope" }, request: {}, message: "config profile `nope` not found" },
    { rest: {}, request: { model_provider: "nope" }, message: "Model provider `nope` not found" },
  ];
  for (const { rest, request, message } of rows) {
    await assert.rejects(home.loader(rest).load(null, request), { name: "ConfigError", message, summary: message });
  }
});

Deno.test("load() tells of files that it cannot read", async () => {
  await using home = await makeHome();
  const rows: { config: string; message: RegExp }[] = [
    { config: 'model_instructions_file = "none.md"', message: /^The instructions file ".*none\.md" does not exist$/ },
    { config: 'model_instructions_file = "empty.md"', message: /^The instructions file ".*empty\.md" is empty$/ },
    { config: 'model_instructions_file = "."', message: /^Cannot read the instructions file/ },
  ];
  await home.write("home/empty.md", " \n");
  for (const { config, message } of rows) {
    await home.write("home/config.toml", config);
    await assert.rejects(home.loader().load(null), (error) => {
      assert.ok(error instanceof CodexError);
      assert.equal(error.code, "CONFIG_UNREADABLE");
      assert.match(error.message, message);
      return true;
    });
  }
  await Deno.remove(`${home.codexHome}/config.toml`);
  await home.makeFolder("home/config.toml");
  await assert.rejects(home.loader().load(null), { code: "CONFIG_UNREADABLE" });
});

Deno.test("load() sees each change of a file, also one of the same size at once", async () => {
  await using home = await makeHome('model = "a"\n');
  const loader = home.loader();
  for (const model of ["a", "b", "c", "longer", "d"]) {
    await home.write("home/config.toml", `model = "${model}"\n`);
    assert.equal((await loader.load(null)).config.model, model);
  }
  await home.write("home/config.toml", "model = 3\n");
  await assert.rejects(loader.load(null), ConfigError);
  await home.write("home/config.toml", "[[[\n");
  await assert.rejects(loader.load(null), ConfigError);
  await home.write("home/config.toml", 'model = "e"\n');
  assert.equal((await loader.load(null)).config.model, "e");
});

Deno.test("load() takes the built-in local providers' addresses from the environment", async () => {
  await using home = await makeHome('model_provider = "ollama"\nopenai_base_url = "http://127.0.0.1:9/v1/"\n');
  const url = async (environment: Record<string, string>, request = {}): Promise<string> =>
    (await home.loader({ environment }).load(null, request)).config.modelProvider.baseUrl;
  assert.equal(await url({}), "http://localhost:11434/v1");
  assert.equal(await url({ CODEX_OSS_PORT: "5" }), "http://localhost:5/v1");
  assert.equal(await url({ CODEX_OSS_BASE_URL: "http://box/v1/" }), "http://box/v1");
  assert.equal(await url({}, { model_provider: "lmstudio" }), "http://localhost:1234/v1");
  assert.equal(await url({}, { model_provider: "openai" }), "http://127.0.0.1:9/v1");
});
