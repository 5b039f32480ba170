// Loads the configuration: layers from disk, laid over each other, checked, resolved. Lowest first: built-in defaults,
// /etc/codex/config.toml, $CODEX_HOME/config.toml, .codex/config.toml from the project's root down to the cwd (trusted
// ones only), the profile, the command line, the request. Nothing is written here.
import { CodexError, messageOf } from "../base/errors.ts";
import { homeFolder } from "../host/env.ts";
import { findText } from "../host/files.ts";
import type { ConfigReadParams, ConfigReadResponse } from "../protocol/types/config.ts";
import { checkTable, problemAt } from "./check.ts";
import { resolvePaths } from "./config_files.ts";
import { FileMemo } from "./file_memo.ts";
import { PROFILE_KEYS } from "./keys.ts";
import { type Layer, LayerStack, mergeLayers, originsOf } from "./layer_stack.ts";
import type { ConfigOverride, ConfigTable, ConfigWarning, LoadedConfig } from "./loaded_config.ts";
import { hasKey, mergeTables } from "./merge.ts";
import { findProvider } from "./model_providers.ts";
import { requestToTable } from "./override.ts";
import { findPermissions } from "./permissions.ts";
import { toReadResponse } from "./read_response.ts";
import { resolveConfig, textOf } from "./resolve.ts";
import { isTable, ownValue } from "./value_type.ts";

export interface ConfigLoaderOptions {
  readonly codexHome: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `-c` values and what flags stand for, in order. Default none. */
  readonly overrides?: readonly ConfigOverride[];
  /** Relative paths of `overrides` are meant from here. Default: the home. */
  readonly currentFolder?: string;
  /** `--profile`; wins over the `profile` key. Default none. */
  readonly profile?: string;
  /** Default `/etc/codex/config.toml`. */
  readonly systemFile?: string;
}

export interface ConfigLoader {
  /**
   * The configuration for a folder (null: no project layers). `overrides` are a request's own values by dotted key and
   * win over everything.
   * @throws ConfigError (CONFIG_INVALID); CodexError CONFIG_UNREADABLE
   */
  load(cwd: string | null, overrides?: Readonly<Record<string, unknown>>): Promise<LoadedConfig>;
  /** `config/read`. The same object as before while no file changed. @throws as `load` */
  read(params: ConfigReadParams): Promise<ConfigReadResponse>;
}

const SYSTEM_FILE = "/etc/codex/config.toml";
const EMPTY: ConfigTable = {};

export function createConfigLoader(options: ConfigLoaderOptions): ConfigLoader {
  return new Loader(options);
}

/** One load, for callers that need no more. */
export function loadConfig(
  options: ConfigLoaderOptions & { readonly cwd: string | null },
): Promise<LoadedConfig> {
  return createConfigLoader(options).load(options.cwd);
}

class Loader implements ConfigLoader {
  readonly #options: ConfigLoaderOptions;
  readonly #stack: LayerStack;
  readonly #answers = new FileMemo<ConfigReadResponse>();

