// `-c key=value` and a request's own values.
import { CodexError } from "../base/errors.ts";
import type { ConfigOverride, ConfigTable, ConfigValue } from "./loaded_config.ts";
import { mergeTables, tableOf } from "./merge.ts";
import { findTomlValue } from "./toml.ts";

/**
 * Parses `key=value`. The value is TOML (`3`, `true`, `["a"]`, `"x"`); what is not TOML is a string as it stands.
 * @throws CodexError USAGE
 */
export function parseOverride(text: string): ConfigOverride {
  const equals = text.indexOf("=");
  const key = equals < 0 ? "" : text.slice(0, equals).trim();
  if (key === "") {
    throw new CodexError("USAGE", `Cannot parse the override "${text}": expected key=value`, {
      hint: 'Write for example: -c model="gpt-5.4"',
    });
  }
  splitKey(key);
  const raw = text.slice(equals + 1).trim();
  return { key, value: findTomlValue(raw) ?? raw.replace(/^["']|["']$/g, "") };
}

/**
 * The parts of a dotted key; a part in double or single quotes may hold dots.
 * @throws CodexError USAGE for an unclosed quote or an empty part.
 */
export function splitKey(key: string): string[] {
  const parts = Array.from(key.matchAll(/\s*(?:"([^"]*)"|'([^']*)'|([^."']+))\s*(\.|$)/gy));
  const length = parts.reduce((sum, part) => sum + part[0].length, 0);
  const last = parts.at(-1);
  if (last === undefined || length !== key.length || last[4] === ".") {
    throw new CodexError("USAGE", `Cannot parse the configuration key "${key}"`, {
      hint: "Separate parts with dots; put a part that has dots in quotes.",
    });
  }
  return parts.map((part) => part[1] ?? part[2] ?? part[3]?.trim() ?? "");
}

export function overridesToTable(overrides: readonly ConfigOverride[]): ConfigTable {
  return overrides.reduce<ConfigTable>(
    (table, { key, value }) => mergeTables(table, tableOf(splitKey(key), value)),
    {},
  );
}

/** A request's values (JSON) as a table; a null takes nothing and gives nothing. */
export function requestToTable(values: Readonly<Record<string, unknown>>): ConfigTable {
  let table: ConfigTable = {};
  for (const [key, json] of Object.entries(values)) {
    const value = toConfigValue(json);
    if (value !== null) table = mergeTables(table, tableOf(splitKey(key), value));
  }
  return table;
}

function toConfigValue(json: unknown): ConfigValue | null {
  switch (typeof json) {
    case "string":
    case "number":
    case "boolean":
      return json;
    case "object": {
      if (json === null) return null;
      if (Array.isArray(json)) return json.map(toConfigValue).filter((value) => value !== null);
      const entries = Object.entries(json).map(([name, value]) => [name, toConfigValue(value)] as const);
      return Object.fromEntries(entries.filter((entry): entry is [string, ConfigValue] => entry[1] !== null));
    }
    default:
      return null;
  }
}
