// THE KEY TABLE, one row per top-level key of config.toml (exempt from the size rule). Validation, the answer of
// `config/read` and the configuration's documentation are derived from it. A key that is not here is ignored.
import type { Field, Fields, ValueType } from "./value_type.ts";

export interface KeyRow extends Field {
  readonly name: string;
  /** What holds when the key is not set. */
  readonly default: string;
  readonly meaning: string;
  /** The `EffectiveConfig` field it becomes, or null: checked and answered, not acted on by this version. */
  readonly to: string | null;
}

const any: ValueType = { kind: "any" };
const string: ValueType = { kind: "string" };
const path: ValueType = { kind: "path" };
const boolean: ValueType = { kind: "boolean" };
const integer: ValueType = { kind: "integer", min: Number.MIN_SAFE_INTEGER };
const count: ValueType = { kind: "integer", min: 0 };
const number: ValueType = { kind: "number" };
const choice = (...values: string[]): ValueType => ({ kind: "choice", values });
const list = (of: ValueType): ValueType => ({ kind: "list", of });
const map = (of: ValueType): ValueType => ({ kind: "map", of });
const table = (fields: Fields): ValueType => ({ kind: "table", fields });
const field = (type: ValueType, absent?: unknown): Field => absent === undefined ? { type } : { type, absent };
/** A field that the reference does not have. */
const ours = (type: ValueType): Field => ({ type, ours: true });
const required = (type: ValueType): Field => ({ type, required: true });

const effort = choice("none", "minimal", "low", "medium", "high", "xhigh");
const summary = choice("auto", "concise", "detailed", "none");
const verbosity = choice("low", "medium", "high");
const serviceTier = choice("fast", "flex");
const personality = choice("none", "friendly", "pragmatic");
const sandboxMode = choice("read-only", "workspace-write", "danger-full-access");
const reviewer = choice("user", "guardian_subagent");
const webSearch = choice("disabled", "cached", "live");
const approvalPolicy: ValueType = {
  kind: "choice",
  values: ["untrusted", "on-failure", "on-request", "granular", "never"],
  tables: {
    granular: field(table({
      sandbox_approval: required(boolean),
      rules: required(boolean),
      skill_approval: field(boolean, false),
      request_permissions: field(boolean, false),
      mcp_elicitations: required(boolean),
    })),
  },
};

const tools = table({
  web_search: field(table({
    context_size: field(choice("low", "medium", "high")),
    allowed_domains: field(list(string)),
    location: field(table({
      country: field(string),
      region: field(string),
      city: field(string),
      timezone: field(string),
    })),
  })),
  view_image: field(boolean),
});
const analytics = table({ enabled: field(boolean) });
const windows = table({ sandbox: field(choice("elevated", "unelevated")), sandbox_private_desktop: field(boolean) });

const port: ValueType = { kind: "integer", min: 1, max: 65_535 };
const fileAccess = choice("read", "write", "none");
const permissions = table({
  filesystem: field(map({
    kind: "either",
    options: [fileAccess, map(fileAccess)],
    expected: "`read`, `write`, `none` or a table of paths below it",
  })),
  network: field(table({
    enabled: field(boolean),
    proxy_url: field(string),
    enable_socks5: field(boolean),
    socks_url: field(string),
    enable_socks5_udp: field(boolean),
    allow_upstream_proxy: field(boolean),
    dangerously_allow_non_loopback_proxy: field(boolean),
    dangerously_allow_all_unix_sockets: field(boolean),
    mode: field(choice("limited", "full")),
    domains: field(map(choice("allow", "deny"))),
    unix_sockets: field(map(choice("allow", "none"))),
    allow_local_binding: field(boolean),
    allow_loopback_ports: ours(list(port)),
  })),
});

const profile = table({
  model: field(string),
  model_provider: field(string),
  approval_policy: field(approvalPolicy),
  approvals_reviewer: field(reviewer),
  service_tier: field(serviceTier),
  model_reasoning_effort: field(effort),
  model_reasoning_summary: field(summary),
  model_verbosity: field(verbosity),
  web_search: field(webSearch),
  tools: field(tools),
  chatgpt_base_url: field(string),
  sandbox_mode: field(sandboxMode),
  personality: field(personality),
  plan_mode_reasoning_effort: field(effort),
  model_instructions_file: field(path),
  experimental_instructions_file: field(path),
  experimental_compact_prompt_file: field(path),
  model_catalog_json: field(path),
  oss_provider: field(string),
  include_permissions_instructions: field(boolean),
  include_apps_instructions: field(boolean),
  include_environment_context: field(boolean),
  include_apply_patch_tool: field(boolean),
  experimental_use_unified_exec_tool: field(boolean),
  experimental_use_freeform_apply_patch: field(boolean),
  tools_view_image: field(boolean),
  features: field(map(boolean)),
  js_repl_node_path: field(path),
  js_repl_node_module_dirs: field(list(path)),
  zsh_path: field(path),
  windows: field(windows),
  analytics: field(analytics),
});

