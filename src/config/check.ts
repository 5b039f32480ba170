// Checks a merged table against the key table, and finds the file and line that a mistake came from.
import { ConfigError } from "./config_error.ts";
import { ROOT } from "./keys.ts";
import type { Layer } from "./layer_stack.ts";
import type { ConfigTable } from "./loaded_config.ts";
import { hasKey } from "./merge.ts";
import { findProviderProblem } from "./model_providers.ts";
import { lineOf } from "./toml.ts";
import { findTomlPlace } from "./toml_positions.ts";
import { findProblem } from "./value_type.ts";

/** @throws ConfigError for the first mistake in `table`, which is `layers` laid over each other. */
export function checkTable(table: ConfigTable, layers: readonly Layer[]): void {
  const problem = findProblem(ROOT, table, []);
  if (problem !== null) throw problemAt(layers, problem.key, problem.reason);
  const provider = findProviderProblem(table);
  if (provider !== null) throw problemAt(layers, provider.key, provider.reason, { hint: provider.hint });
}

/** The error at the place that set `key`: the highest layer that has it. `plain`: without a file, only the reason. */
export function problemAt(
  layers: readonly Layer[],
  key: readonly string[],
  reason: string,
  options: { hint?: string; plain?: true } = {},
): ConfigError {
  const hint = options.hint === undefined ? {} : { hint: options.hint };
  const dotted = key.map((part) => /[.\s"]/.test(part) ? JSON.stringify(part) : part).join(".");
  const layer = layers.findLast((candidate) => candidate.disabledReason === null && hasKey(candidate.table, key));
  const file = layer?.file ?? null;
  if (file === null) {
    return new ConfigError({
      reason,
      file: null,
      line: null,
      column: null,
      lineText: null,
      key: options.plain ? null : dotted,
      ...hint,
    });
  }
  const place = findTomlPlace(file.text, key);
  return new ConfigError({
    reason,
    file: file.path,
    line: place?.line ?? null,
    column: place?.column ?? null,
    lineText: place === null ? null : lineOf(file.text, place.line),
    key: dotted,
    ...hint,
  });
}
