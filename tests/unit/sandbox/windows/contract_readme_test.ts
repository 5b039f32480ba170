import assert from "node:assert/strict";
import type { TSchema } from "typebox";
import { CONTRACT_VERSION, MAX_FRAME_BYTES, PAYLOADS } from "../../../../src/sandbox/windows/contract.ts";

/** Names of the properties of an object, of those in it too. */
function fieldsOf(schema: TSchema): readonly string[] {
  const { properties = {}, anyOf = [], items } = schema as {
    properties?: Record<string, TSchema>;
    anyOf?: readonly TSchema[];
    items?: TSchema;
  };
  return [
    ...Object.entries(properties).flatMap(([name, field]) => [name, ...fieldsOf(field)]),
    ...anyOf.flatMap(fieldsOf),
    ...(items === undefined ? [] : fieldsOf(items)),
  ];
}

Deno.test("the contract's README names its version, its limit, every frame and every field", async () => {
  const url = new URL("../../../../src/sandbox/windows/README.md", import.meta.url);
  const text = await Deno.readTextFile(url);
  const code = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, inside]) => inside?.match(/\w+/g) ?? []);
  const named = new Set(code);
  const wanted = Object.entries(PAYLOADS).flatMap(([type, schema]) => [type, ...fieldsOf(schema)]);
  assert.ok(wanted.includes("capabilitySids") && wanted.includes("groupSid") && wanted.includes("columns"));
  assert.deepEqual(wanted.filter((word) => !named.has(word)), []);
  assert.ok(text.includes(`{"version": ${CONTRACT_VERSION}, `));
  assert.ok(text.includes(`at most ${MAX_FRAME_BYTES / 1024 / 1024} MiB`));
});
