// Small builders on top of TypeBox for shapes that the wire uses everywhere.
import { type TEnum, type TNull, type TSchema, type TUnion, Type } from "typebox";

/** A value of `schema` or `null`. The wire tells a missing field from a null one: combine with `Type.Optional` for both. */
export function nullable<T extends TSchema>(
  schema: T,
): TUnion<[T, TNull]> {
  return Type.Union([schema, Type.Null()]);
}

/** One of a closed set of strings. */
export function oneOf<const T extends readonly string[]>(values: T): TEnum<[...T]> {
  // The cast only restates the tuple's own literal types: Type.Enum widens a generic tuple to string[].
  return Type.Enum(values as unknown as string[]) as unknown as TEnum<[...T]>;
}
