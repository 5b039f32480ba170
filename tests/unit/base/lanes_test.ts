import assert from "node:assert/strict";
import { createLanes } from "../../../src/base/lanes.ts";

Deno.test("createLanes() starts the task of an empty lane before it returns", () => {
  const seen: string[] = [];
  void createLanes().run("a", () => void seen.push("ran"));
  assert.deepEqual(seen, ["ran"]);
});

Deno.test("createLanes() runs one lane in order and other lanes meanwhile", async () => {
  const lanes = createLanes();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lanes.run("a", async () => {
    await gate.promise;
    seen.push("a1");
  });
  const second = lanes.run("a", () => void seen.push("a2"));
  await lanes.run("b", () => void seen.push("b1"));
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(seen, ["b1", "a1", "a2"]);
});

Deno.test("createLanes() goes on after a task that failed, and hands the failure to its own caller", async () => {
  const lanes = createLanes();
  const failing = lanes.run("a", () => {
    throw new Error("boom");
  });
  const next = lanes.run("a", () => "fine");
  await assert.rejects(failing, /boom/);
  assert.equal(await next, "fine");
});
