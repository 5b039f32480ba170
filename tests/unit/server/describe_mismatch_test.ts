// The walker and the compiled check agree on what fits: a server that has just started uses the walker alone.
import assert from "node:assert/strict";
import { Compile } from "typebox/compile";
import { Create } from "typebox/value";
import { clientRequests } from "../../../src/protocol/client_requests.ts";
import { serverRequests } from "../../../src/protocol/server_requests.ts";
import { describeMismatch } from "../../../src/server/describe_mismatch.ts";

const OTHERS: readonly unknown[] = [null, true, 1, -1, 1.5, "x", "", [], [1], {}, { type: "x" }, { x: 1 }];

/** The value with one member, at any depth, missing or of another kind. */
function* variants(value: unknown): Generator<unknown> {
  yield* OTHERS;
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    if (!Array.isArray(value)) yield rest;
    for (const changed of variants(member)) {
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    }
  }
}

const rows = [
  ...Object.entries(clientRequests).map(([method, row]) => [`params of ${method}`, row.params] as const),
  ...Object.entries(serverRequests).map(([method, row]) => [`answer to ${method}`, row.result] as const),
];

for (const [name, schema] of rows) {
  Deno.test(`describeMismatch() finds fault where the compiled check does: ${name}`, () => {
    const validator = Compile(schema);
    const sample = Create(schema);
    for (const value of [sample, ...variants(sample)]) {
      const problem = describeMismatch(schema, value, "Name");
      assert.equal(problem === null, validator.Check(value), `${JSON.stringify(value)}: ${problem}`);
    }
  });
}
