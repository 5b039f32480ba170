import assert from "node:assert/strict";
import { Value } from "typebox/value";
import { parseOverride } from "../../../src/config/override.ts";
import { ConfigReadResponse } from "../../../src/protocol/types/config.ts";
import { makeHome } from "./_home.ts";

const USER_CONFIG = `model = "gpt-5.4"
model_provider = "mock"
approval_policy = "on-request"
sandbox_mode = "workspace-write"
check_for_update_on_startup = false

[model_providers.mock]
name = "mock"
base_url = "http://127.0.0.1:18502/v1"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 2
stream_idle_timeout_ms = 20000

[notice]
hide_rate_limit_model_nudge = true

[projects."/tmp/ws"]
trust_level = "trusted"

[projects."/tmp/ws-d120"]
trust_level = "trusted"
`;
/** Recorded for the same content. */
const VERSION = "sha256:03a3926d72f1343ae675810314aa1224c46edb2eda26b295893ea873df048958";
const EMPTY_VERSION = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/** Every key that the recorded answer has, in its groups. */
const TYPED_KEYS = [
  "model",
  "review_model",
  "model_context_window",
  "model_auto_compact_token_limit",
  "model_provider",
  "approval_policy",
  "approvals_reviewer",
  "sandbox_mode",
  "sandbox_workspace_write",
  "forced_chatgpt_workspace_id",
  "forced_login_method",
  "web_search",
  "tools",
  "profile",
  "profiles",
  "instructions",
  "developer_instructions",
  "compact_prompt",
  "model_reasoning_effort",
  "model_reasoning_summary",
  "model_verbosity",
  "service_tier",
  "analytics",
  "apps",
];
const OTHER_KEYS =
  "model_catalog_json experimental_compact_prompt_file default_permissions project_doc_fallback_filenames plan_mode_reasoning_effort file_opener experimental_realtime_ws_base_url experimental_use_unified_exec_tool plugins log_dir notice windows_wsl_setup_acknowledged agents show_raw_agent_reasoning include_environment_context projects notify feedback skills mcp_oauth_callback_url shell_environment_policy zsh_path permissions model_supports_reasoning_summaries hide_agent_reasoning features experimental_realtime_ws_model model_providers audio model_instructions_file check_for_update_on_startup personality chatgpt_base_url tool_suggest project_doc_max_bytes commit_attribution js_repl_node_path suppress_unstable_features_warning otel sqlite_home mcp_oauth_credentials_store include_permissions_instructions history experimental_realtime_ws_backend_prompt memories windows oss_provider allow_login_shell ghost_snapshot experimental_instructions_file include_apps_instructions experimental_use_freeform_apply_patch disable_paste_burst mcp_servers tui cli_auth_credentials_store tool_output_token_limit openai_base_url realtime experimental_realtime_ws_startup_context experimental_realtime_start_instructions js_repl_node_module_dirs mcp_oauth_callback_port background_terminal_max_timeout project_root_markers"
    .split(" ");

Deno.test("read() answers as recorded: every key, set values, origins and versions", async () => {
  await using home = await makeHome(USER_CONFIG);
  const response = await home.loader().read({ includeLayers: true });
  assert.ok(Value.Check(ConfigReadResponse, response));
  const config: Record<string, unknown> = { ...response.config };
  assert.deepEqual(Object.keys(config).sort(), [...TYPED_KEYS, ...OTHER_KEYS].sort());
  assert.deepEqual(Object.keys(config).slice(0, TYPED_KEYS.length), TYPED_KEYS);
  const set = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  assert.deepEqual(set, {
    model: "gpt-5.4",
    model_provider: "mock",
    approval_policy: "on-request",
    sandbox_mode: "workspace-write",
    profiles: {},
    features: {
      apps: false,
      plugins: false,
      tool_search: false,
      tool_suggest: false,
      tool_call_mcp_elicitation: false,
    },
    mcp_servers: {},
    plugins: {},
    check_for_update_on_startup: false,
    notice: {
      hide_full_access_warning: null,
      hide_world_writable_warning: null,
      hide_rate_limit_model_nudge: true,
      hide_gpt5_1_migration_prompt: null,
      "hide_gpt-5.1-codex-max_migration_prompt": null,
      model_migrations: {},
    },
    projects: { "/tmp/ws": { trust_level: "trusted" }, "/tmp/ws-d120": { trust_level: "trusted" } },
    shell_environment_policy: {
      inherit: null,
      ignore_default_excludes: null,
      exclude: null,
      set: null,
      include_only: null,
      experimental_use_profile: null,
    },
    model_providers: {
      mock: {
        name: "mock",
        base_url: "http://127.0.0.1:18502/v1",
        env_key: null,
        env_key_instructions: null,
        experimental_bearer_token: null,
        auth: null,
        wire_api: "responses",
        query_params: null,
        http_headers: null,
        env_http_headers: null,
        request_max_retries: 1,
        stream_max_retries: 2,
        stream_idle_timeout_ms: 20000,
        websocket_connect_timeout_ms: null,
        requires_openai_auth: false,
        supports_websockets: false,
      },
    },
  });
  const user = { name: { type: "user", file: `${home.codexHome}/config.toml` }, version: VERSION };
  assert.deepEqual(
    response.origins,
    Object.fromEntries(
      [
        "model",
        "model_provider",
        "approval_policy",
        "sandbox_mode",
        "check_for_update_on_startup",
        "model_providers.mock.name",
        "model_providers.mock.base_url",
        "model_providers.mock.wire_api",
        "model_providers.mock.request_max_retries",
        "model_providers.mock.stream_max_retries",
        "model_providers.mock.stream_idle_timeout_ms",
        "notice.hide_rate_limit_model_nudge",
        "projects./tmp/ws.trust_level",
        "projects./tmp/ws-d120.trust_level",
      ].map((key) => [key, user]),
    ),
  );
  assert.deepEqual(
    response.layers?.map(({ name, version }) => ({ name, version })),
    [user, { name: { type: "system", file: `${home.root}/etc/config.toml` }, version: EMPTY_VERSION }],
  );
});

