// The answer of `config/read`: every key of the table, null where it is not set, and where each value came from.
import type { Config, ConfigLayer, ConfigReadResponse } from "../protocol/types/config.ts";
import { ROOT } from "./keys.ts";
import type { ConfigLayerEntry, ConfigTable, LoadedConfig } from "./loaded_config.ts";
import { isTable, ownValue, projectFields } from "./value_type.ts";

/** What the reference's clients look for; none of it is built in here. */
const ABSENT_FEATURES: ConfigTable = {
  apps: false,
  plugins: false,
  tool_search: false,
  tool_suggest: false,
  tool_call_mcp_elicitation: false,
};

/** `merged` without the profile laid over it: clients see `profile` and `profiles` beside the rest. */
export function toReadResponse(
  merged: ConfigTable,
  origins: LoadedConfig["origins"],
  layers: readonly ConfigLayerEntry[] | null,
): ConfigReadResponse {
  const features = ownValue(merged, "features");
  const config = {
    ...projectFields(ROOT.fields, merged),
    features: { ...ABSENT_FEATURES, ...(isTable(features) ? features : {}) },
  };
  return {
    // The table checked the values, and the projection fills in what is absent: these are the wire type's fields.
    config: config as unknown as Config,
    origins: { ...origins },
    // Highest first, as recorded; left out when not asked for.
    ...(layers === null ? {} : { layers: layers.map(toWireLayer).reverse() }),
  };
}

function toWireLayer(layer: ConfigLayerEntry): ConfigLayer {
  return {
    name: layer.source,
    version: layer.version,
    config: layer.table,
    ...(layer.disabledReason === null ? {} : { disabledReason: layer.disabledReason }),
  };
}