const modelProvider = table({
  name: required(string),
  base_url: field(string),
  env_key: field(string),
  env_key_instructions: field(string),
  experimental_bearer_token: field(string),
  auth: field(any),
  wire_api: field(string, "responses"),
  query_params: field(map(string)),
  http_headers: field(map(string)),
  env_http_headers: field(map(string)),
  request_max_retries: field(count),
  stream_max_retries: field(count),
  stream_idle_timeout_ms: field(count),
  websocket_connect_timeout_ms: field(count),
  requires_openai_auth: field(boolean, false),
  supports_websockets: field(boolean, false),
});

const notifications: ValueType = {
  kind: "either",
  options: [boolean, list(string)],
  expected: "a boolean or a sequence of strings",
};

interface RowOptions {
  readonly absent?: unknown;
  readonly to?: string;
}

function row(name: string, type: ValueType, standard: string, meaning: string, options: RowOptions = {}): KeyRow {
  return { name, type, default: standard, meaning, to: null, ...options };
}

export const KEYS: readonly KeyRow[] = [
  // Model
  row("model", string, "the catalog's default", "Model slug", { to: "model" }),
  row("review_model", string, "the thread's model", "Model slug for reviews"),
  row("model_context_window", integer, "the catalog's", "Tokens that a thread may use", { to: "modelContextWindow" }),
  row("model_auto_compact_token_limit", integer, "the catalog's", "Tokens at which a thread is compacted"),
  row("model_provider", string, "openai", "Id in model_providers, or openai, ollama, lmstudio", {
    to: "modelProvider",
  }),
  // Approvals and sandbox
  row("approval_policy", approvalPolicy, "on-request; untrusted in a folder marked so", "When to ask before acting", {
    to: "approvalPolicy",
  }),
  row("approvals_reviewer", reviewer, "user", "Who answers approvals", { to: "approvalsReviewer" }),
  row("sandbox_mode", sandboxMode, "workspace-write in trusted folders, else read-only", "What commands may touch", {
    to: "sandboxMode",
  }),
  row(
    "sandbox_workspace_write",
    table({
      writable_roots: field(list(path), []),
      network_access: field(boolean, false),
      exclude_tmpdir_env_var: field(boolean, false),
      exclude_slash_tmp: field(boolean, false),
      allow_git_writes: ours(boolean),
      allow_unix_sockets: ours(list({ kind: "path", mayBeVariable: true })),
      allow_loopback_ports: ours(list(port)),
    }),
    "the workspace, /tmp and $TMPDIR; no network",
    "What workspace-write adds and takes away",
    { to: "sandboxWorkspaceWrite" },
  ),
  // Account
  row("forced_chatgpt_workspace_id", string, "none", "Workspace that a sign-in must use"),
  row("forced_login_method", choice("chatgpt", "api"), "any", "The only sign-in allowed"),
  row("web_search", webSearch, "cached", "Web search by the model"),
  row("tools", tools, "none", "Settings of built-in tools"),
  // Profiles
  row("profile", string, "none", "Name in profiles to lay over the rest", { to: "(chosen while loading)" }),
  row("profiles", map(profile), "none", "Named sets of values", { absent: {}, to: "(laid over while loading)" }),
  // Prompts
  row("instructions", string, "none", "Superseded by model_instructions_file"),
  row("developer_instructions", string, "none", "Text added for the model as the developer's", {
    to: "developerInstructions",
  }),
  row("compact_prompt", string, "built in", "Prompt for compaction"),
  row("model_reasoning_effort", effort, "the catalog's", "How long the model reasons", { to: "reasoningEffort" }),
  row("model_reasoning_summary", summary, "the catalog's", "Summaries of reasoning", { to: "reasoningSummary" }),
  row("model_verbosity", verbosity, "the catalog's", "Length of answers", { to: "verbosity" }),
  row("service_tier", serviceTier, "none", "Speed tier of the provider", { to: "serviceTier" }),
  row("analytics", analytics, "off", "Usage statistics; none are collected"),
  row(
    "apps",
    map(table({
      enabled: field(boolean, true),
      destructive_enabled: field(boolean, true),
      open_world_enabled: field(boolean, true),
    })),
    "none",
    "Hosted connectors",
  ),
  // The rest, as `config/read` adds it
  row(
    "agents",
    {
      kind: "table",
      fields: { max_threads: field(count), max_depth: field(integer), job_max_runtime_seconds: field(count) },
    },
    "none",
    "Limits of sub-agents",
  ),
  row("allow_login_shell", boolean, "true", "Commands may run in a login shell", { to: "allowLoginShell" }),
  row("audio", any, "none", "Voice devices"),
  row("background_terminal_max_timeout", count, "none", "Longest wait for a background terminal"),
  row("chatgpt_base_url", string, "none", "Address of the account service"),
  row("check_for_update_on_startup", boolean, "false", "Look for new versions"),
  row("cli_auth_credentials_store", choice("file", "keyring", "auto", "ephemeral"), "file", "Where keys are kept"),
  row("commit_attribution", string, "none", "Trailer for commits"),
  row("default_permissions", string, "none", "Name in permissions that commands run with", { to: "permissions" }),
  row("disable_paste_burst", boolean, "false", "Do not join fast key strokes into a paste"),
  row("experimental_compact_prompt_file", path, "none", "File with the prompt for compaction"),
  row("experimental_instructions_file", path, "none", "Old name of model_instructions_file", {
    to: "baseInstructions",
  }),
  row("experimental_realtime_start_instructions", string, "none", "Voice"),
  row("experimental_realtime_ws_backend_prompt", string, "none", "Voice"),
  row("experimental_realtime_ws_base_url", string, "none", "Voice"),
  row("experimental_realtime_ws_model", string, "none", "Voice"),
  row("experimental_realtime_ws_startup_context", string, "none", "Voice"),
  row("experimental_use_freeform_apply_patch", boolean, "none", "Superseded by the catalog"),
  row("experimental_use_unified_exec_tool", boolean, "none", "Superseded: always on"),
  row("features", map(any), "none", "Feature switches", { to: "legacyLandlock" }),
  row("feedback", table({ enabled: field(boolean) }), "off", "Feedback uploads; none are made"),
  row("file_opener", choice("vscode", "vscode-insiders", "windsurf", "cursor", "none"), "none", "Scheme of file links"),
  row("ghost_snapshot", any, "none", "Undo snapshots"),
  row("hide_agent_reasoning", boolean, "false", "Keep reasoning from clients", { to: "hideAgentReasoning" }),
  row(
    "history",
    table({ persistence: required(choice("save-all", "none")), max_bytes: field(count) }),
    "save-all",
    "The prompt history file; none is written",
  ),
  row("include_apps_instructions", boolean, "true", "Tell the model of apps"),
  row("include_environment_context", boolean, "true", "Tell the model of cwd, shell and date"),
  row("include_permissions_instructions", boolean, "true", "Tell the model of its permissions"),
  row("js_repl_node_module_dirs", list(path), "none", "JavaScript tool"),
  row("js_repl_node_path", path, "none", "JavaScript tool"),
  row("log_dir", path, "none", "Folder for logs"),
  row("mcp_oauth_callback_port", count, "none", "MCP sign-in"),
  row("mcp_oauth_callback_url", string, "none", "MCP sign-in"),
  row("mcp_oauth_credentials_store", choice("auto", "file", "keyring"), "auto", "MCP sign-in"),
  row("mcp_servers", map(any), "none", "MCP servers", { absent: {} }),
  row(
    "memories",
    table({
      no_memories_if_mcp_or_web_search: field(boolean),
      generate_memories: field(boolean),
      use_memories: field(boolean),
      max_raw_memories_for_consolidation: field(count),
      max_unused_days: field(integer),
      max_rollout_age_days: field(integer),
      max_rollouts_per_startup: field(count),
      min_rollout_idle_hours: field(integer),
      extract_model: field(string),
      consolidation_model: field(string),
    }),
    "off",
    "Memories",
  ),
  row("model_catalog_json", path, "built in", "Another model catalog"),
  row("model_instructions_file", path, "built in", "File that replaces the system prompt", { to: "baseInstructions" }),
  row("model_providers", map(modelProvider), "openai, ollama, lmstudio", "Endpoints that speak the Responses API", {
    absent: {},
    to: "modelProvider",
  }),
  row("model_supports_reasoning_summaries", boolean, "the catalog's", "Force reasoning summaries"),
  row(
    "notice",
    table({
      hide_full_access_warning: field(boolean),
      hide_world_writable_warning: field(boolean),
      hide_rate_limit_model_nudge: field(boolean),
      hide_gpt5_1_migration_prompt: field(boolean),
      "hide_gpt-5.1-codex-max_migration_prompt": field(boolean),
      model_migrations: field(map(string), {}),
    }),
    "none",
    "Notices that are not shown again",
  ),
  row("notify", list(string), "none", "Program to run after a turn"),
  row("openai_base_url", string, "https://api.openai.com/v1", "Address of the openai provider", {
    to: "modelProvider",
  }),
  row("oss_provider", string, "none", "Provider that --oss uses: lmstudio or ollama", { to: "(read by --oss)" }),
  row(
    "otel",
    table({
      log_user_prompt: field(boolean),
      environment: field(string),
      exporter: field(any),
      trace_exporter: field(any),
      metrics_exporter: field(any),
    }),
    "off",
    "Telemetry; none is sent",
  ),
  row("permissions", map(permissions), "none", "Named permission profiles", { to: "permissions" }),
  row("personality", personality, "none", "Tone of answers", { to: "personality" }),
  row("plan_mode_reasoning_effort", effort, "medium", "Reasoning in Plan mode"),
  row("plugins", map(any), "none", "Plugins", { absent: {} }),
  row("project_doc_fallback_filenames", list(string), "none", "Names to try when there is no AGENTS.md", {
    to: "projectDocFallbackFilenames",
  }),
  row("project_doc_max_bytes", count, "32768", "Most that is read of AGENTS.md files", { to: "projectDocMaxBytes" }),
  row("project_root_markers", list(string), '[".git"]', "Names that mark a project's root", {
    to: "projectRootMarkers",
  }),
  row(
    "projects",
    map(table({ trust_level: field(choice("trusted", "untrusted")) })),
    "none",
    "Whether a folder's own configuration counts",
    { to: "projectTrusted" },
  ),
  row("realtime", any, "none", "Voice"),
  row(
    "shell_environment_policy",
    table({
      inherit: field(choice("core", "all", "none")),
      ignore_default_excludes: field(boolean),
      exclude: field(list(string)),
      set: field(map(string)),
      include_only: field(list(string)),
      experimental_use_profile: field(boolean),
    }),
    "all, without names that look like secrets",
    "The environment that commands get",
    {
      absent: {
        inherit: null,
        ignore_default_excludes: null,
        exclude: null,
        set: null,
        include_only: null,
        experimental_use_profile: null,
      },
      to: "shellEnvironmentPolicy",
    },
  ),
  row("show_raw_agent_reasoning", boolean, "false", "Show the model's raw reasoning", { to: "showRawAgentReasoning" }),
  row("skills", any, "none", "Which skills are on; read by skill_settings.ts"),
  row("sqlite_home", path, "none", "Folder of the index"),
  row("suppress_unstable_features_warning", boolean, "false", "Hide a warning"),
  row("tool_output_token_limit", count, "the catalog's", "Tokens of a tool's output that the model sees", {
    to: "toolOutputTokenLimit",
  }),
  row("tool_suggest", any, "none", "Tool suggestions"),
  row(
    "tui",
    table({
      notifications: field(notifications, true),
      notification_method: field(choice("auto", "osc9", "bel"), "auto"),
      notification_condition: field(choice("unfocused", "always"), "unfocused"),
      animations: field(boolean, true),
      show_tooltips: field(boolean, true),
      alternate_screen: field(choice("auto", "always", "never"), "auto"),
      status_line: field(list(string)),
      terminal_title: field(list(string)),
      theme: field(string),
      model_availability_nux: field(map(number), {}),
    }),
    "built in",
    "Look of the terminal client",
  ),
  row("windows", windows, "none", "Windows sandbox", { to: "windowsSandbox" }),
  row("windows_wsl_setup_acknowledged", boolean, "false", "Hide a notice"),
  row("zsh_path", path, "none", "Patched zsh"),
];

/** The table as one type: a whole configuration file. */
export const ROOT: Extract<ValueType, { kind: "table" }> = {
  kind: "table",
  fields: Object.fromEntries(KEYS.map((key) => [key.name, key])),
};

/** Keys that a profile may set. */
export const PROFILE_KEYS: readonly string[] = Object.keys(profile.kind === "table" ? profile.fields : {});