Deno.test("read() leaves layers out unless asked, and keeps its answer while nothing changes", async () => {
  await using home = await makeHome(USER_CONFIG);
  await home.makeFolder("ws/.git");
  const file = `${home.codexHome}/config.toml`;
  const cwd = `${home.root}/ws`;
  const loader = home.loader();
  const params = [{}, { cwd }];
  const fresh = await Promise.all(params.map((each) => loader.read(each)));
  assert.equal("layers" in (fresh[0] ?? {}), false);
  await Deno.utime(file, new Date(0), new Date(0));
  const first = await Promise.all(params.map((each) => loader.read(each)));
  const again = await Promise.all(params.map((each) => loader.read(each)));
  for (const index of [0, 1]) assert.equal(again[index], first[index]);
  await home.write("ws/.codex/config.toml", "");
  assert.notEqual(await loader.read({ cwd }), first[1]);
  assert.equal(await loader.read({}), first[0]);
  await home.write("home/config.toml", USER_CONFIG + "[tui]\ntheme = 'x'\n");
  assert.equal("tui.theme" in (await loader.read({})).origins, true);
});

Deno.test("read() lists project layers nearest first, and flags above all", async () => {
  await using home = await makeHome();
  await home.makeFolder("ws/.git");
  await home.makeFolder("ws/sub/.codex");
  await home.write("ws/.codex/config.toml", 'model = "root"\n[history]\nmax_bytes = 5\n');
  const cwd = `${home.root}/ws/sub`;
  const layersOf = async (config: string): Promise<unknown> => {
    await home.write("home/config.toml", config);
    const loader = home.loader({ overrides: [parseOverride("model_verbosity=low")] });
    const { layers } = await loader.read({ cwd, includeLayers: true });
    return layers?.map(({ name, config, disabledReason }) => [name.type, config, disabledReason]);
  };
  const trusted = '[history]\npersistence = "none"\n';
  const projects = { projects: { [`${home.root}/ws`]: { trust_level: "trusted" } } };
  const history = { history: { persistence: "none" } };
  assert.deepEqual(await layersOf(trusted + `[projects."${home.root}/ws"]\ntrust_level = "trusted"\n`), [
    ["sessionFlags", { model_verbosity: "low" }, undefined],
    ["project", {}, undefined],
    ["project", { model: "root", history: { max_bytes: 5 } }, undefined],
    ["user", { ...history, ...projects }, undefined],
    ["system", {}, undefined],
  ]);
  const level = `[projects."${home.root}/ws"]\ntrust_level = "untrusted"\n`;
  const reason = `${home.root}/ws is marked as untrusted in ${home.codexHome}/config.toml. ` +
    "To load config.toml, mark it trusted.";
  assert.deepEqual((await layersOf(level) as unknown[])[2], [
    "project",
    { model: "root", history: { max_bytes: 5 } },
    reason,
  ]);
});

Deno.test("read() still answers when the profile does not exist, and fails as recorded on other mistakes", async () => {
  await using home = await makeHome('profile = "nope"\n');
  assert.equal((await home.loader().read({})).config.profile, "nope");
  const file = `${home.codexHome}/config.toml`;
  const rows = [
    {
      config: 'sandbox_mode = "bogus"\n',
      message: "invalid configuration: unknown variant `bogus`, expected one of " +
        "`read-only`, `workspace-write`, `danger-full-access`\nin `sandbox_mode`\n",
    },
    {
      config: "model =\n",
      message: `failed to read configuration layers: ${file}:1:8: invalid TOML: invalid value (text needs quotes)`,
    },
  ];
  for (const { config, message } of rows) {
    await home.write("home/config.toml", config);
    await assert.rejects(home.loader().read({}), (error) => {
      assert.ok(error instanceof Error && "readFailure" in error && typeof error.readFailure === "function");
      assert.equal(error.readFailure(), message);
      return true;
    });
  }
});
