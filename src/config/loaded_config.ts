// What loading the configuration gives: the effective values, and where each came from.
import type { ConfigLayerSource } from "../protocol/types/config.ts";
import type { EffectiveConfig } from "./effective_config.ts";

/** A TOML table as plain values. Integers are numbers, dates are strings. */
export type ConfigTable = { readonly [key: string]: ConfigValue };
export type ConfigValue = string | number | boolean | readonly ConfigValue[] | ConfigTable;

/** One `-c key=value`: a dotted path and the value already parsed. */
export interface ConfigOverride {
  /** Dotted; a part with dots is quoted: `projects."/a.b".trust_level`. */
  readonly key: string;
  readonly value: ConfigValue;
}

/** One place that configuration comes from; later layers win over earlier ones. */
export interface ConfigLayerEntry {
  readonly source: ConfigLayerSource;
  /** `sha256:` and the hex digest of the table's canonical JSON. */
  readonly version: string;
  readonly table: ConfigTable;
  /** Why the layer is left out (an untrusted project), or null. */
  readonly disabledReason: string | null;
}

export interface ConfigWarning {
  readonly summary: string;
  readonly details: string | null;
  /** The file it is about, or null. */
  readonly path: string | null;
}

export interface LoadedConfig {
  readonly config: EffectiveConfig;
  /** Lowest first, built-in defaults left out. */
  readonly layers: readonly ConfigLayerEntry[];
  /** Enabled layers laid over each other, the profile included. */
  readonly merged: ConfigTable;
  /** Dotted key of each leaf → the layer that set it. */
  readonly origins: Readonly<Record<string, { readonly name: ConfigLayerSource; readonly version: string }>>;
  readonly warnings: readonly ConfigWarning[];
}
