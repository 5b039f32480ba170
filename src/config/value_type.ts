// A small language for the types of configuration values: what is allowed, and what an absent value is answered as.
import type { ConfigTable, ConfigValue } from "./loaded_config.ts";

export type ValueType =
  | { readonly kind: "any" }
  | { readonly kind: "string" }
  /**
   * A string that names a file or folder: relative to the file that says it, `~` is the home folder. `$NAME`, where it
   * may be one, stays as it is.
   */
  | { readonly kind: "path"; readonly mayBeVariable?: true }
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly min: number; readonly max?: number }
  | { readonly kind: "number" }
  /** One of `values`; one that is a name in `tables` is written as a table with that one key. */
  | { readonly kind: "choice"; readonly values: readonly string[]; readonly tables?: Fields }
  | { readonly kind: "list"; readonly of: ValueType }
  | { readonly kind: "map"; readonly of: ValueType }
  | { readonly kind: "table"; readonly fields: Fields }
  | { readonly kind: "either"; readonly options: readonly ValueType[]; readonly expected: string };

export interface Field {
  readonly type: ValueType;
  readonly required?: true;
  /** What `config/read` answers when the value is not set, as JSON. Default null. */
  readonly absent?: unknown;
  /** `config/read` says nothing of it when it is not set: clients of the reference do not know it. */
  readonly ours?: true;
}

export type Fields = Readonly<Record<string, Field>>;

export interface Problem {
  /** Parts of the dotted key; a list index is a part. */
  readonly key: readonly string[];
  readonly reason: string;
}

/** The first thing wrong with `value`, or null. Unknown keys are fine. The wording is the reference's. */
export function findProblem(type: ValueType, value: ConfigValue, key: readonly string[]): Problem | null {
  switch (type.kind) {
    case "any":
      return null;
    case "string":
    case "path":
      return typeof value === "string" ? null : wrongType(value, "a string", key);
    case "boolean":
      return typeof value === "boolean" ? null : wrongType(value, "a boolean", key);
    case "number":
      return typeof value === "number" ? null : wrongType(value, "a number", key);
    case "integer":
      if (typeof value !== "number" || !Number.isInteger(value)) return wrongType(value, "an integer", key);
      if (type.max !== undefined && (value < type.min || value > type.max)) {
        return invalidValue(value, `an integer from ${type.min} to ${type.max}`, key);
      }
      return value >= type.min ? null : invalidValue(value, `an integer of at least ${type.min}`, key);
    case "choice":
      return findChoiceProblem(type, value, key);
    case "list": {
      if (!isList(value)) return wrongType(value, "a sequence", key);
      for (const [index, element] of value.entries()) {
        const problem = findProblem(type.of, element, [...key, String(index)]);
        if (problem !== null) return problem;
      }
      return null;
    }
    case "map": {
      if (!isTable(value)) return wrongType(value, "a map", key);
      for (const [name, element] of Object.entries(value)) {
        const problem = findProblem(type.of, element, [...key, name]);
        if (problem !== null) return problem;
      }
      return null;
    }
    case "table":
      return isTable(value) ? findFieldProblem(type.fields, value, key) : wrongType(value, "a map", key);
    case "either": {
      const problems = type.options.map((option) => ({ option, problem: findProblem(option, value, key) }));
      if (problems.some(({ problem }) => problem === null)) return null;
      // The one that was meant says it best.
      const meant = problems.find(({ option }) => option.kind === (isTable(value) ? "map" : "choice"));
      return typeof value === "string" || isTable(value)
        ? meant?.problem ?? wrongType(value, type.expected, key)
        : wrongType(value, type.expected, key);
    }
  }
}

function findFieldProblem(fields: Fields, table: ConfigTable, key: readonly string[]): Problem | null {
  for (const [name, field] of Object.entries(fields)) {
    const value = ownValue(table, name);
    if (value === undefined) {
      if (field.required) return { key, reason: `missing field \`${name}\`` };
      continue;
    }
    const problem = findProblem(field.type, value, [...key, name]);
    if (problem !== null) return problem;
  }
  return null;
}

