/**
 * Reading values whose shape is only hoped for: records on disk may come from another version or be damaged.
 * Every function answers a plain value or null and never throws.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | null {
  // Checked on this line: an object that is neither null nor an array has string keys.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : null;
}

export function asString(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function asInteger(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? Math.trunc(value) : null;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asStrings(value: unknown): string[] {
  return asArray(value).filter((entry) => typeof entry === "string");
}

/** One of `values`, or null. */
export function asOneOf<const T extends readonly string[]>(value: unknown, values: T): T[number] | null {
  return values.find((known) => known === value) ?? null;
}

/** `snake_case` for a `camelCase` name. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `camelCase` for a `snake_case` name. */
export function toCamelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The value with every object key renamed, at any depth. */
export function renameKeys(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renameKeys(entry, rename));
  const fields = asObject(value);
  if (fields === null) return value;
  return Object.fromEntries(Object.entries(fields).map(([name, entry]) => [rename(name), renameKeys(entry, rename)]));
}
