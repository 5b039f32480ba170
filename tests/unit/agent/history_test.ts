import assert from "node:assert/strict";
import { repaired } from "../../../src/agent/history.ts";
import type { ResponseItem } from "../../../src/protocol/types/response_item.ts";

const call = (id: string): ResponseItem => ({ type: "function_call", name: "t", arguments: "{}", call_id: id });
const output = (id: string, text = "ok"): ResponseItem => ({ type: "function_call_output", call_id: id, output: text });
const custom: ResponseItem = { type: "custom_tool_call", name: "apply_patch", input: "x", call_id: "p" };

const ROWS: readonly { name: string; items: ResponseItem[]; expected: ResponseItem[] }[] = [
  { name: "leaves pairs alone", items: [call("a"), output("a")], expected: [call("a"), output("a")] },
  {
    name: "answers calls that were lost, each in its own kind",
    items: [call("a"), custom],
    expected: [
      call("a"),
      output("a", "aborted"),
      custom,
      { type: "custom_tool_call_output", call_id: "p", output: "aborted" },
    ],
  },
  {
    name: "drops outputs without a call",
    items: [output("z"), call("a"), output("a")],
    expected: [call("a"), output("a")],
  },
  { name: "drops what no provider takes", items: [{ type: "other" }], expected: [] },
];

for (const { name, items, expected } of ROWS) {
  Deno.test(`repaired() ${name}`, () => assert.deepEqual(repaired(items), expected));
}
