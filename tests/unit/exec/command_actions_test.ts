// recorded_actions.json holds what the reference shows for each command; OURS are the rows where it would mislead.
import { deepEqual } from "node:assert/strict";
import recorded from "./recorded_actions.json" with { type: "json" };
import { readAsset } from "../../../src/host/assets.ts";
import { createCommandInspector } from "../../../src/exec/command_inspection.ts";

const inspector = createCommandInspector(readAsset);

for (const [script, expected] of recorded as [string, unknown[]][]) {
  Deno.test(`commandActions() as recorded: ${script}`, async () => {
    deepEqual((await inspector.inspect(["/bin/bash", "-lc", script])).actions, expected);
  });
}

const OURS: readonly (readonly [string, unknown[]])[] = [
  ["ls | xargs rm", [{ type: "unknown", command: "ls | xargs rm" }]],
  ["cat a | tee b", [{ type: "unknown", command: "cat a | tee b" }]],
  ["find a -delete", [{ type: "unknown", command: "find a -delete" }]],
  ["cat a;", [{ type: "read", command: "cat a", name: "a", path: "a" }]],
  ["rg -j 2 foo x", [{ type: "search", command: "rg -j 2 foo x", query: "foo", path: "x" }]],
  ["cat a\\!b", [{ type: "read", command: "cat 'a!b'", name: "a!b", path: "a!b" }]],
  ["cat a\\\nb", [{ type: "unknown", command: "cat a\\\nb" }]],
];

for (const [script, expected] of OURS) {
  Deno.test(`commandActions() ${JSON.stringify(script)}`, async () => {
    deepEqual((await inspector.inspect(["/bin/bash", "-lc", script])).actions, expected);
  });
}

Deno.test("commandActions() of a command without a shell", async () => {
  deepEqual((await inspector.inspect(["cat", "a b"])).actions, [
    { type: "read", command: "cat 'a b'", name: "a b", path: "a b" },
  ]);
  deepEqual((await inspector.inspect(["./run", "$x"])).actions, [{ type: "unknown", command: "./run '$x'" }]);
});
