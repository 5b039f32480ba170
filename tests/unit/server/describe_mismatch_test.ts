// The walker and the compiled check agree on what fits: a server that has just started uses the walker alone.
import assert from "node:assert/strict";
import { Compile } from "typebox/compile";
import { Create } from "typebox/value";
import { clientRequests } from "../../../src/protocol/client_requests.ts";
import { serverRequests } from "../../../src/protocol/server_requests.ts";
import { describeMismatch } from "../../../src/server/describe_mismatch.ts";

const OTHERS: readonly unknown[] = [null, true, 1, -1, 1.5, 2 ** 32, "x", "", [], [1], {}, { type: "x" }, { x: 1 }];

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

Deno.test("describeMismatch() says what is wrong in the recorded words", () => {
  const policy = (sandboxPolicy: unknown): unknown => ({ threadId: "t", input: [], sandboxPolicy });
  const element = (byteRange: unknown): unknown => ({
    threadId: "t",
    input: [{ type: "text", text: "x", text_elements: [byteRange] }],
  });
  const approval = (approvalPolicy: unknown): unknown => ({ threadId: "t", input: [], approvalPolicy });
  const variants = "expected one of `untrusted`, `on-failure`, `on-request`, `granular`, `never`";
  const singleKey = "invalid value: map, expected map with a single key";
  const relative = "AbsolutePathBuf deserialized without a base path";
  const rows: ["turn/start" | "model/list", unknown, string][] = [
    ["turn/start", policy({ type: "workspaceWrite", writableRoots: ["rel"] }), relative],
    ["turn/start", policy({ type: "workspaceWrite", writableRoots: ["/tmp", ""] }), relative],
    [
      "turn/start",
      policy({ type: "workspaceWrite", writableRoots: ["/tmp", 4] }),
      "invalid type: integer `4`, expected path string",
    ],
    ["turn/start", policy({ type: "readOnly", access: { type: "restricted", readableRoots: ["~/x"] } }), relative],
    [
      "turn/start",
      policy({ type: "readOnly", access: 3 }),
      "invalid type: integer `3`, expected internally tagged enum ReadOnlyAccess",
    ],
    ["turn/start", approval("x"), `unknown variant \`x\`, ${variants}`],
    ["turn/start", approval({ x: 1 }), `unknown variant \`x\`, ${variants}`],
    ["turn/start", approval({}), singleKey],
    ["turn/start", approval({ granular: {}, never: {} }), singleKey],
    ["turn/start", approval("granular"), "invalid type: unit variant, expected struct variant"],
    ["turn/start", approval({ granular: { sandbox_approval: true } }), "missing field `rules`"],
    [
      "turn/start",
      { threadId: "t", input: ["x"] },
      'invalid type: string "x", expected internally tagged enum UserInput',
    ],
    ["turn/start", element(3), "invalid type: integer `3`, expected struct TextElement"],
    [
      "turn/start",
      element({ byteRange: { start: 0, end: -1 } }),
      "invalid value: integer `-1`, expected usize",
    ],
    ["model/list", { limit: 2 ** 32 }, "invalid value: integer `4294967296`, expected u32"],
    ["model/list", { limit: 1e30 }, "invalid type: floating point `1e+30`, expected u32"],
    ["model/list", [1], "invalid length 1, expected struct ModelListParams with 3 elements"],
    ["model/list", [null, 1, true], "invalid type: sequence, expected struct ModelListParams"],
  ];
  for (const [method, params, reason] of rows) {
    const name = method === "model/list" ? "ModelListParams" : "TurnStartParams";
    assert.equal(describeMismatch(clientRequests[method].params, params, name), reason, JSON.stringify(params));
  }
  assert.equal(describeMismatch(clientRequests["model/list"].params, { limit: 2 ** 32 - 1 }, "x"), null);
  assert.equal(describeMismatch(clientRequests["turn/start"].params, approval("never"), "x"), null);
});
