// Reads TOML into plain values, and finds where in the text a value stands.
import { parse, TomlDate, TomlError } from "smol-toml";
import { ConfigError } from "./config_error.ts";
import type { ConfigTable, ConfigValue } from "./loaded_config.ts";

/** @throws ConfigError with the place of the mistake. */
export function parseTomlFile(file: string, text: string): ConfigTable {
  try {
    return toTable(parse(text));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new ConfigError({
      reason: reasonOf(error),
      file,
      line: error.line,
      column: error.column,
      lineText: lineOf(text, error.line),
      key: null,
    });
  }
}

/** The value of a TOML expression such as `3` or `["a"]`, or null when the text is none. */
export function findTomlValue(text: string): ConfigValue | null {
  try {
    const table = toTable(parse(`value = ${text}`));
    return Object.keys(table).length === 1 ? table["value"] ?? null : null;
  } catch {
    return null;
  }
}

export function lineOf(text: string, line: number): string | null {
  return text.split("\n")[line - 1]?.replace(/\r$/, "") ?? null;
}

/** The library's first line without its own prefix; the excerpt after it is ours to draw. */
function reasonOf(error: TomlError): string {
  const [first = ""] = error.message.split("\n", 1);
  const reason = first.replace(/^Invalid TOML document: /, "");
  // The usual cause of this one is text without quotes, which the library does not say.
  return `invalid TOML: ${reason === "invalid value" ? "invalid value (text needs quotes)" : reason}`;
}

function toTable(table: Readonly<Record<string, unknown>>): ConfigTable {
  // No configuration key is called that; as a plain assignment it would change the object's prototype.
  const entries = Object.entries(table).filter(([name]) => name !== "__proto__");
  return Object.fromEntries(entries.map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: unknown): ConfigValue {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return Number(value);
    default:
      if (Array.isArray(value)) return value.map(toValue);
      if (value instanceof TomlDate) return value.toISOString();
      // What is left of TOML's types is a table.
      return toTable(value as Record<string, unknown>);
  }
}
