// Tables laid over each other, and values by dotted key.
import type { ConfigTable, ConfigValue } from "./loaded_config.ts";
import { isList, isTable, ownValue } from "./value_type.ts";

/** `upper` laid over `lower`: tables are joined, everything else is replaced. */
export function mergeTables(lower: ConfigTable, upper: ConfigTable): ConfigTable {
  const result: Record<string, ConfigValue> = { ...lower };
  for (const [name, value] of Object.entries(upper)) {
    const below = ownValue(lower, name);
    result[name] = isTable(value) && isTable(below) ? mergeTables(below, value) : value;
  }
  return result;
}

/** A table with the one value at `key`. */
export function tableOf(key: readonly string[], value: ConfigValue): ConfigTable {
  const [first, ...rest] = key;
  if (first === undefined) return isTable(value) ? value : {};
  return { [first]: rest.length === 0 ? value : tableOf(rest, value) };
}

/** Whether `key` leads to a value. List indexes are parts. */
export function hasKey(table: ConfigTable, key: readonly string[]): boolean {
  let value: ConfigValue | undefined = table;
  for (const part of key) {
    if (isTable(value)) value = ownValue(value, part);
    else if (isList(value)) value = value[Number(part)];
    else return false;
    if (value === undefined) return false;
  }
  return true;
}

/** The dotted key of each leaf; list elements are leaves by index. An empty table or list has none. */
export function* leafKeys(value: ConfigValue, prefix = ""): Generator<string> {
  const children: Iterable<[string | number, ConfigValue]> | null = isTable(value)
    ? Object.entries(value)
    : isList(value)
    ? value.entries()
    : null;
  if (children === null) {
    yield prefix;
    return;
  }
  for (const [name, child] of children) yield* leafKeys(child, prefix === "" ? String(name) : `${prefix}.${name}`);
}

/** Source: the recorded `version` of a layer is this text's SHA-256. */
function canonicalJson(value: ConfigValue): string {
  if (isTable(value)) {
    const names = Object.keys(value).sort();
    return `{${
      names.map((name) => `${JSON.stringify(name)}:${canonicalJson(ownValue(value, name) ?? "")}`).join(",")
    }}`;
  }
  return isList(value) ? `[${value.map(canonicalJson).join(",")}]` : JSON.stringify(value);
}

export async function versionOf(table: ConfigTable): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonicalJson(table)));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `sha256:${hex}`;
}
