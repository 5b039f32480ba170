// The builders make what TypeBox makes: same keywords in the same order, same hidden marks.
import assert from "node:assert/strict";
import { Type as TypeBox } from "typebox";
import { nullable, oneOf, Type } from "../../../src/protocol/schema.ts";

type Builders = typeof Type;

const rows: Record<string, (type: Builders) => unknown> = {
  "Array": (type) => type.Array(type.String()),
  "Boolean": (type) => type.Boolean(),
  "Enum": (type) => type.Enum(["a", "b"]),
  "Integer with a bound": (type) => type.Integer({ minimum: 0 }),
  "Literal text": (type) => type.Literal("a"),
  "Literal number": (type) => type.Literal(1),
  "Null": (type) => type.Null(),
  "Number": (type) => type.Number(),
  "Object": (type) => type.Object({ a: type.String(), b: type.Optional(type.Integer()) }),
  "Object with nothing required": (type) => type.Object({ b: type.Optional(type.Integer()) }),
  "Object without fields": (type) => type.Object({}),
  "Object with options": (type) => type.Object({ a: type.String() }, { title: "T" }),
  "Optional object": (type) => type.Optional(type.Object({ a: type.String() })),
  "Record": (type) => type.Record(type.String(), type.Unknown()),
  "String with options": (type) => type.String({ minLength: 1 }),
  "Union": (type) => type.Union([type.String(), type.Null()]),
  "Unknown": (type) => type.Unknown(),
};

function bare(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(Object.getOwnPropertyDescriptors(value)).map(([name, { value, ...rest }]) => [
    name,
    rest,
    bare(value),
  ]);
}

for (const [name, build] of Object.entries(rows)) {
  Deno.test(`Type makes what TypeBox makes: ${name}`, () => {
    // TypeBox offers more functions than Builders names, which is all that a row uses.
    assert.deepEqual(bare(build(Type)), bare(build(TypeBox)));
  });
}

Deno.test("Type.Optional() leaves the schema that it was given required", () => {
  const shared = Type.String();
  Type.Optional(shared);
  assert.deepEqual(bare(shared), bare(TypeBox.String()));
});

Deno.test("nullable() and oneOf() are a union and an enumeration", () => {
  assert.deepEqual(bare(nullable(Type.String())), bare(TypeBox.Union([TypeBox.String(), TypeBox.Null()])));
  assert.deepEqual(bare(oneOf(["a", "b"])), bare(TypeBox.Enum(["a", "b"])));
});
