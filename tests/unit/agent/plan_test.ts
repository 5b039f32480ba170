import assert from "node:assert/strict";
import { parsePlan } from "../../../src/agent/plan.ts";

const ROWS: readonly { args: Record<string, unknown>; expected: unknown }[] = [
  {
    args: { explanation: "why", plan: [{ step: "a", status: "in_progress" }, { step: "b", status: "pending" }] },
    expected: { explanation: "why", plan: [{ step: "a", status: "inProgress" }, { step: "b", status: "pending" }] },
  },
  { args: { plan: [] }, expected: { explanation: null, plan: [] } },
  { args: {}, expected: "missing field `plan`" },
  { args: { plan: "x" }, expected: "invalid type: expected a list for `plan`" },
  { args: { plan: [], explanation: 1 }, expected: "invalid type: expected a string for `explanation`" },
  { args: { plan: [{ status: "pending" }] }, expected: "missing field `step`" },
  {
    args: { plan: [{ step: "a", status: "done" }] },
    expected: "unknown variant `done`, expected one of `pending`, `in_progress`, `completed`",
  },
];

for (const { args, expected } of ROWS) {
  Deno.test(`parsePlan() of ${JSON.stringify(args)}`, () => assert.deepEqual(parsePlan(args), expected));
}
