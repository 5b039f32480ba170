// Why a value does not fit a schema, in the words that the reference's decoder uses: clients show them, and some compare
// them. Slower than a compiled check, and as strict: a server that has just started uses it alone. The first mismatch
// in the order of the schema's fields is told.
import type { TSchema } from "typebox";

/** The parts of JSON Schema that the wire types are made of. */
interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

/** Null when nothing is found wrong. `typeName` names the outermost object. */
export function describeMismatch(schema: TSchema, value: unknown, typeName: string): string | null {
  // TypeBox schemas are JSON Schema; its own type only hides the members.
  return describe(schema as JsonSchema, value, typeName);
}

function describe(schema: JsonSchema, value: unknown, name: string): string | null {
  if (schema.anyOf) return describeUnion(schema.anyOf, value, schema.title ?? name);
  if (schema.enum) return describeEnum(schema.enum, value);
  if (schema.const !== undefined) return schema.const === value ? null : describeEnum([schema.const], value);
  switch (schema.type) {
    case "string":
      return schema.pattern === undefined ? describeString(value) : describePath(schema.pattern, value);
    case "boolean":
      return typeof value === "boolean" ? null : wrongType(value, "a boolean");
    case "integer":
      return describeInteger(schema, value);
    case "number":
      return typeof value === "number" ? null : wrongType(value, "f64");
    case "null":
      return value === null ? null : wrongType(value, "unit");
    case "array":
      return describeArray(schema, value, name);
    case "object":
      return schema.properties ? describeObject(schema, value, name) : describeMap(schema, value, name);
    default:
      return null;
  }
}

function describeObject(schema: JsonSchema, value: unknown, name: string): string | null {
  const properties = Object.entries(schema.properties ?? {});
  const struct = `struct ${schema.title ?? name}`;
  // The reference also takes the members in their order; no client is known to send that.
  if (Array.isArray(value) && value.length < properties.length) {
    const elements = properties.length === 1 ? "1 element" : `${properties.length} elements`;
    return `invalid length ${value.length}, expected ${struct} with ${elements}`;
  }
  if (!isRecord(value)) return wrongType(value, struct);
  for (const [key, property] of properties) {
    if (!(key in value)) continue;
    const problem = describe(property, value[key], capitalized(key));
    if (problem !== null) return problem;
  }
  const missing = schema.required?.find((key) => !(key in value));
  return missing === undefined ? null : `missing field \`${missing}\``;
}

function describeMap(schema: JsonSchema, value: unknown, name: string): string | null {
  if (!isRecord(value)) return wrongType(value, "a map");
  const [items] = Object.values(schema.patternProperties ?? {});
  if (!items) return null;
  for (const item of Object.values(value)) {
    const problem = describe(items, item, name);
    if (problem !== null) return problem;
  }
  return null;
}

function describeArray(schema: JsonSchema, value: unknown, name: string): string | null {
  if (!Array.isArray(value)) return wrongType(value, "a sequence");
  for (const item of value) {
    const problem = schema.items ? describe(schema.items, item, name) : null;
    if (problem !== null) return problem;
  }
  return null;
}

function describeString(value: unknown): string | null {
  return typeof value === "string" ? null : wrongType(value, "a string");
}

/** Only paths have a pattern: that of absolute ones. */
function describePath(pattern: string, value: unknown): string | null {
  if (typeof value !== "string") return wrongType(value, "path string");
  return new RegExp(pattern).test(value) ? null : "AbsolutePathBuf deserialized without a base path";
}

function describeInteger(schema: JsonSchema, value: unknown): string | null {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const expected = minimum < 0 ? "i64" : maximum === Infinity ? "usize" : "u32";
  if (typeof value !== "number" || !isWireInteger(value)) return wrongType(value, expected);
  if (value < minimum || value > maximum) {
    return `invalid value: integer \`${value}\`, expected ${expected}`;
  }
  return null;
}

function describeEnum(variants: readonly unknown[], value: unknown): string | null {
  if (typeof value !== "string") return wrongType(value, "string or map");
  return variants.includes(value) ? null : unknownVariant(value, variants.map(String));
}

function describeUnion(union: readonly JsonSchema[], value: unknown, name: string): string | null {
  const branches = union.filter((branch) => branch.type !== "null");
  if (value === null && branches.length < union.length) return null;
  const [only] = branches;
  if (branches.length === 1 && only) return describe(only, value, name);
  if (branches.every((branch) => tagOf(branch) !== null)) return describeTagged(branches, value, name);
  return describeUntagged(branches, value);
}

/** The value of the `type` member that tells this branch from the others. */
function tagOf(branch: JsonSchema): string | null {
  const tag = branch.properties?.["type"]?.const;
  return typeof tag === "string" ? tag : null;
}

function describeTagged(branches: readonly JsonSchema[], value: unknown, name: string): string | null {
  if (!isRecord(value)) return wrongType(value, `internally tagged enum ${name}`);
  if (!("type" in value)) return "missing field `type`";
  const tag = value["type"];
  if (typeof tag !== "string") return wrongType(tag, "variant identifier");
  const branch = branches.find((candidate) => tagOf(candidate) === tag);
  if (!branch) return unknownVariant(tag, branches.map((candidate) => tagOf(candidate) ?? ""));
  return describe(branch, value, name);
}

/** Plain words and one-member objects: `"never"` or `{ granular: … }`. */
function describeUntagged(branches: readonly JsonSchema[], value: unknown): string | null {
  if (typeof value !== "string" && !isRecord(value)) return wrongType(value, "string or map");
  const [found = "", ...more] = typeof value === "string" ? [value] : Object.keys(value);
  if (typeof value !== "string" && (found === "" || more.length > 0)) {
    return "invalid value: map, expected map with a single key";
  }
  const variants = branches.flatMap((branch) => [...wordsOf(branch), ...Object.keys(branch.properties ?? {})]);
  if (!variants.includes(found)) return unknownVariant(found, variants);
  if (typeof value === "string") {
    const isWord = branches.some((branch) => wordsOf(branch).includes(found));
    return isWord ? null : "invalid type: unit variant, expected struct variant";
  }
  const branch = branches.find((candidate) => candidate.properties?.[found]);
  const inner = branch?.properties?.[found];
  if (!inner) return "invalid type: map, expected unit variant";
  if (!isRecord(value[found]) && inner.properties) return wrongType(value[found], "struct variant");
  return describe(inner, value[found], capitalized(found));
}

function wordsOf(branch: JsonSchema): string[] {
  return (branch.enum ?? (branch.const === undefined ? [] : [branch.const])).map(String);
}

export function unknownVariant(found: string, variants: readonly string[]): string {
  const quoted = variants.map((variant) => `\`${variant}\``);
  const expected = quoted.length > 2 ? `one of ${quoted.join(", ")}` : quoted.join(" or ");
  return `unknown variant \`${found}\`, expected ${expected}`;
}

function wrongType(value: unknown, expected: string): string {
  return `invalid type: ${nameOf(value)}, expected ${expected}`;
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "sequence";
  switch (typeof value) {
    case "string":
      return `string ${JSON.stringify(value)}`;
    case "boolean":
      return `boolean \`${value}\``;
    case "number":
      return isWireInteger(value) ? `integer \`${value}\`` : `floating point \`${value}\``;
    default:
      return "map";
  }
}

/** Numbers beyond 64 bits travel as floating point. */
function isWireInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 64;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
