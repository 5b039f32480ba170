// The schema builders that the wire types are written with. They make exactly what TypeBox's own functions of the same
// names make (a test holds them against each other), without loading TypeBox: a server answers `initialize` before
// the compiler of validators is needed, and building the tables must not cost more than the tables are worth.
import type { TEnum, TInteger, TNull, TSchema, TUnion, Type as TypeBox } from "typebox";

type Builders = Pick<
  typeof TypeBox,
  | "Array"
  | "Boolean"
  | "Enum"
  | "Integer"
  | "Literal"
  | "Null"
  | "Number"
  | "Object"
  | "Optional"
  | "Record"
  | "String"
  | "Union"
  | "Unknown"
>;

type Options = Readonly<Record<string, unknown>>;

/** JSON Schema keywords are enumerable, TypeBox's own marks are not: a schema prints as plain JSON Schema. */
function make(kind: string, keywords: Options, options: Options = {}): object {
  return mark({ ...keywords, ...options }, "~kind", kind);
}

function mark(schema: object, name: "~kind" | "~optional", value: unknown): object {
  return Object.defineProperty(schema, name, { value, configurable: true, writable: true, enumerable: false });
}

/** A leaf without options is one shared value: most of the tables' schemas are such leaves. */
function leaf(kind: string, keywords: Options): (options?: Options) => object {
  const shared = make(kind, keywords);
  return (options) => options === undefined ? shared : make(kind, keywords, options);
}

function makeObject(properties: Readonly<Record<string, object>>, options?: Options): object {
  const required = Object.keys(properties).filter((name) => !("~optional" in (properties[name] ?? {})));
  const keywords = required.length > 0 ? { type: "object", required, properties } : { type: "object", properties };
  return make("Object", keywords, options);
}

/** A copy of the schema with the mark: where it is used elsewhere it stays required. */
function makeOptional(schema: object): object {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema));
  return mark(copy, "~optional", true);
}

const builders = {
  Array: (items: object, options?: Options) => make("Array", { type: "array", items }, options),
  Boolean: leaf("Boolean", { type: "boolean" }),
  Enum: (values: readonly string[], options?: Options) => make("Enum", { enum: values }, options),
  Integer: leaf("Integer", { type: "integer" }),
  Literal: (value: string | number | boolean, options?: Options) =>
    make("Literal", { type: typeof value, const: value }, options),
  Null: leaf("Null", { type: "null" }),
  Number: leaf("Number", { type: "number" }),
  Object: makeObject,
  Optional: makeOptional,
  /** Keys are always text on this wire. */
  Record: (_key: object, value: object) => make("Record", { type: "object", patternProperties: { "^.*$": value } }),
  String: leaf("String", { type: "string" }),
  Union: (anyOf: readonly object[], options?: Options) => make("Union", { anyOf }, options),
  Unknown: leaf("Unknown", {}),
};

// TypeBox's types compute the static type of what each function makes; the functions above make the same values.
export const Type = builders as unknown as Builders;

/** A value of `schema` or `null`. The wire tells a missing field from a null one: combine with `Type.Optional` for both. */
export function nullable<T extends TSchema>(
  schema: T,
): TUnion<[T, TNull]> {
  return Type.Union([schema, Type.Null()]);
}

/** The largest integer that 32 bits hold without a sign. */
const MAX_U32 = 0xffff_ffff;

/** A whole number that the wire keeps in 32 bits. */
export function u32(): TInteger {
  return Type.Integer({ minimum: 0, maximum: MAX_U32 });
}

/** One of a closed set of strings. */
export function oneOf<const T extends readonly string[]>(values: T): TEnum<[...T]> {
  // The cast only restates the tuple's own literal types: Type.Enum widens a generic tuple to string[].
  return Type.Enum(values as unknown as string[]) as unknown as TEnum<[...T]>;
}