  constructor(options: ConfigLoaderOptions) {
    this.#options = options;
    this.#stack = new LayerStack({
      codexHome: options.codexHome,
      environment: options.environment,
      overrides: options.overrides ?? [],
      systemFile: options.systemFile ?? SYSTEM_FILE,
      currentFolder: options.currentFolder ?? options.codexHome,
    });
  }

  async load(cwd: string | null, overrides: Readonly<Record<string, unknown>> = {}): Promise<LoadedConfig> {
    const { codexHome, environment } = this.#options;
    const { layers, trust } = await this.#stack.read(cwd);
    const merged = mergeLayers(layers);
    checkTable(merged, layers);
    const request = requestLayer(
      resolvePaths(requestToTable(overrides), cwd ?? codexHome, homeFolder(environment)),
    );
    const withRequest = [...layers, request];
    const profile = this.#profile(mergeTables(merged, request.table), withRequest);
    const flags = layers.find((layer) => layer.source.type === "sessionFlags")?.table ?? EMPTY;
    const effective = [profile.table, flags, request.table].reduce(mergeTables, merged);
    checkTable(effective, withRequest);
    const id = textOf(ownValue(effective, "model_provider")) ?? "openai";
    const provider = findProvider(effective, id, environment);
    if (provider === null) {
      const inProfile = profile.name !== null && hasKey(profile.table, ["model_provider"]);
      const key = inProfile ? ["profiles", profile.name, "model_provider"] : ["model_provider"];
      throw problemAt(withRequest, key, `Model provider \`${id}\` not found`, {
        plain: true,
        hint: `Add a [model_providers.${id}] table with name and base_url, or choose openai, ollama or lmstudio.`,
      });
    }
    const permissions = findPermissions(effective, {
      layers: [...layers, request],
      profile: profile.table,
      home: homeFolder(environment),
    });
    if (permissions.problem !== null) {
      const { key, reason, hint } = permissions.problem;
      throw problemAt(withRequest, key, reason, { hint });
    }
    const config = resolveConfig(effective, {
      codexHome,
      provider,
      trust,
      baseInstructions: await readInstructions(effective),
      permissions: permissions.profile,
    });
    const warnings = [...layers.flatMap(toWarning), ...permissions.warnings];
    return { config, layers, merged: effective, origins: originsOf(layers), warnings };
  }

  async read(params: ConfigReadParams): Promise<ConfigReadResponse> {
    const key = JSON.stringify([params.cwd ?? null, params.includeLayers ?? false]);
    const known = this.#answers.find(key);
    if (known !== null) return known;
    const { layers, paths } = await this.#stack.read(params.cwd ?? null);
    const merged = mergeLayers(layers);
    checkTable(merged, layers);
    const response = toReadResponse(merged, originsOf(layers), params.includeLayers ? layers : null);
    this.#answers.remember(key, response, paths);
    return response;
  }

  /** The table of the chosen profile. @throws ConfigError when there is none of that name. */
  #profile(
    merged: ConfigTable,
    layers: readonly Layer[],
  ): { readonly name: string | null; readonly table: ConfigTable } {
    const name = this.#options.profile ?? textOf(ownValue(merged, "profile"));
    if (name === null) return { name, table: EMPTY };
    const profiles = ownValue(merged, "profiles");
    const table = isTable(profiles) ? ownValue(profiles, name) : undefined;
    if (isTable(table)) {
      const entries = Object.entries(table).filter(([key]) => PROFILE_KEYS.includes(key));
      return { name, table: Object.fromEntries(entries) };
    }
    const known = isTable(profiles) ? Object.keys(profiles) : [];
    const fromFlag = this.#options.profile !== undefined;
    throw problemAt(fromFlag ? [] : layers, ["profile"], `config profile \`${name}\` not found`, {
      plain: true,
      hint: known.length === 0
        ? `Add a [profiles.${name}] table.`
        : `Choose one of ${known.join(", ")}, or add a [profiles.${name}] table.`,
    });
  }
}

/** The request's own values as the topmost layer: it is not told of in `layers`. */
function requestLayer(table: ConfigTable): Layer {
  return { source: { type: "sessionFlags" }, file: null, table, version: "", disabledReason: null };
}

function toWarning(layer: Layer): ConfigWarning[] {
  if (layer.disabledReason === null) return [];
  return [{
    summary: "Project configuration is not loaded",
    details: layer.disabledReason,
    path: layer.file?.path ?? null,
  }];
}

/** The text of the file that replaces the system prompt, or null. */
async function readInstructions(table: ConfigTable): Promise<string | null> {
  const path = textOf(ownValue(table, "model_instructions_file")) ??
    textOf(ownValue(table, "experimental_instructions_file"));
  if (path === null) return null;
  let text: string | null;
  try {
    text = await findText(path);
  } catch (error) {
    throw new CodexError("CONFIG_UNREADABLE", `Cannot read the instructions file "${path}": ${messageOf(error)}`, {
      cause: error,
      hint: "Make it readable, or remove model_instructions_file.",
    });
  }
  if (text === null || text.trim() === "") {
    const state = text === null ? "does not exist" : "is empty";
    throw new CodexError("CONFIG_UNREADABLE", `The instructions file "${path}" ${state}`, {
      hint: "Correct model_instructions_file, or remove it.",
    });
  }
  return text;
}
