// Loads, validates and merges the configuration layers.
import type { ConfigReadParams, ConfigReadResponse } from "../protocol/types/config.ts";
import type { ConfigOverride, LoadedConfig } from "./loaded_config.ts";

export interface ConfigLoaderOptions {
  readonly codexHome: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `-c` values and what flags stand for, in order. Default none. */
  readonly overrides?: readonly ConfigOverride[];
  /** `--profile`; wins over the `profile` key. Default none. */
  readonly profile?: string;
  /** Default `/etc/codex/config.toml`. */
  readonly systemFile?: string;
}

export interface ConfigLoader {
  /**
   * The configuration for a folder (null: no project layers). `overrides` are a request's own values by dotted key and
   * win over everything.
   * @throws CodexError CONFIG_INVALID, CONFIG_UNREADABLE
   */
  load(cwd: string | null, overrides?: Readonly<Record<string, unknown>>): Promise<LoadedConfig>;
  /** `config/read`. @throws CodexError as `load` */
  read(params: ConfigReadParams): Promise<ConfigReadResponse>;
}

export function createConfigLoader(_options: ConfigLoaderOptions): ConfigLoader {
  throw new Error("in the making");
}