function findChoiceProblem(
  type: Extract<ValueType, { kind: "choice" }>,
  value: ConfigValue,
  key: readonly string[],
): Problem | null {
  const tables = type.tables ?? {};
  if (typeof value === "string") {
    const known = type.values.includes(value) && !Object.hasOwn(tables, value);
    return known ? null : unknownVariant(value, type.values, key);
  }
  if (!isTable(value) || type.tables === undefined) {
    return wrongType(value, type.tables === undefined ? "a string" : "string or table", key);
  }
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length > 0) return { key, reason: "expected a table with one key" };
  const field = Object.hasOwn(tables, name) ? tables[name] : undefined;
  if (field === undefined) return unknownVariant(name, type.values, key);
  return findProblem(field.type, ownValue(value, name) ?? {}, [...key, name]);
}

function unknownVariant(value: string, variants: readonly string[], key: readonly string[]): Problem {
  const names = variants.map((variant) => `\`${variant}\``);
  const expected = names.length === 1
    ? names.join("")
    : names.length === 2
    ? names.join(" or ")
    : `one of ${names.join(", ")}`;
  return { key, reason: `unknown variant \`${value}\`, expected ${expected}` };
}

function wrongType(value: ConfigValue, expected: string, key: readonly string[]): Problem {
  return { key, reason: `invalid type: ${describe(value)}, expected ${expected}` };
}

function invalidValue(value: ConfigValue, expected: string, key: readonly string[]): Problem {
  return { key, reason: `invalid value: ${describe(value)}, expected ${expected}` };
}

function describe(value: ConfigValue): string {
  if (typeof value === "string") return `string ${JSON.stringify(value)}`;
  if (typeof value === "boolean") return `boolean \`${value}\``;
  if (typeof value === "number") return `${Number.isInteger(value) ? "integer" : "floating point"} \`${value}\``;
  return isList(value) ? "sequence" : "map";
}

/** A value as `config/read` answers it: known fields only, each of them there. */
export function projectValue(field: Field, value: ConfigValue | undefined): unknown {
  if (value === undefined) return field.absent ?? null;
  return project(field.type, value);
}

function project(type: ValueType, value: ConfigValue): unknown {
  switch (type.kind) {
    case "table":
      return isTable(value) ? projectFields(type.fields, value) : value;
    case "map":
      if (!isTable(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, project(type.of, element)]));
    case "list":
      return isList(value) ? value.map((element) => project(type.of, element)) : value;
    case "choice": {
      if (!isTable(value)) return value;
      const fields = type.tables ?? {};
      return Object.fromEntries(
        Object.entries(value).map(([name, element]) => {
          const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
          return [name, field === undefined ? element : project(field.type, element)];
        }),
      );
    }
    default:
      return value;
  }
}

export function projectFields(fields: Fields, table: ConfigTable): Record<string, unknown> {
  const known = Object.entries(fields).filter(([name, field]) => !field.ours || Object.hasOwn(table, name));
  return Object.fromEntries(known.map(([name, field]) => [name, projectValue(field, ownValue(table, name))]));
}

/** `$NAME`: what it means is in the environment. */
export function isVariable(text: string): boolean {
  return /^\$[A-Za-z_]\w*$/.test(text);
}

/** `value` with each path in it resolved by `resolve`. */
export function mapPaths(type: ValueType, value: ConfigValue, resolve: (path: string) => string): ConfigValue {
  switch (type.kind) {
    case "path":
      if (typeof value !== "string" || (type.mayBeVariable === true && isVariable(value))) return value;
      return resolve(value);
    case "list":
      return isList(value) ? value.map((element) => mapPaths(type.of, element, resolve)) : value;
    case "map":
      return isTable(value) ? mapTable(value, () => type.of, resolve) : value;
    case "table":
      return isTable(value)
        ? mapTable(value, (name) => Object.hasOwn(type.fields, name) ? type.fields[name]?.type : undefined, resolve)
        : value;
    default:
      return value;
  }
}

function mapTable(
  table: ConfigTable,
  typeOf: (name: string) => ValueType | undefined,
  resolve: (path: string) => string,
): ConfigTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, element]) => {
      const type = typeOf(name);
      return [name, type === undefined ? element : mapPaths(type, element, resolve)];
    }),
  );
}

export function isTable(value: ConfigValue | undefined): value is ConfigTable {
  return typeof value === "object" && !Array.isArray(value);
}

export function isList(value: ConfigValue | undefined): value is readonly ConfigValue[] {
  return Array.isArray(value);
}

export function ownValue(table: ConfigTable, name: string): ConfigValue | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
